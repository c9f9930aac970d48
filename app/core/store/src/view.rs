//! What screens read: the answers to the live queries. Rows are complete, so that a screen joins nothing.
//!
//! Times are milliseconds since 1970-01-01 UTC. An acknowledged message stands by its `seq`; pending ones come after
//! all of them in the order in which they were written.

use confab_protocol::{
    CommandId, Content, ConversationId, Kind, MessageId, Notify, Role, SystemEvent, User, UserId,
};
use serde::{Deserialize, Serialize};

/// How far one of one's own messages has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum MessageState {
    /// Stored here, waiting for the network or its turn.
    Pending,
    /// The relay has it (always so for others' messages).
    Sent,
    /// The relay refused it; it stays until the person retries or discards it.
    Failed {
        /// Why.
        problem: Problem,
    },
}

/// Something that went wrong, for a screen: look the code up in the catalogue, fall back to the message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Problem {
    /// One of the protocol's codes, or of the client's own: `offline`, `unsent_work`, `storage`, `signed_out`,
    /// `not_confab`, `too_old`, `internal_client`.
    pub code: String,
    /// In English, for people.
    pub message: String,
    /// When to try again, in milliseconds from now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub retry_after_ms: Option<u64>,
}

/// A group that the relay refused to make. It exists here alone until that is tried again or discarded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct RefusedCreation {
    /// What to retry or discard.
    pub command: CommandId,
    /// Why.
    pub problem: Problem,
}

/// One line of the conversation list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ConversationRow {
    /// The conversation.
    pub id: ConversationId,
    /// Its kind.
    pub kind: Kind,
    /// A group's title, or the other one's display name. Empty for notes to oneself (`peer` is oneself then).
    pub title: String,
    /// The other one of a direct conversation.
    pub peer: Option<User>,
    /// The newest message, pending ones included.
    pub last: Option<LastMessage>,
    /// Others' unread messages, counted to a limit.
    pub unread: u32,
    /// There are more unread ones than `unread` says.
    pub unread_more: bool,
    /// One of the unread messages mentions oneself.
    pub mention: bool,
    /// What stands unfinished in the composer.
    pub draft: Option<String>,
    /// Hidden from the list until something newer comes.
    pub hidden: bool,
    /// Of which messages one wants to be told. A muting that is over is none.
    pub notify: Notify,
    /// One is told of none now: muted, or the level is `nothing`.
    pub muted: bool,
    /// How many members.
    pub members: u32,
    /// One's role; `None` if one is no member any more.
    pub role: Option<Role>,
    /// What the list is ordered by, newest first.
    pub sort_at: u64,
    /// Messages here that are not yet acknowledged.
    pub pending: u32,
    /// Messages here that were refused, and the group itself if it was.
    pub failed: u32,
}

/// The newest message, as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct LastMessage {
    /// Who.
    pub sender: UserId,
    /// Their display name.
    pub sender_name: String,
    /// It is one's own.
    pub own: bool,
    /// When.
    pub at: u64,
    /// The beginning of the text with its line breaks; empty unless `what` is `text`.
    pub text: String,
    /// What it is.
    pub what: What,
    /// For a system message: what happened, with names.
    pub event: Option<EventRow>,
    /// How far it has come.
    pub state: MessageState,
    /// For an own one: whether others have received or read it.
    pub receipt: Receipt,
}

/// The sort of a message, where only that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Text.
    Text,
    /// A system message.
    System,
    /// A tombstone.
    Deleted,
    /// A content of a later version.
    Unknown,
}

/// A system event with the names of those whom it tells of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct EventRow {
    /// What happened.
    pub event: SystemEvent,
    /// The display names of the users in it, in its order.
    pub names: Vec<String>,
    /// Oneself is among them.
    pub me: bool,
}

/// Whether an own message has reached the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Receipt {
    /// Members (other than oneself) whose devices have it.
    pub delivered: u32,
    /// Members who have read it.
    pub read: u32,
    /// All others; 0 where marks are not shared.
    pub of: u32,
}

/// The conversation list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ConversationsView {
    /// Newest first.
    pub rows: Vec<ConversationRow>,
    /// Conversations with something unread that one wants to be told of.
    pub unread_conversations: u32,
    /// When the next muting ends, in milliseconds since 1970-01-01 UTC: ask again then. Absent if nothing is muted.
    pub stale_at: Option<u64>,
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct MessageRow {
    /// The message; stable from pending to sent.
    pub id: MessageId,
    /// Its place; absent while pending or failed.
    pub seq: Option<u64>,
    /// Who.
    pub sender: UserId,
    /// Their display name.
    pub sender_name: String,
    /// It is one's own.
    pub own: bool,
    /// When; never before the message above it.
    pub at: u64,
    /// It was edited.
    pub edited: bool,
    /// What it holds, own unacknowledged edits included; absent for a deleted one.
    pub content: Option<Content>,
    /// For a system message: the names of those whom it tells of.
    pub event: Option<EventRow>,
    /// What it answers.
    pub reply: Option<ReplyRow>,
    /// Reactions, own unacknowledged ones included.
    pub reactions: Vec<ReactionRow>,
    /// How far it has come.
    pub state: MessageState,
    /// For an own one: whether others have received or read it.
    pub receipt: Receipt,
    /// It mentions oneself.
    pub mentions_me: bool,
    /// The display names of the mentioned, in the order of the content's `mentions`.
    pub mention_names: Vec<String>,
    /// An edit, deletion or reaction of this message that waits or was refused.
    pub change: Option<PendingChange>,
}

/// An edit, deletion or reaction that is not yet acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct PendingChange {
    /// The outbox command, for `retry` and `discard`.
    pub command: confab_protocol::CommandId,
    /// `edit`, `delete` or `react`.
    pub op: String,
    /// Why it was refused; absent while it waits.
    pub problem: Option<Problem>,
}

/// The answered message, in brief.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ReplyRow {
    /// The message.
    pub id: MessageId,
    /// Its place, to jump to; absent while it is pending itself.
    pub seq: Option<u64>,
    /// Who wrote it; empty if it is not held here.
    pub sender_name: String,
    /// It is one's own.
    pub own: bool,
    /// The beginning of its text, with its line breaks.
    pub text: String,
    /// What it is; `Unknown` if it is not held here.
    pub what: What,
}

/// A reaction with its people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ReactionRow {
    /// The emoji.
    pub emoji: String,
    /// How many.
    pub count: u32,
    /// Oneself among them.
    pub own: bool,
    /// The first few display names.
    pub names: Vec<String>,
}

/// Where a window of a conversation is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum WindowAt {
    /// At the end, pending messages included.
    Newest,
    /// Around the first unread message; at the end if there is none.
    Unread,
    /// Around a seq.
    Around {
        /// Which.
        seq: u64,
    },
    /// Exactly these seqs; with `to_seq` absent up to the end, pending messages included.
    Range {
        /// The first.
        from_seq: u64,
        /// The last.
        #[serde(default)]
        #[cfg_attr(feature = "ts", ts(optional))]
        to_seq: Option<u64>,
    },
}

/// A window of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct WindowView {
    /// The conversation.
    pub conversation: ConversationId,
    /// Messages and holes, oldest first.
    pub items: Vec<WindowItem>,
    /// The first seq that the window covers (a hole's included).
    pub from_seq: u64,
    /// The last seq that it covers; below `from_seq` if it covers none.
    pub to_seq: u64,
    /// Nothing is older than the window.
    pub at_start: bool,
    /// Nothing is newer than the window; pending messages are in it.
    pub at_end: bool,
    /// One's own read mark.
    pub read: u64,
    /// The seq of the first unread message of others; absent if none or not known.
    pub first_unread: Option<u64>,
    /// The newest seq that there is.
    pub last_seq: u64,
}

/// An item of a window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum WindowItem {
    /// A message.
    Message {
        /// It.
        message: Box<MessageRow>,
    },
    /// Messages that exist and are not held here. `load` fetches them when the hole comes into view.
    Hole {
        /// The first missing seq within the window.
        from_seq: u64,
        /// The last missing seq within the window.
        to_seq: u64,
    },
}

/// A member of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct MemberRow {
    /// Who.
    pub user: User,
    /// Their role.
    pub role: Role,
    /// It is oneself.
    pub me: bool,
    /// Received up to this seq, where shared.
    pub delivered: u64,
    /// Read up to this seq, where shared.
    pub read: u64,
    /// What the relay has not accepted yet of it. It vanishes again if that is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub pending: Option<PendingMember>,
}

/// A change of a member that waits in the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum PendingMember {
    /// They are to come in.
    Adding,
    /// They are to go out, or leave.
    Removing,
    /// Their role is to be the one that the row shows.
    Role,
}

/// The members that are in a conversation now: the owner first, then admins, then by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct MembersView {
    /// Them.
    pub members: Vec<MemberRow>,
}

/// What a search found here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SearchView {
    /// Newest first.
    pub hits: Vec<SearchHit>,
    /// Ask again with this for older ones.
    pub next: Option<String>,
    /// Messages of the searched conversations that are not held here and so were not looked at.
    pub not_searched: u64,
}

/// A message that a search found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SearchHit {
    /// Where.
    pub conversation: ConversationId,
    /// The conversation's title as in [`ConversationRow::title`].
    pub title: String,
    /// The message.
    pub message: MessageId,
    /// Its place.
    pub seq: u64,
    /// Who.
    pub sender_name: String,
    /// It is one's own.
    pub own: bool,
    /// When.
    pub at: u64,
    /// The text around the first place that matches.
    pub snippet: String,
    /// The matching places in the snippet: start and end in UTF-16 code units, as JavaScript counts.
    pub matches: Vec<(u32, u32)>,
}

/// What stands unfinished in a conversation's composer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Draft {
    /// The text.
    pub text: String,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
    /// People picked for mentions so far.
    #[serde(default)]
    pub mentions: Vec<UserId>,
    /// An edit under way; the rest waits until it is done.
    #[serde(default)]
    pub edit: Option<EditDraft>,
}

/// An unfinished edit of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct EditDraft {
    /// The message.
    pub message: MessageId,
    /// Its new text so far.
    pub text: String,
    /// People mentioned so far.
    #[serde(default)]
    pub mentions: Vec<UserId>,
}
