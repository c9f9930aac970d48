use super::{
    ChatReads, ConversationKey, ConversationRow, KnownCommand, Left, MemberRow, SessionKey, UserKey, UserRow,
};
use crate::store::Result;
use confab_protocol::{CommandId, ConversationId, Mark, Message, MessageId, Notify, Role, RunId, UserId};

/// Writes about conversations, inside the writer's transaction.
pub trait ChatWrites: ChatReads {
    /// Records a start of the relay, and turns what a dead relay left of presence into times. Gives back the last commit
    /// that a run before this one may have made.
    ///
    /// # Errors
    /// What the database says.
    fn begin_run(&self, run: RunId, now: u64) -> Result<u64>;

    /// Takes the numbers of commits up to this one for this run: the next run begins after it.
    ///
    /// # Errors
    /// What the database says.
    fn take_commits(&self, last: u64) -> Result<()>;

    /// States the number of the commit that is being made, where no conversation's row bears it.
    ///
    /// # Errors
    /// What the database says.
    fn note_commit(&self, commit: u64) -> Result<()>;

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

    /// Stores of which messages the user wants to be told.
    ///
    /// # Errors
    /// What the database says.
    fn set_notify(
        &self,
        conversation: ConversationKey,
        user: UserKey,
        notify: Notify,
        commit: u64,
    ) -> Result<()>;

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

    /// Somebody whose conversations do not all know yet whether they share how far they have read, and the last one that
    /// does.
    ///
    /// # Errors
    /// What the database says.
    fn sharing(&self) -> Result<Option<(UserId, UserKey, ConversationKey)>>;

    /// The user's conversations know it up to this one; `None`: all of them do.
    ///
    /// # Errors
    /// What the database says.
    fn set_sharing(&self, user: UserKey, after: Option<ConversationKey>) -> Result<()>;
}
