//! What a request is answered with, and what is told unasked.

use confab_protocol::model::Device;
use confab_protocol::{ConversationId, DeviceId, MessageId, User, UserId};
use confab_store::view::{
    ConversationRow, ConversationsView, Draft, MembersView, Problem, RefusedCreation, SearchView, WindowView,
};
use serde::{Deserialize, Serialize};

/// It was done, or is safely in the outbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Done {}

/// A conversation to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Opened {
    /// It.
    pub conversation: ConversationId,
}

/// Users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct UsersView {
    /// Them.
    pub users: Vec<User>,
}

/// One's own devices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct DevicesView {
    /// Them, the newest first.
    pub devices: Vec<Device>,
}

/// Who is there and who types, as far as this screen watches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct PresenceView {
    /// The watched users. Empty while offline: nothing is known then.
    pub users: Vec<PresenceRow>,
    /// Who types in the watched conversation, longest first.
    pub typing: Vec<TypingRow>,
}

/// Whether someone is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct PresenceRow {
    /// Who.
    pub user: UserId,
    /// Now.
    pub online: bool,
    /// Before that.
    pub last_seen: Option<u64>,
}

/// Someone who types.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct TypingRow {
    /// Where.
    pub conversation: ConversationId,
    /// Who.
    pub user: UserId,
    /// Their display name.
    pub name: String,
}

/// Where the account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Nobody is signed in on this device.
    SignedOut,
    /// Signed in.
    SignedIn,
    /// Signed in here, but the relay wants the password again. The cache and the outbox are kept; `login` as the same
    /// user goes on where it stopped.
    LoginNeeded,
}

/// Where the connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Connection {
    /// The relay has said welcome.
    Online,
    /// Trying.
    Connecting,
    /// Waiting for the next try.
    Offline,
}

/// Where the local data lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Storage {
    /// On disk: survives reload and restart.
    Persistent,
    /// On disk, but by way of IndexedDB, because the browser gives this page no files (plain http, some private
    /// windows): survives reload and restart, but costs memory.
    IndexedDb,
    /// The cache is in memory and only outbox and drafts are kept by the browser (plain http, private window).
    OutboxOnly,
    /// In memory only: a reload loses what is unsent.
    Memory,
}

/// Who one is and how one is connected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SessionView {
    /// Where the account stands.
    pub phase: Phase,
    /// Oneself.
    pub user: Option<User>,
    /// This device.
    pub device: Option<DeviceId>,
    /// The relay's address.
    pub relay: String,
    /// Where the connection stands.
    pub connection: Connection,
    /// When the next try is, by this device's clock.
    pub retry_at: Option<u64>,
    /// Why the last try failed.
    pub problem: Option<Problem>,
    /// Catching up: conversations whose changes are still on their way.
    pub behind: u32,
    /// Things in the outbox that wait.
    pub unsent: u32,
    /// Things in the outbox that were refused.
    pub failed: u32,
    /// Where the local data lies.
    pub storage: Storage,
    /// Whether others see how far one has read.
    pub share_read: bool,
    /// Whom one has blocked.
    pub blocked: Vec<UserId>,
}

/// A conversation's header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ConversationView {
    /// As in the list.
    pub row: ConversationRow,
    /// One has blocked the other one.
    pub blocked: bool,
    /// What one may do here.
    pub may: May,
    /// The newest seq that there is.
    pub last_seq: u64,
    /// A group that the relay refused to make: nothing can be written in it until that is retried or discarded.
    pub creation: Option<RefusedCreation>,
}

/// What one may do in a conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct May {
    /// Write.
    pub send: bool,
    /// Rename and add members.
    pub manage: bool,
    /// Change roles and hand over.
    pub own: bool,
    /// Leave.
    pub leave: bool,
    /// Delete others' messages.
    pub delete_others: bool,
}

/// A query whose answer may have changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Topic {
    /// `session`.
    Session,
    /// `conversations` and any `conversation`.
    Conversations,
    /// `window`, `conversation` and `members` of one.
    Conversation {
        /// Which.
        conversation: ConversationId,
    },
    /// `presence`.
    Presence,
    /// Somebody's name, or whom one has blocked: `conversations`, and all `conversation`, `window`, `members` and `search`.
    People,
    /// `draft` of one, saved by another tab.
    Draft {
        /// Which.
        conversation: ConversationId,
    },
    /// Everything (another tab took over, the cache was fetched again).
    All,
}

/// What the client tells a screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// Ask again. Told once a batch.
    Changed {
        /// What.
        topics: Vec<Topic>,
    },
    /// A new message of somebody else came live (not while catching up): for notifications and screen readers.
    Incoming {
        /// Where.
        conversation: ConversationId,
        /// The conversation's title as in the list.
        title: String,
        /// The message.
        message: MessageId,
        /// Who.
        sender_name: String,
        /// The beginning of its text.
        text: String,
        /// It mentions oneself.
        mention: bool,
        /// One wants to be told of it: the conversation is neither muted nor is its level above this message.
        notify: bool,
    },
    /// Something went wrong that belongs to no request.
    Trouble {
        /// What.
        problem: Problem,
        /// The change that the relay refused, if that is it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        refused: Option<Refused>,
    },
}

/// A change that was asked for earlier and was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Refused {
    /// What was to change.
    pub change: ChangeKind,
    /// The title of the group or the name of the person that it concerns; empty if that is not known, or oneself.
    pub name: String,
}

/// See [`Refused::change`]. Changes of messages are not among them: they are seen where the message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// A group's title.
    Rename,
    /// People into a group.
    AddMembers,
    /// Someone out of a group.
    RemoveMember,
    /// Oneself out of a group.
    Leave,
    /// Someone's role.
    SetRole,
    /// A conversation out of the list, or into it again.
    Hide,
    /// Of which messages to be told.
    SetNotify,
    /// Somebody blocked, or no longer.
    Block,
    /// One's own name and settings.
    SetProfile,
}

/// Every type of the bridge, so that one list serves the generator and the documentation.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// To `session`, `register`, `login`, `logout`.
    Session(Box<SessionView>),
    /// To `conversations`.
    Conversations(ConversationsView),
    /// To `conversation`.
    Conversation(Box<ConversationView>),
    /// To `window`.
    Window(WindowView),
    /// To `members`.
    Members(MembersView),
    /// To `search`.
    Search(SearchView),
    /// To `draft`.
    Draft(Draft),
    /// To `known_users` and `find_users`.
    Users(UsersView),
    /// To `presence`.
    Presence(PresenceView),
    /// To `devices`.
    Devices(DevicesView),
    /// To `open_direct` and `create_group`.
    Opened(Opened),
    /// To everything else.
    Done(Done),
    /// To what could not be done.
    Problem(Problem),
}

impl Answer {
    /// The answer's own JSON, without its name: what a screen gets.
    pub fn json(&self) -> String {
        let json = match self {
            Answer::Session(view) => serde_json::to_string(view),
            Answer::Conversations(view) => serde_json::to_string(view),
            Answer::Conversation(view) => serde_json::to_string(view),
            Answer::Window(view) => serde_json::to_string(view),
            Answer::Members(view) => serde_json::to_string(view),
            Answer::Search(view) => serde_json::to_string(view),
            Answer::Draft(view) => serde_json::to_string(view),
            Answer::Users(view) => serde_json::to_string(view),
            Answer::Presence(view) => serde_json::to_string(view),
            Answer::Devices(view) => serde_json::to_string(view),
            Answer::Opened(view) => serde_json::to_string(view),
            Answer::Done(view) => serde_json::to_string(view),
            Answer::Problem(view) => serde_json::to_string(view),
        };
        // These types have no map with other keys than text, the one thing that serde_json refuses.
        json.unwrap_or_default()
    }
}
