//! The storage that the engine needs, in its own words. A cache value is one open transaction of one account: all
//! that is done through it becomes durable together, or not at all.

use crate::io::Problem;
use crate::ranges::RangeSet;
use confab_protocol::sync::Seen;
use confab_protocol::{
    Command, CommandId, ConversationId, DeviceId, Kind, Mark, Member, Message, MessageId, Notify, Role, User,
    UserId,
};

/// The storage failed. Whatever was done in this transaction is to be rolled back, and the engine is to be built anew.
#[derive(Debug)]
pub struct CacheError(pub Box<dyn std::error::Error + Send + Sync>);

impl std::fmt::Display for CacheError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "The local database failed: {}", self.0)
    }
}

impl std::error::Error for CacheError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.0.as_ref())
    }
}

/// What storage calls give.
pub type Result<T> = std::result::Result<T, CacheError>;

/// The account, as far as sync writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Who.
    pub user: UserId,
    /// Which device.
    pub device: Option<DeviceId>,
    /// The sync token to say at the next `hello`.
    pub token: Option<String>,
    /// The newest of the relay's commits that anything here may show ([`Cache::see`]).
    pub seen: Option<Seen>,
    /// Whether others see how far one has read.
    pub share_read: bool,
    /// Whom one has blocked.
    pub blocked: Vec<UserId>,
}

/// The lineage of a history that a restored relay does not have, of a conversation in which one is no member. It is kept
/// to be read; whoever becomes a member again fetches it anew.
pub const GONE: &str = "gone";

/// A conversation's place in the sync: what is known of the relay's side, and what is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// It.
    pub id: ConversationId,
    /// Its kind.
    pub kind: Kind,
    /// A group's title.
    pub title: String,
    /// When it was made.
    pub created_at: u64,
    /// The other one of a direct conversation.
    pub peer: Option<UserId>,
    /// One's role; `None` if one is no member (any more).
    pub role: Option<Role>,
    /// How many members.
    pub members: u32,
    /// The relay has told of it. Not so for a direct conversation or group that exists only here as yet.
    pub known: bool,
    /// Every row of the held ranges, every member row and the title whose rev at the relay is not above this one is
    /// held as it is there.
    pub rev: u64,
    /// The lineage at `rev`; empty while it is not known (in the middle of a pull), [`GONE`] if a restored relay does not
    /// have this history.
    pub lineage: String,
    /// The relay's rev as far as heard. Above `rev`: a debt.
    pub head_rev: u64,
    /// The newest seq that there is.
    pub last_seq: u64,
    /// The oldest seq that there is.
    pub first_seq: u64,
    /// One's own read mark.
    pub read: u64,
    /// One's own delivered mark.
    pub delivered: u64,
    /// Unread messages as the last head counted them, above its read mark and up to `counted_seq`.
    pub unread: u32,
    /// See `unread`.
    pub counted_seq: u64,
    /// The newest message that mentions oneself.
    pub mention_seq: u64,
    /// Hidden as long as `last_seq` is not above this.
    pub hidden_seq: u64,
    /// Of which messages one wants to be told.
    pub notify: Notify,
    /// The newest message as the last head gave it, for the list while it is not held.
    pub last: Option<Message>,
}

impl Conversation {
    /// A conversation that exists only here.
    pub fn local(id: ConversationId, kind: Kind, title: String, created_at: u64) -> Self {
        Self {
            id,
            kind,
            title,
            created_at,
            peer: None,
            role: None,
            members: 0,
            known: false,
            rev: 0,
            lineage: String::new(),
            head_rev: 0,
            last_seq: 0,
            first_seq: 1,
            read: 0,
            delivered: 0,
            unread: 0,
            counted_seq: 0,
            mention_seq: 0,
            hidden_seq: 0,
            notify: Notify::default(),
            last: None,
        }
    }
}

/// How far an outbox entry has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryState {
    /// Never given to a socket: it may still be rewritten or taken back.
    New,
    /// Given to a socket at least once: the relay may have it.
    Handed,
    /// Refused for good. It stays until it is retried or discarded.
    Failed(Problem),
}

/// A command in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The command, without `after`.
    pub command: Command,
    /// How far it has come.
    pub state: EntryState,
    /// When the person did it, by this device's clock.
    pub at: u64,
    /// A message from before a fork that is sent once more. If the relay knows its id, all is well.
    pub resend: bool,
}

/// Marks that have not been sent yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PendingMark {
    /// Where.
    pub conversation: ConversationId,
    /// Read up to this seq; 0 if nothing is to be said.
    pub read: u64,
    /// Received up to this seq; 0 if nothing is to be said.
    pub delivered: u64,
}

/// An own message from before a fork that the relay has not shown since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unconfirmed {
    /// The message as it was held.
    pub message: Message,
}

/// One transaction of one account. See the module.
pub trait Cache {
    /// The account.
    fn account(&mut self) -> Result<Account>;
    /// Writes it; `user` must be the same, and `seen` is left as it is.
    fn put_account(&mut self, account: &Account) -> Result<()>;
    /// States what has been seen once this transaction is done. Said for nearly every frame, so it has to be cheap.
    fn see(&mut self, seen: Seen) -> Result<()>;
    /// Profiles, each replacing the one that is held.
    fn put_users(&mut self, users: &[User]) -> Result<()>;
    /// A profile.
    fn user(&mut self, user: UserId) -> Result<Option<User>>;

    /// A conversation.
    fn conversation(&mut self, id: ConversationId) -> Result<Option<Conversation>>;
    /// Writes one, new or not.
    fn put_conversation(&mut self, conversation: &Conversation) -> Result<()>;
    /// Forgets one that never existed at the relay, with its members, draft and ranges.
    fn forget_conversation(&mut self, id: ConversationId) -> Result<()>;
    /// All of them.
    fn conversation_ids(&mut self) -> Result<Vec<ConversationId>>;
    /// Conversations of which one is a member and whose `head_rev` is above `rev`, newest activity first, at most
    /// `limit`.
    fn debts(&mut self, limit: usize) -> Result<Vec<ConversationId>>;
    /// Conversations of which one is a member, that are current and have a hole between `first_seq` and `last_seq`,
    /// newest activity first, at most `limit`.
    fn with_holes(&mut self, limit: usize) -> Result<Vec<ConversationId>>;

    /// The seqs that are held. A row outside them counts as not there.
    fn ranges(&mut self, conversation: ConversationId) -> Result<RangeSet>;
    /// Writes them.
    fn put_ranges(&mut self, conversation: ConversationId, ranges: &RangeSet) -> Result<()>;
    /// Messages; one that is held with the same or a newer rev stays. An unconfirmed one of the same id is confirmed.
    fn put_messages(&mut self, conversation: ConversationId, messages: &[Message]) -> Result<()>;
    /// A message by its id, wherever it is.
    fn message(&mut self, id: MessageId) -> Result<Option<(ConversationId, Message)>>;
    /// Forgets what lies below `first_seq`.
    fn drop_below(&mut self, conversation: ConversationId, first_seq: u64) -> Result<()>;
    /// Member rows; newer ones stay.
    fn put_members(&mut self, conversation: ConversationId, members: &[Member]) -> Result<()>;
    /// All member rows.
    fn members(&mut self, conversation: ConversationId) -> Result<Vec<Member>>;
    /// Others' marks, each in the place of what is held of that user.
    fn put_marks(&mut self, conversation: ConversationId, marks: &[Mark]) -> Result<()>;

    /// Forgets others' marks: those of another fork say nothing.
    fn clear_marks(&mut self, conversation: ConversationId) -> Result<()>;

    /// A fork: forgets the conversation's messages, ranges, member rows and marks, and keeps the person's own texts
    /// as unconfirmed.
    fn set_aside(&mut self, conversation: ConversationId) -> Result<()>;
    /// The unconfirmed messages whose place was in `from..=to`, by place; they are unconfirmed no more.
    fn take_unconfirmed(
        &mut self,
        conversation: ConversationId,
        from: u64,
        to: u64,
    ) -> Result<Vec<Unconfirmed>>;

    /// Appends to the outbox. Nothing happens if the command's id is in it.
    fn outbox_push(&mut self, entry: &Entry) -> Result<()>;
    /// An entry.
    fn outbox_get(&mut self, id: CommandId) -> Result<Option<Entry>>;
    /// Writes an entry's command and state; its place stays.
    fn outbox_put(&mut self, entry: &Entry) -> Result<()>;
    /// Moves an entry to the end.
    fn outbox_to_end(&mut self, id: CommandId) -> Result<()>;
    /// Removes an entry; `false` if there was none.
    fn outbox_remove(&mut self, id: CommandId) -> Result<bool>;
    /// The lanes that have entries which are not failed: conversations, and `None` for commands about the caller.
    fn outbox_lanes(&mut self) -> Result<Vec<Option<ConversationId>>>;
    /// The first entries of a lane that are not failed, in local order, at most `limit`.
    fn outbox_lane(&mut self, lane: Option<ConversationId>, limit: usize) -> Result<Vec<Entry>>;
    /// Entries, in any state, that change this message (edit, delete, react), in local order.
    fn outbox_about(&mut self, message: MessageId) -> Result<Vec<Entry>>;
    /// All entries of a conversation, in any state, in local order.
    fn outbox_of(&mut self, conversation: ConversationId) -> Result<Vec<Entry>>;

    /// Merges by maximum into the marks that wait to be sent.
    fn push_mark(&mut self, mark: &PendingMark) -> Result<()>;
    /// Marks that wait, at most `limit`.
    fn pending_marks(&mut self, limit: usize) -> Result<Vec<PendingMark>>;
    /// What was sent need not wait any more; what grew since then does.
    fn marks_sent(&mut self, mark: &PendingMark) -> Result<()>;
}

/// The lane that a command goes in: order is kept within one.
pub fn lane(command: &Command) -> Option<ConversationId> {
    match command {
        // Settings of one's own wait for nothing in the conversation.
        Command::Hide(_) | Command::SetNotify(_) => None,
        other => other.conversation(),
    }
}

/// The message that a command changes, if it is one that changes a message.
pub fn target(command: &Command) -> Option<MessageId> {
    match command {
        Command::Edit(c) => Some(c.message),
        Command::Delete(c) => Some(c.message),
        Command::React(c) => Some(c.message),
        _ => None,
    }
}
