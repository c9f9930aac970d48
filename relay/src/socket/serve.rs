//! A socket's task.

use super::frames::Incoming;
use super::greet::{self, Greeting, Session};
use super::requests::Requests;
use super::wire::{End, Wire};
use crate::hub::connection::{Close, Connection};
use crate::hub::queue::{Class, Item};
use crate::relay::Relay;
use confab_protocol::error::close;
use confab_protocol::frame::{Request, Unreadable, answer, parse_request, refusal, stamped};
use confab_protocol::{Code, ErrorBody, limits};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};

/// Malformed frames that a socket may send.
const BAD_FRAMES: u32 = 10;
/// How long the closing handshake may take.
const CLOSING: Duration = Duration::from_secs(2);

/// How a socket ends.
enum Ending {
    /// The client went.
    Gone,
    /// The client closes, with this code.
    Asked(Option<u16>),
    /// The relay closes.
    Close(Close),
}

impl From<Close> for Ending {
    fn from(close: Close) -> Self {
        Self::Close(close)
    }
}

impl From<End> for Ending {
    fn from(end: End) -> Self {
        match end {
            End::Gone => Self::Gone,
            End::Malformed(why) => Self::Close(Close { code: why.code, reason: why.reason }),
        }
    }
}

/// Serves a socket until it ends.
pub(super) async fn serve<S>(relay: Arc<Relay>, mut wire: Wire<S>, greeting: Greeting)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let _open = relay.sockets.subscribe();
    let ending = match greeted(&relay, &mut wire).await {
        Ok(session) => {
            drop(greeting);
            let ending = talk(&session, &mut wire).await;
            drop(session);
            ending
        }
        Err(ending) => ending,
    };
    let goodbye = async {
        match ending {
            Ending::Gone => Ok(()),
            Ending::Asked(code) => wire.answer_close(code).await,
            Ending::Close(close) => {
                tracing::debug!(code = close.code, reason = close.reason, "a socket is closed");
                wire.close(close).await
            }
        }
    };
    // Whether the goodbye arrives changes nothing any more.
    let _ = tokio::time::timeout(CLOSING, Box::pin(goodbye)).await;
}

/// Waits for a good `hello`.
async fn greeted<S>(relay: &Arc<Relay>, wire: &mut Wire<S>) -> Result<Session, Ending>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let timeout = Duration::from_millis(limits::HELLO_TIMEOUT_MS);
    // In a box: it is large, and over before the long part of a socket's life.
    match tokio::time::timeout(timeout, Box::pin(greeting(relay, wire))).await {
        Ok(session) => session,
        Err(_) => Err(Close { code: close::HELLO_TIMEOUT, reason: "no hello in time" }.into()),
    }
}

async fn greeting<S>(relay: &Arc<Relay>, wire: &mut Wire<S>) -> Result<Session, Ending>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let mut bad = 0;
    loop {
        let text = match wire.receive().await? {
            Incoming::Text(text) => text,
            Incoming::Binary => {
                let text = too_bad(&mut bad, binary())?;
                send(wire, Some(text)).await?;
                continue;
            }
            Incoming::Ping(_) => {
                send(wire, None).await?;
                continue;
            }
            Incoming::Pong => continue,
            Incoming::Close(code) => return Err(Ending::Asked(code)),
        };
        match first_words(relay, &text, &mut bad).await? {
            Heard::Hello(session) => return Ok(session),
            Heard::Else(text) => send(wire, Some(text)).await?,
            Heard::Refused(text, close) => {
                send(wire, Some(text)).await?;
                return Err(close.into());
            }
        }
    }
}

/// What a socket said that has not been greeted yet, and what to answer.
pub(super) enum Heard {
    /// A good hello. The welcome is queued.
    Hello(Session),
    /// Something else.
    Else(String),
    /// A hello that failed: answer, then close.
    Refused(String, Close),
}

/// Looks at a text frame of a socket that has not been greeted yet.
pub(super) async fn first_words(relay: &Arc<Relay>, text: &str, bad: &mut u32) -> Result<Heard, Close> {
    Ok(match parse_request(text) {
        Ok((id, Request::Hello(hello))) => match greet::hello(relay, hello).await {
            Ok((session, commit, welcome)) => {
                let text = id.and_then(|id| answer(id, &welcome).ok());
                if let Some(text) = text.map(|text| stamped(commit, &text)) {
                    session.connection.push(text.into(), Class::Answer);
                }
                Heard::Hello(session)
            }
            Err(refused) => Heard::Refused(refusal(id, &refused.error).unwrap_or_default(), refused.close),
        },
        Ok((id, _)) => {
            let error = ErrorBody::new(Code::Unauthenticated, "Say hello first.");
            Heard::Else(refusal(id, &error).unwrap_or_default())
        }
        Err(unreadable) => Heard::Else(too_bad(bad, unreadable)?),
    })
}

async fn send<S>(wire: &mut Wire<S>, text: Option<String>) -> Result<(), Ending>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let items = text.into_iter().map(|text| Item::Text(text.into(), Class::Answer)).collect();
    wire.send(items).await.map_err(|_| Ending::Gone)
}

fn binary() -> Unreadable {
    let error = ErrorBody::new(Code::BadFrame, "Binary frames mean nothing here; send JSON as text.");
    Unreadable { id: None, error }
}

/// The refusal of a frame that could not be read, until there were too many of them.
#[allow(clippy::needless_pass_by_value, reason = "it is the last to see it")]
fn too_bad(bad: &mut u32, unreadable: Unreadable) -> Result<String, Close> {
    if unreadable.error.code == Code::BadFrame {
        *bad += 1;
        if *bad >= BAD_FRAMES {
            return Err(Close { code: close::BAD_FRAMES, reason: "too many malformed frames" });
        }
    }
    Ok(refusal(unreadable.id, &unreadable.error).unwrap_or_default())
}

/// Reads frames and writes what is queued, in turn, so that neither starves the other.
async fn talk<S>(session: &Session, wire: &mut Wire<S>) -> Ending
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let connection = &session.connection;
    let mut requests = Requests::new(session);
    let mut bad = 0;
    loop {
        if let Err(ending) = write(session, wire).await {
            return ending;
        }
        let incoming = tokio::select! {
            biased;
            incoming = wire.receive() => incoming,
            () = connection.wake.notified() => continue,
        };
        connection.heard_at.store(session.relay.now(), Relaxed);
        match incoming {
            Ok(Incoming::Text(text)) => {
                if let Err(close) = words(&mut requests, connection, &text, &mut bad).await {
                    return close.into();
                }
            }
            Ok(Incoming::Binary) => match too_bad(&mut bad, binary()) {
                Ok(text) => connection.push(text.into(), Class::Answer),
                Err(close) => return close.into(),
            },
            Ok(Incoming::Ping(_) | Incoming::Pong) => {}
            Ok(Incoming::Close(code)) => return Ending::Asked(code),
            Err(end) => return end.into(),
        }
    }
}

/// Does what a text frame of a greeted socket asks.
pub(super) async fn words(
    requests: &mut Requests<'_>,
    connection: &Connection,
    text: &str,
    bad: &mut u32,
) -> Result<(), Close> {
    match parse_request(text) {
        Ok((id, request)) => requests.handle(id, request).await,
        Err(unreadable) => connection.push(too_bad(bad, unreadable)?.into(), Class::Answer),
    }
    Ok(())
}

/// Writes everything that is queued. A client that takes nothing is waited for until the hub closes the connection.
async fn write<S>(session: &Session, wire: &mut Wire<S>) -> Result<(), Ending>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let connection = &session.connection;
    loop {
        let items = connection.take();
        let closed = connection.closed();
        if !items.is_empty() || wire.owes_pong() {
            connection.writing_since.store(session.relay.now(), Relaxed);
            let written = if closed.is_some() {
                // What was queued before the close (when to come back) is still told, if that is quick.
                tokio::time::timeout(CLOSING, wire.send(items)).await.ok()
            } else {
                tokio::select! {
                    biased;
                    written = wire.send(items) => Some(written),
                    () = interrupted(connection) => None,
                }
            };
            connection.writing_since.store(0, Relaxed);
            match written {
                Some(Ok(())) => {}
                Some(Err(_)) => return Err(Ending::Gone),
                None => return Err(connection.closed().map_or(Ending::Gone, Ending::Close)),
            }
        } else if let Some(close) = closed {
            return Err(close.into());
        } else {
            return Ok(());
        }
    }
}

/// Ends when a write is to be given up because the connection is to be closed and the client does not take what it
/// was sent before.
async fn interrupted(connection: &Connection) {
    connection.closing.notified().await;
    tokio::time::sleep(CLOSING).await;
}
