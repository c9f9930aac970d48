//! Accounts: registering, logging in, refreshing and logging out, whatever the door that asks.
//!
//! Knows the store and the writer; it must not know HTTP, cookies or sockets' frames.

use crate::auth::password::{Passwords, Verdict};
use crate::auth::refresh::{Nonce, RefreshTokens, Rotation};
use crate::auth::token::{ACCESS_TOKEN_MS, Claims};
use crate::config::{Registration, Throttles};
use crate::relay::Relay;
use crate::store::accounts::{Keep, NewSession, NewUser};
use crate::store::{Result as StoreResult, Writes};
use crate::throttle::{Throttle, address_key};
use confab_protocol::http::{Login, Register};
use confab_protocol::{Code, DeviceId, ErrorBody, User, UserId, text};
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::Arc;
use uuid::Uuid;

/// Most devices of one user that are logged in. A further one logs out the one that was seen least recently.
const MAX_SESSIONS: usize = 100;

/// How long an ended session is remembered, in milliseconds.
const REMEMBER_ENDED_MS: u64 = 30 * 24 * 60 * 60 * 1000;

/// How fast tokens of the throttles come back, in milliseconds a token.
const REGISTER_PERIOD_MS: u64 = 10_000;
const LOGIN_PERIOD_MS: u64 = 1_000;
const FAILURE_PERIOD_MS: u64 = 20_000;
/// All addresses together may fail this many times as often as one, at one account.
const FAILURES_FROM_EVERYWHERE: u32 = 10;

/// A session that has just been opened or renewed.
#[derive(Debug)]
pub struct Opened {
    /// Who.
    pub user: User,
    /// The session.
    pub device: DeviceId,
    /// A JWT.
    pub access_token: String,
    /// The newest refresh token.
    pub refresh_token: String,
    /// How long the access token lasts, in seconds.
    pub expires_in: u64,
}

/// What a refresh came to.
enum Refreshed {
    Renewed(User, Rotation),
    Ended,
    Stolen(UserId),
}

/// The accounts of a running relay.
pub struct Accounts {
    relay: Arc<Relay>,
    registration: Registration,
    passwords: Passwords,
    refresh_tokens: RefreshTokens,
    hasher: RandomState,
    registering: Throttle<IpAddr>,
    logging_in: Throttle<IpAddr>,
    failing_here: Throttle<u64>,
    failing_anywhere: Throttle<u64>,
}

impl Accounts {
    /// With the relay's secret.
    pub fn new(relay: Arc<Relay>, secret: &[u8], registration: Registration, throttles: Throttles) -> Self {
        let parallel = std::thread::available_parallelism().map_or(1, usize::from);
        let everywhere = throttles.login_failures.saturating_mul(FAILURES_FROM_EVERYWHERE);
        Self {
            relay,
            registration,
            passwords: Passwords::new(parallel),
            refresh_tokens: RefreshTokens::new(secret),
            hasher: RandomState::new(),
            registering: Throttle::new(throttles.register_burst, REGISTER_PERIOD_MS),
            logging_in: Throttle::new(throttles.login_burst, LOGIN_PERIOD_MS),
            failing_here: Throttle::new(throttles.login_failures, FAILURE_PERIOD_MS),
            failing_anywhere: Throttle::new(
                everywhere,
                FAILURE_PERIOD_MS / u64::from(FAILURES_FROM_EVERYWHERE),
            ),
        }
    }

    /// Makes an account and its first session.
    ///
    /// # Errors
    /// `forbidden`, `rate_limited`, `invalid`, `username_taken`, or what the store says.
    pub async fn register(&self, from: IpAddr, request: Register) -> Result<Opened, ErrorBody> {
        if self.registration == Registration::Closed {
            return Err(ErrorBody::new(
                Code::Forbidden,
                "This relay takes no new accounts. Ask the person who runs it for one.",
            ));
        }
        let username = text::username(&request.username)?;
        let display_name = text::display_name(&request.display_name)?;
        text::password(&request.password)?;
        let device_name = device_name(request.device_name.as_deref())?;
        let now = self.relay.now();
        self.registering.take(address_key(from), now).map_err(|wait| too_often("registrations", wait))?;
        let wanted = username.clone();
        if self.relay.readers.read(move |reads| reads.account(&wanted)).await?.is_some() {
            return Err(taken(&username));
        }
        let password = self.passwords.hash(request.password).await?;
        let user = User { id: UserId(Uuid::now_v7()), username, display_name, deleted: false };
        let new = NewUser {
            id: user.id,
            username: user.username.clone(),
            display_name: user.display_name.clone(),
            password,
            created_at: now,
        };
        let session = new_session(user.id, device_name, now)?;
        let (stored, device, rotation) = (session.clone(), session.device, session.rotation);
        self.relay
            .writer
            .transact(move |writes| {
                if !writes.add_user(&new)? {
                    return Ok(Err(taken(&new.username)));
                }
                writes.add_session(&stored)?;
                Ok(Ok(()))
            })
            .await?;
        tracing::info!(user = %user.id, %device, "registered");
        self.opened(user, device, &rotation)
    }

    /// Opens a session for one who knows the password.
    ///
    /// # Errors
    /// `bad_credentials` alike for an unknown user and a wrong password; `rate_limited`, `invalid` (the device's
    /// name), or what the store says.
    pub async fn login(&self, from: IpAddr, request: Login) -> Result<Opened, ErrorBody> {
        let device_name = device_name(request.device_name.as_deref())?;
        let now = self.relay.now();
        let username = text::username(&request.username).ok();
        let account_key = self.hasher.hash_one(username.as_deref().unwrap_or(&request.username));
        let here_key = self.hasher.hash_one((account_key, address_key(from)));
        let limited = |wait| too_often("log-ins", wait);
        self.logging_in.take(address_key(from), now).map_err(limited)?;
        self.failing_here.take(here_key, now).map_err(limited)?;
        self.failing_anywhere.take(account_key, now).map_err(limited)?;
        let account = match username {
            Some(username) => self.relay.readers.read(move |reads| reads.account(&username)).await?,
            None => None,
        };
        let stored = account.as_ref().map(|account| account.password.clone());
        let verdict = self.passwords.verify(request.password, stored).await?;
        let Some(account) = account.filter(|_| verdict != Verdict::Wrong) else {
            tracing::info!(address = %from, "a log-in failed");
            return Err(ErrorBody::new(Code::BadCredentials, "Wrong user name or password."));
        };
        self.failing_here.give_back(&here_key);
        self.failing_anywhere.give_back(&account_key);
        let session = new_session(account.user.id, device_name, now)?;
        let (device, rotation) = (session.device, session.rotation);
        let user = account.user.id;
        let idle_since = self.idle_since(now);
        let surplus = self
            .relay
            .writer
            .transact(move |writes| {
                if let Verdict::RightButOld(renewed) = &verdict {
                    writes.set_password(user, &account.password, renewed)?;
                }
                open(writes, &session, idle_since).map(Ok)
            })
            .await?;
        surplus.into_iter().for_each(|device| self.close_sockets(device));
        tracing::info!(user = %account.user.id, %device, "logged in");
        self.opened(account.user, device, &rotation)
    }

    /// Renews a session by its refresh token, once. See [`Rotation::after`] for what a second time means.
    ///
    /// # Errors
    /// `unauthenticated` for what is no token of this relay's; `session_ended`; or what the store says.
    pub async fn refresh(&self, token: &str) -> Result<Opened, ErrorBody> {
        let presented = self.refresh_tokens.read(token).ok_or_else(|| {
            ErrorBody::new(Code::Unauthenticated, "This refresh token is not valid. Log in again.")
        })?;
        let fresh = nonce()?;
        let now = self.relay.now();
        let idle_since = self.idle_since(now);
        let device = presented.device;
        let outcome = self
            .relay
            .writer
            .transact(move |writes| {
                let Some(session) = writes.live_session(device)? else { return Ok(Ok(Refreshed::Ended)) };
                if session.last_seen < idle_since {
                    writes.end_session(session.user.id, device, now)?;
                    return Ok(Ok(Refreshed::Ended));
                }
                let Some(next) = session.rotation.after(&presented, fresh) else {
                    writes.end_session(session.user.id, device, now)?;
                    return Ok(Ok(Refreshed::Stolen(session.user.id)));
                };
                writes.set_rotation(device, &next, now)?;
                Ok(Ok(Refreshed::Renewed(session.user, next)))
            })
            .await?;
        match outcome {
            Refreshed::Renewed(user, rotation) => self.opened(user, device, &rotation),
            Refreshed::Ended => Err(ended()),
            Refreshed::Stolen(user) => {
                tracing::warn!(%user, %device, "a used refresh token came back: the session was ended");
                self.close_sockets(device);
                Err(ended())
            }
        }
    }

    /// Ends the session of an access token, or, with `device`, another session of the same user.
    ///
    /// # Errors
    /// `unauthenticated`, `session_ended`, `not_found` (no such device of this user), or what the store says.
    pub async fn log_out(&self, access_token: &str, device: Option<DeviceId>) -> Result<(), ErrorBody> {
        let claims = self.relay.tokens.verify(access_token, self.relay.now())?;
        let now = self.relay.now();
        let target = device.unwrap_or(claims.device);
        self.relay
            .writer
            .transact(move |writes| {
                let alive = writes.live_session(claims.device)?.is_some();
                Ok(match (alive, target == claims.device) {
                    (false, true) => Ok(()),
                    (false, false) => Err(ended()),
                    (true, _) if writes.end_session(claims.user, target, now)? => Ok(()),
                    (true, _) => Err(ErrorBody::new(Code::NotFound, "You have no such device.")),
                })
            })
            .await?;
        tracing::info!(user = %claims.user, device = %target, "logged out");
        self.close_sockets(target);
        Ok(())
    }

    /// Ends the session of a refresh token. An old one will do: one that is not the newest would end it anyway.
    ///
    /// # Errors
    /// `unauthenticated` for what is no token of this relay's, or what the store says.
    pub async fn log_out_by_refresh_token(&self, token: &str) -> Result<(), ErrorBody> {
        let presented = self.refresh_tokens.read(token).ok_or_else(|| {
            ErrorBody::new(Code::Unauthenticated, "This refresh token is not valid. Log in again.")
        })?;
        let now = self.relay.now();
        let device = presented.device;
        self.relay
            .writer
            .transact(move |writes| {
                if let Some(session) = writes.live_session(device)? {
                    writes.end_session(session.user.id, device, now)?;
                }
                Ok(Ok(()))
            })
            .await?;
        tracing::info!(%device, "logged out");
        self.close_sockets(device);
        Ok(())
    }

    /// Who an access token speaks for, if its session goes on.
    ///
    /// # Errors
    /// `unauthenticated`, `session_ended`, or what the store says.
    pub async fn authenticate(&self, access_token: &str) -> Result<Claims, ErrorBody> {
        let claims = self.relay.tokens.verify(access_token, self.relay.now())?;
        let session = self.relay.readers.read(move |reads| reads.live_session(claims.device)).await?;
        if session.is_some_and(|session| session.user.id == claims.user) { Ok(claims) } else { Err(ended()) }
    }

    /// How many passwords have been hashed so far.
    pub fn hashed(&self) -> u64 {
        self.passwords.hashed()
    }

    fn opened(&self, user: User, device: DeviceId, rotation: &Rotation) -> Result<Opened, ErrorBody> {
        Ok(Opened {
            access_token: self.relay.tokens.issue(user.id, device, self.relay.now())?,
            refresh_token: self.refresh_tokens.make(device, rotation),
            expires_in: ACCESS_TOKEN_MS / 1000,
            user,
            device,
        })
    }

    /// Sessions that were seen last before this time have expired.
    fn idle_since(&self, now: u64) -> u64 {
        self.relay.options.session_idle_ms.map_or(0, |idle_ms| now.saturating_sub(idle_ms))
    }

    fn close_sockets(&self, device: DeviceId) {
        self.relay.hub.end_session(device);
    }
}

/// Adds a session, makes room for it, and says which it pushed out; those that have expired go as well.
fn open(writes: &dyn Writes, session: &NewSession, idle_since: u64) -> StoreResult<Vec<DeviceId>> {
    let keep = Keep {
        most: MAX_SESSIONS - 1,
        seen_since: idle_since,
        ended_since: session.created_at.saturating_sub(REMEMBER_ENDED_MS),
    };
    let surplus = writes.trim_sessions(session.user, keep, session.created_at)?;
    writes.add_session(session)?;
    Ok(surplus)
}

fn new_session(user: UserId, name: String, now: u64) -> Result<NewSession, ErrorBody> {
    let device = DeviceId(Uuid::new_v4());
    Ok(NewSession { device, user, name, rotation: Rotation::first(nonce()?), created_at: now })
}

fn nonce() -> Result<Nonce, ErrorBody> {
    let mut nonce = Nonce::default();
    getrandom::fill(&mut nonce)
        .map_err(|_| ErrorBody::new(Code::Internal, "The relay's system gave no randomness."))?;
    Ok(nonce)
}

fn device_name(given: Option<&str>) -> Result<String, ErrorBody> {
    match given {
        Some(name) if !name.trim().is_empty() => text::device_name(name),
        _ => Ok("A device".to_owned()),
    }
}

fn taken(username: &str) -> ErrorBody {
    ErrorBody::new(Code::UsernameTaken, format!("The user name '{username}' is taken. Choose another one."))
}

fn ended() -> ErrorBody {
    ErrorBody::new(Code::SessionEnded, "This session has ended. Log in again.")
}

fn too_often(what: &str, wait_ms: u64) -> ErrorBody {
    let seconds = wait_ms.div_ceil(1000);
    ErrorBody::new(Code::RateLimited, format!("Too many {what}. Try again in {seconds} seconds."))
        .after_ms(wait_ms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::token::AccessTokens;
    use crate::relay::Options;
    use crate::store::sqlite::SqliteStore;
    use argon2::password_hash::PasswordHasher;
    use argon2::{Algorithm, Argon2, Params, Version};

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn accounts() -> Accounts {
        let store = SqliteStore::in_memory().unwrap();
        let relay =
            Relay::start(&store, AccessTokens::new(b"a secret for tests"), Options::default()).unwrap();
        let throttles = Throttles { register_burst: 0, login_burst: 0, login_failures: 2 };
        Accounts::new(relay, b"a secret for tests", Registration::Open, throttles)
    }

    fn login(username: &str, password: &str) -> Login {
        Login { username: username.into(), password: password.into(), device_name: None, cookie: false }
    }

    /// Time tells nothing about who exists, because the same work is done: one hash, whoever is asked for.
    #[tokio::test]
    async fn nobody_is_found_out_by_the_work_that_a_login_costs() {
        let accounts = accounts();
        register_alice(&accounts).await;
        for username in ["alice", "nobody", "!", ""] {
            let before = accounts.hashed();
            let error = accounts.login(HERE, login(username, "wrong password")).await.unwrap_err();
            assert_eq!(error.code, Code::BadCredentials, "{username}");
            assert_eq!(accounts.hashed() - before, 1, "{username}");
        }
    }

    /// A hash that was made with other costs is replaced where its password is known: at a log-in.
    #[tokio::test]
    async fn an_old_hash_is_renewed_at_a_login() {
        let accounts = accounts();
        let id = register_alice(&accounts).await;
        let costs = Params::new(8_192, 3, 1, None).unwrap();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, costs);
        let old = argon2.hash_password(b"correct horse").unwrap().to_string();
        let (now, to) = (stored(&accounts).await, old.clone());
        let replaced =
            accounts.relay.writer.transact(move |writes| writes.set_password(id, &now, &to).map(Ok));
        assert!(replaced.await.unwrap());
        assert_eq!(
            accounts.login(HERE, login("alice", "wrong")).await.unwrap_err().code,
            Code::BadCredentials
        );
        assert_eq!(stored(&accounts).await, old, "who does not know the password changes nothing");
        accounts.login(HERE, login("alice", "correct horse")).await.unwrap();
        assert!(stored(&accounts).await.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        accounts.login(HERE, login("alice", "correct horse")).await.unwrap();
    }

    async fn register_alice(accounts: &Accounts) -> UserId {
        let alice = Register {
            username: "alice".into(),
            display_name: "Alice".into(),
            password: "correct horse".into(),
            device_name: None,
            cookie: false,
        };
        accounts.register(HERE, alice).await.unwrap().user.id
    }

    async fn stored(accounts: &Accounts) -> String {
        accounts.relay.readers.read(|reads| reads.account("alice")).await.unwrap().unwrap().password
    }

    /// A refused try costs the relay no hash: that is what the throttle is for.
    #[tokio::test]
    async fn a_throttled_login_costs_no_hash() {
        let accounts = accounts();
        for _ in 0..2 {
            let _ = accounts.login(HERE, login("nobody", "wrong password")).await;
        }
        let before = accounts.hashed();
        let error = accounts.login(HERE, login("nobody", "wrong password")).await.unwrap_err();
        assert_eq!((error.code, accounts.hashed() - before), (Code::RateLimited, 0));
    }
}
