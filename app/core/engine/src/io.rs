//! What goes into the engine and what comes out of it.

use crate::change::Refused;
use confab_protocol::model::Device;
use confab_protocol::{
    Code, CommandId, ConversationId, DeviceId, ErrorBody, MessageId, Notify, Presence, Role, User, UserId,
};

/// The moment of an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds of a clock that never goes back and whose start does not matter. All timers are by this one, so
    /// that somebody who sets the device's clock breaks nothing.
    pub mono_ms: u64,
    /// Milliseconds since 1970-01-01 UTC by the device's clock. Decorates what is pending.
    pub wall_ms: u64,
}

/// The number that the driver gives to an action and that its [`Output::Answer`] repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// Something that happened outside.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// The account is to be connected. The first input of a new engine.
    Start,
    /// An access token, asked for by [`Output::NeedToken`] or fresh from a login.
    Token {
        /// It.
        access_token: String,
        /// How long it lasts from now, in milliseconds.
        expires_in_ms: u64,
    },
    /// No token can be had for now (no network, the relay is busy). The engine asks again after a pause.
    NoToken {
        /// Why.
        problem: Problem,
    },
    /// The session has ended: only a password helps. The engine stops connecting until a [`Input::Token`]. Cache and
    /// outbox are kept.
    AuthLost {
        /// Why.
        problem: Problem,
    },
    /// The person asked to connect now, or the system says that there is a network again.
    NetworkHint,
    /// The app goes to the background, where the system soon stops it. What is on its way is waited for a moment; then
    /// the socket is closed and nothing is tried until [`Input::Resume`]. Actions are taken as ever.
    Pause,
    /// The app is in the foreground again. A new engine is; one that follows an engine that was paused is told so before
    /// [`Input::Start`].
    Resume,
    /// The socket that [`Output::OpenSocket`] asked for is open.
    Opened {
        /// Its number.
        socket: u64,
    },
    /// A text frame came. Several that wait may be handled in one transaction.
    Frame {
        /// On which socket.
        socket: u64,
        /// It.
        text: &'a str,
    },
    /// A socket is closed or could not be opened.
    Closed {
        /// Its number.
        socket: u64,
        /// The close code (RFC 6455, section 7.4), if there was one.
        code: Option<u16>,
        /// Why: `offline`, or a more telling one.
        problem: Problem,
    },
    /// A person does something.
    Do {
        /// Repeated by the answer.
        ticket: Ticket,
        /// What.
        action: Action,
    },
    /// The moment of [`Output::WakeAt`] has come. Harmless at any other time.
    Wake,
}

/// Something to do outside, to be released only after the transaction in which it came out has committed.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Refresh the access token, then [`Input::Token`], [`Input::NoToken`] or [`Input::AuthLost`].
    NeedToken,
    /// Open a WebSocket to the account's relay; close any other first.
    OpenSocket {
        /// The number to name it by. Inputs with another number are ignored.
        socket: u64,
    },
    /// Send a text frame on the open socket.
    Send {
        /// Which socket.
        socket: u64,
        /// The frame.
        text: String,
    },
    /// Close this socket. No [`Input::Closed`] is needed.
    CloseSocket {
        /// Which.
        socket: u64,
    },
    /// Give [`Input::Wake`] at this moment of the monotonic clock, instead of any earlier wish.
    WakeAt {
        /// Milliseconds, as [`Now::mono_ms`].
        mono_ms: u64,
    },
    /// A query's answer may have changed.
    Changed(Topic),
    /// A message of somebody else came live.
    Incoming {
        /// Where.
        conversation: ConversationId,
        /// Which.
        message: MessageId,
    },
    /// Something went wrong that belongs to no request: a rename that was refused, say.
    Trouble {
        /// What.
        problem: Problem,
        /// The change that was refused, if that is it.
        refused: Option<Refused>,
    },
    /// The answer to an action. Each is answered once.
    Answer {
        /// Whose.
        ticket: Ticket,
        /// It.
        result: Result<Reply, Problem>,
    },
}

/// What an action is answered with.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// It was done, or is in the outbox.
    Done,
    /// A conversation to show.
    Opened(ConversationId),
    /// Users found.
    Users(Vec<User>),
    /// One's own devices.
    Devices(Vec<Device>),
}

/// A query whose answer may have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// The account, the connection, the outbox's counters.
    Session,
    /// The conversation list.
    Conversations,
    /// Anything in one conversation.
    Conversation(ConversationId),
    /// Presence or typing.
    Presence,
    /// Somebody's name, or whom one has blocked: wherever people stand.
    People,
}

/// Something that went wrong, for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// One of the protocol's codes, or of the client's own.
    pub code: String,
    /// In English.
    pub message: String,
    /// When to try again, in milliseconds from now.
    pub retry_after_ms: Option<u64>,
}

impl Problem {
    /// A problem with a code of the client's own.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), retry_after_ms: None }
    }
}

/// A protocol code as it is written on the wire.
pub fn code_name(code: Code) -> String {
    serde_json::to_value(code).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

impl From<ErrorBody> for Problem {
    fn from(error: ErrorBody) -> Self {
        Self { code: code_name(error.code), message: error.message, retry_after_ms: error.retry_after_ms }
    }
}

/// What a person does.
///
/// Those with an id are idempotent: asking again with the same id does nothing twice.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// A new message.
    Send {
        /// Its id, a UUIDv7 made by the asker.
        id: MessageId,
        /// Where to.
        conversation: ConversationId,
        /// The text.
        text: String,
        /// The members mentioned.
        mentions: Vec<UserId>,
        /// The message that it answers.
        reply_to: Option<MessageId>,
    },
    /// Another text for an own message, pending ones included.
    Edit {
        /// The command's id.
        id: CommandId,
        /// Where.
        conversation: ConversationId,
        /// Which.
        message: MessageId,
        /// The new text.
        text: String,
        /// The members mentioned now.
        mentions: Vec<UserId>,
    },
    /// Deletes a message for everyone.
    Delete {
        /// The command's id.
        id: CommandId,
        /// Where.
        conversation: ConversationId,
        /// Which.
        message: MessageId,
    },
    /// Puts a reaction or takes it back.
    React {
        /// The command's id.
        id: CommandId,
        /// Where.
        conversation: ConversationId,
        /// Which.
        message: MessageId,
        /// The emoji.
        emoji: String,
        /// Put or taken back.
        on: bool,
    },
    /// Everything up to this seq has been seen.
    MarkRead {
        /// Where.
        conversation: ConversationId,
        /// Up to which.
        seq: u64,
    },
    /// The direct conversation with a user; made here if it is new. Answers with [`Reply::Opened`].
    OpenDirect {
        /// With whom.
        user: User,
    },
    /// A new group. Answers with [`Reply::Opened`].
    CreateGroup {
        /// The command's id.
        id: CommandId,
        /// The group's id, a UUIDv7.
        conversation: ConversationId,
        /// Its title.
        title: String,
        /// Its members besides oneself.
        members: Vec<User>,
    },
    /// A group's title.
    Rename {
        /// The command's id.
        id: CommandId,
        /// Which group.
        conversation: ConversationId,
        /// The title.
        title: String,
    },
    /// People into a group.
    AddMembers {
        /// The command's id.
        id: CommandId,
        /// Which group.
        conversation: ConversationId,
        /// Whom.
        users: Vec<User>,
    },
    /// Someone out of a group.
    RemoveMember {
        /// The command's id.
        id: CommandId,
        /// Which group.
        conversation: ConversationId,
        /// Whom.
        user: UserId,
    },
    /// Oneself out of a group.
    Leave {
        /// The command's id.
        id: CommandId,
        /// Which group.
        conversation: ConversationId,
    },
    /// Someone's role.
    SetRole {
        /// The command's id.
        id: CommandId,
        /// Which group.
        conversation: ConversationId,
        /// Whose.
        user: UserId,
        /// Which.
        role: Role,
    },
    /// Hides a conversation until something newer comes, or shows it again.
    Hide {
        /// The command's id.
        id: CommandId,
        /// Which.
        conversation: ConversationId,
        /// Hidden or not.
        hidden: bool,
    },
    /// Of which messages of a conversation to be told.
    SetNotify {
        /// The command's id.
        id: CommandId,
        /// Which.
        conversation: ConversationId,
        /// The setting from now on.
        notify: Notify,
    },
    /// Blocks a user or takes that back.
    Block {
        /// The command's id.
        id: CommandId,
        /// Whom.
        user: UserId,
        /// Blocked or not.
        blocked: bool,
    },
    /// One's own display name and settings.
    SetProfile {
        /// The command's id.
        id: CommandId,
        /// What others see.
        display_name: Option<String>,
        /// Whether others see how far one has read.
        share_read: Option<bool>,
    },
    /// Tries a refused message or change again.
    Retry {
        /// Its id.
        id: CommandId,
    },
    /// Throws a refused message or change away.
    Discard {
        /// Its id.
        id: CommandId,
    },
    /// Fetches what is missing around a seq. Answered when it has come, or with `offline`.
    Load {
        /// Where.
        conversation: ConversationId,
        /// A seq in the hole.
        seq: u64,
    },
    /// What is shown, all screens together: whose presence and which conversation's typing to be told. Kept over
    /// reconnects; to be said again to a new engine.
    Watch {
        /// The open conversation; its changes are fetched first.
        conversation: Option<ConversationId>,
        /// The users in sight.
        users: Vec<UserId>,
    },
    /// One is typing, or not any more.
    Typing {
        /// Where.
        conversation: ConversationId,
        /// Typing or not.
        on: bool,
    },
    /// Finds people. Answers with [`Reply::Users`], or with `offline`.
    FindUsers {
        /// Part of a name, or a user name.
        query: String,
    },
    /// One's own devices. Answers with [`Reply::Devices`], or with `offline`.
    Devices,
}

/// Where the connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// The relay has said welcome.
    Online,
    /// Trying.
    Connecting,
    /// Waiting for the next try, or for a login.
    Offline,
}

/// The engine's part of what a session view shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Where the connection stands.
    pub link: Link,
    /// When the next try is, by the device's clock.
    pub retry_at_wall_ms: Option<u64>,
    /// Why the last try failed.
    pub problem: Option<Problem>,
    /// The session has ended: a login is needed.
    pub login_needed: bool,
    /// The device as the relay knows it, once it has said welcome.
    pub device: Option<DeviceId>,
}

/// Who is there and who types, as far as watched. Empty while offline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Present {
    /// The watched users.
    pub users: Vec<Presence>,
    /// Who types where, longest first.
    pub typing: Vec<(ConversationId, UserId)>,
}
