//! Catching up: hello and welcome, heads, changes since a rev, pages of history, and what is pushed live.

use crate::error::ErrorBody;
use crate::ids::{ConversationId, DeviceId, RunId, UserId};
use crate::limits::Limits;
use crate::model::{Head, Mark, Member, Message, Presence, User, is_false};
use serde::{Deserialize, Serialize};

/// The body of the first request on a socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The access token.
    pub access_token: String,
    /// The sync token of the last [`HeadsPage`] or `token` push that the client has stored; absent at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The newest that the client may hold; absent at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
    /// The client's name and version, for the operator's log.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub client: String,
}

/// The newest that a client may hold of a relay: the run that it was last welcomed by, and the largest commit that any
/// frame of that run stated. A relay that does not have this commit in its own past was put back to an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// [`Welcome::run`].
    pub run: RunId,
    /// The largest `commit` of a frame ([`crate::frame::Stamped`]).
    pub commit: u64,
}

/// The answer to `hello`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// The relay's run.
    pub run: RunId,
    /// The relay's version.
    pub version: String,
    /// Who one is.
    pub user: User,
    /// Which device.
    pub device: DeviceId,
    /// The relay's clock.
    pub now: u64,
    /// When the access token expires. The client says `renew` before, or the socket is closed.
    pub expires_at: u64,
    /// Whether one's read marks are shared.
    pub share_read: bool,
    /// Whom one has blocked.
    #[serde(default)]
    pub blocked: Vec<UserId>,
    /// The limits of this relay.
    pub limits: Limits,
    /// The first page of what was touched since.
    pub page: HeadsPage,
}

/// The conversations touched since a sync token, each with its head. Further pages by the request `heads`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadsPage {
    /// `true` if what the client says (its sync token, or what it has seen) is of a history that this relay does not
    /// have (a backup was put back): then the pages list every conversation of the caller, and the client compares each with its own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub fork: bool,
    /// The heads, those of removed conversations included (without a role).
    pub heads: Vec<Head>,
    /// Every user that the heads name, and those of the caller's acquaintances whose profile changed since.
    pub users: Vec<User>,
    /// Ask `heads` with this for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// On the last page: the sync token to say at the next `hello`, to be stored together with the heads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// The body of `heads`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadsRequest {
    /// [`HeadsPage::next`] of the page before.
    pub next: String,
}

/// What changed in a conversation after rev `from` up to `to`: every row whose rev lies between, in its current
/// state. Pushed live, and the answer to `changes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delta {
    /// The conversation.
    pub conversation: ConversationId,
    /// Changes after this rev.
    pub from: u64,
    /// Up to this one.
    pub to: u64,
    /// The lineage at `to`; absent in a page that is not the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lineage: Option<String>,
    /// There is more: ask again with `since` = `to`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub more: bool,
    /// The title, if it changed between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Messages, by rev.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<Message>,
    /// Member rows, by rev.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
    /// Profiles of the users that the member rows name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<User>,
}

/// The body of `changes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangesRequest {
    /// Which conversation.
    pub conversation: ConversationId,
    /// The client's rev; 0 at first.
    pub since: u64,
    /// Only messages whose seq lies in one of these inclusive ranges (`[from, to]`; a `to` of `null` is open).
    /// Absent: all. For a client that is far behind and fetches the rest by `history`. Members and the title
    /// come in any case, and the answer's `to` holds for what was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranges: Option<Vec<(u64, Option<u64>)>>,
    /// At most this many rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
}

/// The body of `history`. Exactly one of `before`, `after` and `around`, or none for the newest page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRequest {
    /// Which conversation.
    pub conversation: ConversationId,
    /// Messages with a smaller seq, the nearest first in choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
    /// Messages with a larger seq, the nearest first in choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// Messages on both sides of this seq and itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub around: Option<u64>,
    /// At most this many messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
}

/// A page of history: every message of the inclusive range of seqs that it states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPage {
    /// The conversation.
    pub conversation: ConversationId,
    /// The rev at which it was read. A client whose own rev is higher applies the changes since this one.
    pub rev: u64,
    /// The lineage at `rev`.
    pub lineage: String,
    /// The first seq that the page covers. Above `to_seq` if it covers none.
    pub from_seq: u64,
    /// The last seq that the page covers.
    pub to_seq: u64,
    /// The oldest seq that there is.
    pub first_seq: u64,
    /// The newest seq that there is.
    pub last_seq: u64,
    /// The messages, by seq.
    pub messages: Vec<Message>,
    /// Profiles of the senders.
    pub users: Vec<User>,
}

/// The body of `mark`: marks that grow by maximum. Safe to repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkRequest {
    /// Where.
    pub conversation: ConversationId,
    /// Read up to this seq.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<u64>,
    /// Received up to this seq.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered: Option<u64>,
}

/// The body of `watch`: whose presence and which conversation's typing to be told of, instead of the former.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchRequest {
    /// Users. Those with whom the caller shares no conversation are left out silently.
    #[serde(default)]
    pub users: Vec<UserId>,
    /// The conversation that is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationId>,
}

/// The answer to `watch`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    /// How the watched users are now.
    pub presence: Vec<Presence>,
}

/// The body of `typing`. Needs no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypingRequest {
    /// Where.
    pub conversation: ConversationId,
    /// Typing, or not any more.
    pub on: bool,
}

/// The body of `find_users`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindUsers {
    /// Part of a display name or the start of a user name; all of a user name where the directory is `exact`.
    pub query: String,
}

/// The body of `users`: profiles by id, of those with whom the caller shares a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsersRequest {
    /// Which.
    pub users: Vec<UserId>,
}

/// The answer to `find_users` and `users`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsersFound {
    /// Them.
    pub users: Vec<User>,
}

/// The body of `renew`: a new access token of the same session, before the old one expires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renew {
    /// The new access token.
    pub access_token: String,
}

/// The answer to `renew`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewed {
    /// When the new one expires.
    pub expires_at: u64,
}

/// What the relay sends unasked: `{"push": …, "body": …}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "push", content = "body", rename_all = "snake_case")]
pub enum Push {
    /// A change in a conversation.
    Delta(Delta),
    /// A conversation that is new to the caller, or whose settings or marks they changed on another device.
    Head {
        /// The head.
        head: Box<Head>,
        /// Every user that it names.
        users: Vec<User>,
    },
    /// One is no member any more. Outside the rev chain.
    Removed {
        /// Of what.
        conversation: ConversationId,
    },
    /// Live changes were left out because this client is slow: it is behind, and pulls at its own pace.
    Behind {
        /// The conversations and their revs.
        conversations: Vec<(ConversationId, u64)>,
    },
    /// Others' marks, or one's own from another device.
    Marks {
        /// Where.
        conversation: ConversationId,
        /// Whose, and how far.
        marks: Vec<Mark>,
    },
    /// Watched users came or went.
    Presence {
        /// Them.
        presence: Vec<Presence>,
    },
    /// Someone types in the watched conversation.
    Typing {
        /// Where.
        conversation: ConversationId,
        /// Who.
        user: UserId,
        /// Or stopped.
        on: bool,
    },
    /// Profiles changed.
    Users {
        /// The users as they are now.
        users: Vec<User>,
    },
    /// One's own settings changed on another device.
    Settings {
        /// As in [`Welcome::share_read`].
        share_read: bool,
        /// As in [`Welcome::blocked`].
        blocked: Vec<UserId>,
    },
    /// A newer sync token. It covers everything that was sent on this socket before it.
    Token {
        /// To be stored once all of that has been.
        token: String,
    },
    /// The relay is about to close this socket.
    GoingAway {
        /// When to come back, in milliseconds from now.
        retry_after_ms: u64,
    },
    /// A frame without an id could not be used.
    Error(ErrorBody),
    /// A push of a later version; never sent.
    #[serde(skip)]
    Unknown,
}

impl Push {
    /// The names of all pushes, as they stand in `push`.
    pub const NAMES: [&'static str; 12] = [
        "delta",
        "head",
        "removed",
        "behind",
        "marks",
        "presence",
        "typing",
        "users",
        "settings",
        "token",
        "going_away",
        "error",
    ];
}
