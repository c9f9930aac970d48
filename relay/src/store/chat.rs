//! The part of the store that concerns conversations, members, messages, marks and sync.

use super::Result;
use confab_protocol::sync::{Delta, HistoryPage, HistoryRequest};
use confab_protocol::{
    CommandId, ConversationId, DeviceId, Head, Kind, Mark, Message, MessageId, Role, RunId, User, UserId,
};

/// A user's row, inside the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserKey(pub i64);

/// A conversation's row, inside the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConversationKey(pub i64);

/// A session's row, inside the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionKey(pub i64);

/// Who a socket belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The user's row.
    pub key: UserKey,
    /// The session's row.
    pub session: SessionKey,
    /// The profile.
    pub user: User,
    /// Whether they share their read marks.
    pub share_read: bool,
}

/// A user as the writer needs them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRow {
    /// The row.
    pub key: UserKey,
    /// The profile.
    pub user: User,
    /// Whether they share their read marks.
    pub share_read: bool,
}

/// A conversation's counters and title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationRow {
    /// The row.
    pub key: ConversationKey,
    /// Its id.
    pub id: ConversationId,
    /// Its kind.
    pub kind: Kind,
    /// Its title; empty for a direct one.
    pub title: String,
    /// The rev of the title's latest change.
    pub title_rev: u64,
    /// When it was made.
    pub created_at: u64,
    /// Changes so far.
    pub rev: u64,
    /// Messages so far.
    pub seq: u64,
    /// The oldest message that there is.
    pub first_seq: u64,
    /// A digest of the changes so far.
    pub lineage: u64,
    /// Current members.
    pub members: u32,
    /// The commit that changed it last.
    pub commit: u64,
}

/// A member's row as the writer needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRow {
    /// The user's row.
    pub key: UserKey,
    /// Who.
    pub user: UserId,
    /// `None` for one who left.
    pub role: Option<Role>,
    /// Whether they share their read marks.
    pub share_read: bool,
}

/// Where a conversation stands when a member leaves it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Its rev then.
    pub rev: u64,
    /// Its seq then.
    pub seq: u64,
    /// Its lineage then.
    pub lineage: u64,
    /// Its title then.
    pub title: String,
}

/// A command that was accepted before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownCommand {
    /// By whom.
    pub user: UserKey,
    /// Its content's fingerprint; `None` for a message that the relay itself made.
    pub fingerprint: Option<[u8; 16]>,
    /// For a send: the message's place.
    pub seq: Option<u64>,
    /// The conversation's rev when it had been applied.
    pub rev: Option<u64>,
}

/// The store's place in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The latest start of the relay.
    pub run: RunId,
    /// The latest commit.
    pub commit: u64,
}

/// Someone's presence as the store knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Who.
    pub user: UserId,
    /// When they were last connected; 0 if never.
    pub last_seen: u64,
}

/// A device's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRow {
    /// The device.
    pub id: DeviceId,
    /// As it named itself.
    pub name: String,
    /// When it logged in.
    pub created_at: u64,
    /// When it was last connected.
    pub last_seen: u64,
}

/// Reads about conversations. "Member" means a current one unless said otherwise.
pub trait ChatReads {
    /// Where the store stands.
    ///
    /// # Errors
    /// What the database says.
    fn position(&self) -> Result<Position>;

    /// The last commit of a run; `None` if the run is not of this history.
    ///
    /// # Errors
    /// What the database says.
    fn run_end(&self, run: RunId) -> Result<Option<u64>>;

    /// The user of a session that has not ended.
    ///
    /// # Errors
    /// What the database says.
    fn caller(&self, user: UserId, device: DeviceId) -> Result<Option<Caller>>;

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

    /// Every row of the conversation that changed after `since`, in the order of revs, up to `limit` rows and
    /// [`confab_protocol::limits::PAGE_BYTES`]; of the messages only those in `ranges`, if given.
    ///
    /// # Errors
    /// What the database says.
    fn changes(
        &self,
        conversation: &ConversationRow,
        since: u64,
        ranges: Option<&[(u64, Option<u64>)]>,
        limit: usize,
    ) -> Result<Delta>;

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

    /// Users whose name contains, or whose user name begins with, `query`; with `exact`, whose user name it is.
    ///
    /// # Errors
    /// What the database says.
    fn find_users(&self, query: &str, exact: bool, limit: usize) -> Result<Vec<User>>;

    /// Of `users`, the profiles of those who are or were in a conversation of which `user` is a member, and one's own.
    ///
    /// # Errors
    /// What the database says.
    fn acquainted(&self, user: UserKey, users: &[UserId]) -> Result<Vec<User>>;

    /// Of `users`, those who are members of a conversation of which `user` is one, with their last time.
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

/// Writes about conversations, inside the writer's transaction.
pub trait ChatWrites: ChatReads {
    /// Records a start of the relay, and turns what a dead relay left of presence into times.
    ///
    /// # Errors
    /// What the database says.
    fn begin_run(&self, run: RunId, now: u64) -> Result<Position>;

    /// States the number of the commit that is being made.
    ///
    /// # Errors
    /// What the database says.
    fn set_commit(&self, commit: u64) -> Result<()>;

    /// States that the relay is alive.
    ///
    /// # Errors
    /// What the database says.
    fn set_alive(&self, now: u64) -> Result<()>;

    /// A session is connected.
    ///
    /// # Errors
    /// What the database says.
    fn set_present(&self, session: SessionKey, user: UserKey) -> Result<()>;

    /// A session is connected no more, since `at`.
    ///
    /// # Errors
    /// What the database says.
    fn set_gone(&self, session: SessionKey, user: UserKey, at: u64) -> Result<()>;

    /// The accepted command, or message, of this id.
    ///
    /// # Errors
    /// What the database says.
    fn known_command(&self, id: CommandId) -> Result<Option<KnownCommand>>;

    /// Keeps an accepted command that is no send.
    ///
    /// # Errors
    /// What the database says.
    fn record_command(
        &self,
        id: CommandId,
        user: UserKey,
        fingerprint: [u8; 16],
        rev: Option<u64>,
    ) -> Result<()>;

    /// A user by id.
    ///
    /// # Errors
    /// What the database says.
    fn user(&self, id: UserId) -> Result<Option<UserRow>>;

    /// A conversation by id.
    ///
    /// # Errors
    /// What the database says.
    fn conversation(&self, id: ConversationId) -> Result<Option<ConversationRow>>;

    /// All its member rows, those who left included.
    ///
    /// # Errors
    /// What the database says.
    fn members(&self, conversation: ConversationKey) -> Result<Vec<MemberRow>>;

    /// Makes a conversation; the row's own `key` is ignored.
    ///
    /// # Errors
    /// What the database says.
    fn insert_conversation(&self, row: &ConversationRow) -> Result<ConversationKey>;

    /// Stores a conversation's counters and title.
    ///
    /// # Errors
    /// What the database says.
    fn save_conversation(&self, row: &ConversationRow) -> Result<()>;

    /// Stores a member's role. `left` for one whose role ends.
    ///
    /// # Errors
    /// What the database says.
    fn save_member(
        &self,
        conversation: ConversationKey,
        user: UserKey,
        role: Option<Role>,
        rev: u64,
        commit: u64,
        left: &Left,
    ) -> Result<()>;

    /// A message of the conversation.
    ///
    /// # Errors
    /// What the database says.
    fn message(&self, conversation: ConversationKey, id: MessageId) -> Result<Option<Message>>;

    /// Stores a new message.
    ///
    /// # Errors
    /// What the database says.
    fn insert_message(
        &self,
        conversation: ConversationKey,
        message: &Message,
        fingerprint: Option<[u8; 16]>,
    ) -> Result<()>;

    /// Stores a message's new state.
    ///
    /// # Errors
    /// What the database says.
    fn save_message(&self, conversation: ConversationKey, message: &Message) -> Result<()>;

    /// The newest message that mentions the member is at least `seq`.
    ///
    /// # Errors
    /// What the database says.
    fn set_mention(&self, conversation: ConversationKey, user: UserKey, seq: u64) -> Result<()>;

    /// Moves the user's marks forward; `None` if that changes nothing.
    ///
    /// # Errors
    /// What the database says.
    fn advance_mark(
        &self,
        conversation: ConversationKey,
        user: UserKey,
        read: u64,
        delivered: u64,
        commit: u64,
    ) -> Result<Option<Mark>>;

    /// Hides the conversation from the user's list up to `seq`.
    ///
    /// # Errors
    /// What the database says.
    fn set_hidden(&self, conversation: ConversationKey, user: UserKey, seq: u64, commit: u64) -> Result<()>;

    /// Whether `blocker` has blocked `blocked`.
    ///
    /// # Errors
    /// What the database says.
    fn is_blocked(&self, blocker: UserKey, blocked: UserKey) -> Result<bool>;

    /// Blocks a user or takes that back.
    ///
    /// # Errors
    /// What the database says.
    fn set_blocked(&self, blocker: UserKey, blocked: UserKey, on: bool) -> Result<()>;

    /// Stores a user's display name and settings.
    ///
    /// # Errors
    /// What the database says.
    fn save_profile(&self, user: UserKey, display_name: &str, share_read: bool, commit: u64) -> Result<()>;

    /// Everyone who shares a conversation with the user, and the user.
    ///
    /// # Errors
    /// What the database says.
    fn acquaintances(&self, user: UserKey) -> Result<Vec<UserId>>;

    /// The user's conversations.
    ///
    /// # Errors
    /// What the database says.
    fn conversations_of(&self, user: UserKey) -> Result<Vec<ConversationId>>;
}
