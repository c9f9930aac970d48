//! Rows of conversations, members and people, as the store hands them over.

use confab_protocol::{ConversationId, DeviceId, Kind, Role, RunId, User, UserId};

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

/// A place in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// A start of the relay.
    pub run: RunId,
    /// A commit of that run.
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
