//! The greeting: a socket says `hello` in time, or is closed.

use crate::hub::connection::{Close, Connection};
use crate::relay::Relay;
use crate::store::chat::Caller;
use crate::sync::heads;
use confab_protocol::error::close;
use confab_protocol::limits::Limits;
use confab_protocol::sync::{HeadsPage, Hello, Welcome};
use confab_protocol::{Code, ErrorBody, UserId};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

/// Sockets that have not said `hello`, by address: few each.
pub struct Greetings {
    most: usize,
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// One such socket. Dropped when it has said hello or gone.
pub struct Greeting {
    greetings: Arc<Greetings>,
    address: IpAddr,
}

impl Greetings {
    /// At most `most` for an address.
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, open: Mutex::default() })
    }

    /// Another one, if the address may.
    pub fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Greeting> {
        let mut open = self.open.lock();
        let count = open.entry(address).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Greeting { greetings: Arc::clone(self), address })
    }
}

impl Drop for Greeting {
    fn drop(&mut self) {
        let mut open = self.greetings.open.lock();
        if let Some(count) = open.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}

/// A connected device. Dropped, it is connected no more.
pub(super) struct Session {
    pub relay: Arc<Relay>,
    pub connection: Arc<Connection>,
}

impl Drop for Session {
    fn drop(&mut self) {
        let now = self.relay.now();
        let device_stays = self.relay.hub.disconnect(&self.connection, now);
        if let Some((user, session)) = self.connection.rows().filter(|_| !device_stays) {
            self.relay.writer.present(session, user, Some(now));
        }
    }
}

/// A `hello` that failed, and how the socket is closed then.
pub(super) struct Refused {
    pub error: ErrorBody,
    pub close: Close,
}

impl From<ErrorBody> for Refused {
    fn from(error: ErrorBody) -> Self {
        let close = match error.code {
            Code::Unauthenticated | Code::SessionEnded => {
                Close { code: close::UNAUTHENTICATED, reason: "hello failed" }
            }
            Code::Unavailable => Close { code: close::RESTART, reason: "the relay restarts" },
            _ => Close { code: crate::hub::connection::TRY_AGAIN_LATER, reason: "the relay is busy" },
        };
        Self { error, close }
    }
}

/// Lets a device in: subscribes it, then reads where it stands, so that nothing falls between.
///
/// Gives the welcome with the newest commit that can be in it.
pub(super) async fn hello(relay: &Arc<Relay>, hello: Hello) -> Result<(Session, u64, Welcome), Refused> {
    let now = relay.now();
    let claims = relay.tokens.verify(&hello.access_token, now).map_err(ErrorBody::from)?;
    let connection = Connection::new(relay.hub.next_id(), claims.user, claims.device, claims.expires_at, now);
    let connection = Arc::new(connection);
    if !relay.hub.connect(&connection) {
        return Err(ErrorBody::new(Code::Unavailable, "The relay is stopping.").after_ms(2_000).into());
    }
    let session = Session { relay: Arc::clone(relay), connection };
    let Found { caller, blocked, commit, page } = look_up(relay, claims.user, claims.device, hello).await?;
    session.connection.set_rows(caller.key, caller.session);
    relay.writer.present(caller.session, caller.key, None);
    relay.hub.arrived(claims.user);
    let welcome = Welcome {
        run: relay.run,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        user: caller.user,
        device: claims.device,
        now,
        expires_at: claims.expires_at,
        share_read: caller.share_read,
        blocked,
        limits: Limits { idle_timeout_ms: relay.options.timing.idle_ms, ..Limits::default() },
        page,
    };
    Ok((session, commit, welcome))
}

/// What the database knows of a device that says hello.
struct Found {
    caller: Caller,
    blocked: Vec<UserId>,
    commit: u64,
    page: HeadsPage,
}

async fn look_up(
    relay: &Relay,
    user: UserId,
    device: confab_protocol::DeviceId,
    hello: Hello,
) -> Result<Found, ErrorBody> {
    let Some(at) = relay.hub.position() else {
        return Err(ErrorBody::new(Code::Unavailable, "The relay is starting.").after_ms(1_000));
    };
    let found = relay
        .readers
        .read(move |reads| {
            let Some(caller) = reads.caller(user, device)? else { return Ok(None) };
            let blocked = reads.blocked(caller.key)?;
            let page = heads::first_page(reads, caller.key, hello.since.as_deref(), hello.seen, at)?;
            Ok(Some(Found { caller, blocked, commit: heads::newest(at), page }))
        })
        .await?;
    found.ok_or_else(|| ErrorBody::new(Code::SessionEnded, "This session has ended. Log in again."))
}
