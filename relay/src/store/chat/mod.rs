//! The part of the store that concerns conversations, members, messages, marks and sync.

mod rows;
mod writes;

pub use rows::{
    Caller, ConversationKey, ConversationRow, DeviceRow, KnownCommand, Left, MemberRow, Position, Seen,
    SessionKey, UserKey, UserRow,
};
pub use writes::ChatWrites;

use super::Result;
use confab_protocol::sync::{ChangesRequest, HistoryPage, HistoryRequest};
use confab_protocol::{ConversationId, DeviceId, Head, RunId, User, UserId};

/// Reads about conversations. "Member" means a current one unless said otherwise.
pub trait ChatReads {
    /// The last commit of a run in this very database; of the latest run, the last that it may make. `None` if the run is
    /// not of this history.
    ///
    /// It is exact for a run that was followed by another, also if it was killed, and in a copy that was made while it
    /// ran: what clients say they have seen is compared with it. Too small a number takes a crash for a fork, too large a
    /// one hides a fork.
    ///
    /// # Errors
    /// What the database says.
    fn run_end(&self, run: RunId) -> Result<Option<u64>>;

    /// The user of a session that has not ended.
    ///
    /// # Errors
    /// What the database says.
    fn caller(&self, user: UserId, device: DeviceId) -> Result<Option<Caller>>;

    /// Whom a user has blocked, and who has blocked the user; twice if both.
    ///
    /// # Errors
    /// What the database says.
    fn apart(&self, user: UserKey) -> Result<Vec<UserId>>;

    /// Whom a user has blocked.
    ///
    /// # Errors
    /// What the database says.
    fn blocked(&self, user: UserKey) -> Result<Vec<UserId>>;

    /// The user's conversations that were touched after the commit `since` (all if `None`), left ones included, in the
    /// order of their keys from above `after`.
    ///
    /// # Errors
    /// What the database says.
    fn touched(
        &self,
        user: UserKey,
        since: Option<u64>,
        after: ConversationKey,
        limit: usize,
    ) -> Result<Vec<ConversationKey>>;

    /// A conversation as the user sees it; `None` if they never were a member.
    ///
    /// # Errors
    /// What the database says.
    fn head(&self, user: UserKey, conversation: ConversationKey) -> Result<Option<Head>>;

    /// The user's acquaintances whose profile changed after the commit `since`.
    ///
    /// # Errors
    /// What the database says.
    fn profiles_changed(&self, user: UserKey, since: u64) -> Result<Vec<User>>;

    /// Profiles by id, without asking who wants to know.
    ///
    /// # Errors
    /// What the database says.
    fn profiles(&self, users: &[UserId]) -> Result<Vec<User>>;

    /// The conversation, if the user is a member.
    ///
    /// # Errors
    /// What the database says.
    fn member_of(&self, user: UserKey, conversation: ConversationId) -> Result<Option<ConversationRow>>;

    /// Appends a [`confab_protocol::Delta`] as JSON to `out`: every row of the conversation that changed after the request's
    /// `since` (at most its rev), in the order of revs, up to `limit` rows (the request's own is not looked at) and
    /// [`confab_protocol::limits::PAGE_BYTES`]; of the messages only those in its `ranges`, if given. Written at once, because a page is large and is read by nobody but the client.
    ///
    /// # Errors
    /// What the database says; then what was appended means nothing.
    fn changes(
        &self,
        conversation: &ConversationRow,
        request: &ChangesRequest,
        limit: usize,
        out: &mut String,
    ) -> Result<()>;

    /// A page of history.
    ///
    /// # Errors
    /// What the database says.
    fn history(
        &self,
        conversation: &ConversationRow,
        request: &HistoryRequest,
        limit: usize,
    ) -> Result<HistoryPage>;

    /// Users whose user name or display name begins with `query`, contains it (three characters and more) or has a word
    /// that begins with it (fewer), whatever case, width and accents; with `exact`, whose user name it is.
    ///
    /// # Errors
    /// What the database says.
    fn find_users(&self, query: &str, exact: bool, limit: usize) -> Result<Vec<User>>;

    /// Of `users`, the profiles of those who are or were in a conversation of which `user` is a member, and one's own.
    ///
    /// # Errors
    /// What the database says.
    fn acquainted(&self, user: UserKey, users: &[UserId]) -> Result<Vec<User>>;

    /// Of `users`, those who are members of a conversation of which `user` is one, with their last time. Without those
    /// of whom one has blocked the other.
    ///
    /// # Errors
    /// What the database says.
    fn seen(&self, user: UserKey, users: &[UserId]) -> Result<Vec<Seen>>;

    /// The user's devices whose sessions last, the newest first.
    ///
    /// # Errors
    /// What the database says.
    fn devices(&self, user: UserKey) -> Result<Vec<DeviceRow>>;
}
