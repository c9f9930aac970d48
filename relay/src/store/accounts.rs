//! The part of the store that concerns accounts and sessions.

use super::Result;
use crate::auth::refresh::Rotation;
use confab_protocol::{DeviceId, User, UserId};

/// A user to be added.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The user.
    pub id: UserId,
    /// As [`confab_protocol::text::username`] gives it.
    pub username: String,
    /// As [`confab_protocol::text::display_name`] gives it.
    pub display_name: String,
    /// A PHC string.
    pub password: String,
    /// Now, in milliseconds since 1970.
    pub created_at: u64,
}

/// A session to be added.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The session.
    pub device: DeviceId,
    /// Whose.
    pub user: UserId,
    /// What the device calls itself.
    pub name: String,
    /// Its first refresh token.
    pub rotation: Rotation,
    /// Now, in milliseconds since 1970.
    pub created_at: u64,
}

/// An account, as a log-in needs it.
#[derive(Clone, Debug)]
pub struct Account {
    /// Who.
    pub user: User,
    /// A PHC string.
    pub password: String,
}

/// A session that has not ended, as a refresh needs it.
#[derive(Clone, Debug)]
pub struct LiveSession {
    /// Whose.
    pub user: User,
    /// Its refresh tokens.
    pub rotation: Rotation,
    /// When it was last connected or refreshed, in milliseconds since 1970.
    pub last_seen: u64,
}

/// Which of a user's sessions are kept. Times are in milliseconds since 1970.
#[derive(Clone, Copy, Debug)]
pub struct Keep {
    /// So many of those that were seen most recently.
    pub most: usize,
    /// None that was seen last before this.
    pub seen_since: u64,
    /// None at all of those that ended before this, which are forgotten.
    pub ended_since: u64,
}

/// Reads about accounts.
pub trait AccountReads {
    /// The account of a user name; none for a deleted user.
    ///
    /// # Errors
    /// What the database says.
    fn account(&self, username: &str) -> Result<Option<Account>>;

    /// A session, unless it has ended or never was.
    ///
    /// # Errors
    /// What the database says.
    fn live_session(&self, device: DeviceId) -> Result<Option<LiveSession>>;

    /// Whether anybody has an account.
    ///
    /// # Errors
    /// What the database says.
    fn has_users(&self) -> Result<bool>;
}

/// Writes about accounts.
pub trait AccountWrites: AccountReads {
    /// Adds a user; `false` if the name is taken.
    ///
    /// # Errors
    /// What the database says.
    fn add_user(&self, user: &NewUser) -> Result<bool>;

    /// Puts another PHC string in the place of `old`; `false` if that was changed meanwhile.
    ///
    /// # Errors
    /// What the database says.
    fn set_password(&self, user: UserId, old: &str, new: &str) -> Result<bool>;

    /// Adds a session of a user who exists.
    ///
    /// # Errors
    /// What the database says.
    fn add_session(&self, session: &NewSession) -> Result<()>;

    /// Notes that a session has other refresh tokens now, and that it was seen.
    ///
    /// # Errors
    /// What the database says.
    fn set_rotation(&self, device: DeviceId, rotation: &Rotation, now: u64) -> Result<()>;

    /// Ends a user's session; `false` if the user has no such session or it had ended.
    ///
    /// # Errors
    /// What the database says.
    fn end_session(&self, user: UserId, device: DeviceId, now: u64) -> Result<bool>;

    /// Ends those of a user's sessions that are not to be kept, forgets those that ended long ago, and gives back
    /// which it ended.
    ///
    /// # Errors
    /// What the database says.
    fn trim_sessions(&self, user: UserId, keep: Keep, now: u64) -> Result<Vec<DeviceId>>;
}
