//! The rows that both sides speak of: users, conversations, members, messages, marks.
//!
//! All times are milliseconds since 1970-01-01 UTC by the relay's clock, and decorate only: order is by `seq`.

use crate::content::Content;
use crate::error::{Code, ErrorBody};
use crate::ids::{ConversationId, DeviceId, MessageId, UserId};
use serde::{Deserialize, Serialize};

/// A person as others see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct User {
    /// The user.
    pub id: UserId,
    /// Unique on the relay, lower case. Empty for a deleted user.
    pub username: String,
    /// What to show.
    pub display_name: String,
    /// The account is gone; its messages remain.
    #[serde(default, skip_serializing_if = "is_false")]
    pub deleted: bool,
}

/// What kind of conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Two users (or one, with themselves); exists from its first message.
    Direct,
    /// Made by someone, with roles and a title.
    Group,
}

/// What a member may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Writes, reads, leaves.
    Member,
    /// Also renames, adds, removes members, deletes others' messages.
    Admin,
    /// Also makes and unmakes admins, removes them, and hands the ownership over. One a group.
    Owner,
}

/// Of which messages of a conversation its member wants to be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum NotifyLevel {
    /// Of all.
    #[default]
    All,
    /// Of those that mention oneself.
    Mentions,
    /// Of none.
    Nothing,
}

/// A member's own setting for one conversation. It is theirs on all of their devices and nobody else's business.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Notify {
    /// Of what to be told.
    pub level: NotifyLevel,
    /// Of nothing before this time, in milliseconds since 1970-01-01 UTC; 0 if not muted.
    #[serde(default)]
    pub muted_until: u64,
}

impl Notify {
    /// The latest time that a date can have in a browser (ECMA-262, section 21.4.1.1), for "until I say otherwise".
    pub const FOREVER_MS: u64 = 8_640_000_000_000_000;

    /// Whether this can be set.
    ///
    /// # Errors
    /// `invalid`: a time after [`Notify::FOREVER_MS`].
    pub fn check(&self) -> Result<(), ErrorBody> {
        if self.muted_until > Self::FOREVER_MS {
            let message = format!("'muted_until' is at most {}.", Self::FOREVER_MS);
            return Err(ErrorBody::new(Code::Invalid, message));
        }
        Ok(())
    }

    /// Whether to tell of a message at this time (milliseconds since 1970-01-01 UTC).
    pub fn tells(&self, mentions_me: bool, now_ms: u64) -> bool {
        now_ms >= self.muted_until
            && match self.level {
                NotifyLevel::All => true,
                NotifyLevel::Mentions => mentions_me,
                NotifyLevel::Nothing => false,
            }
    }

    /// Whether nothing was chosen, so that it needs no place in a frame.
    pub(crate) fn is_default(&self) -> bool {
        *self == Notify::default()
    }
}

/// A member row. It is never deleted: one who left stays, with `role` absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// Absent for one who left or was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The rev of this row's latest change.
    pub rev: u64,
}

/// A message in its current state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The message.
    pub id: MessageId,
    /// Its place in the conversation, from 1, without holes.
    pub seq: u64,
    /// The rev of its latest change.
    pub rev: u64,
    /// Who sent it, or who did what a system message tells.
    pub sender: UserId,
    /// When the relay took it.
    pub at: u64,
    /// When it was last edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<u64>,
    /// The message it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<ReplyTo>,
    /// Absent for a deleted message, of which only this tombstone remains.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
    /// Reactions, by emoji in the order of their first use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
}

/// A reference to an earlier message of the same conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyTo {
    /// The message.
    pub id: MessageId,
    /// Its place, so that it can be fetched by `history` around it.
    pub seq: u64,
}

/// All who reacted with one emoji.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// The emoji as it was sent.
    pub emoji: String,
    /// Who, in order.
    pub users: Vec<UserId>,
}

/// How far one member's devices have received and the person has read. Marks only grow, within one fork.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Whose.
    pub user: UserId,
    /// Every message up to this seq has reached one of their devices.
    #[serde(default)]
    pub delivered: u64,
    /// Every message up to this seq has been read. 0 where the person does not tell.
    #[serde(default)]
    pub read: u64,
}

/// A conversation as its caller sees it: everything a list needs, and where its counters stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The conversation.
    pub conversation: ConversationId,
    /// Its kind.
    pub kind: Kind,
    /// A group's title; empty for a direct conversation.
    pub title: String,
    /// When it was made.
    pub created_at: u64,
    /// How many changes it has seen.
    pub rev: u64,
    /// A digest of the history behind `rev`. Equal revs with different lineages are different histories.
    pub lineage: String,
    /// The seq of its newest message; 0 if there is none.
    pub seq: u64,
    /// The oldest seq that the relay still has. 1 unless a purge took older ones.
    pub first_seq: u64,
    /// How many members it has now.
    pub members: u32,
    /// The caller's role; absent if they are no member any more. Then `rev` and `seq` are those at the
    /// removal, `members` is 0, `last` is absent, and nothing else of this conversation will come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The other one of a direct conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<UserId>,
    /// The caller's own read mark.
    pub read: u64,
    /// The caller's own delivered mark.
    pub delivered: u64,
    /// Others' messages above `read`, neither deleted nor system ones, counted to the limit `unread`.
    pub unread: u32,
    /// The seq of the newest message that mentions the caller; 0 if none.
    pub mention_seq: u64,
    /// Hidden from the list as long as `seq` is not above this; 0 if never hidden.
    pub hidden_seq: u64,
    /// Of which messages the caller wants to be told.
    #[serde(default, skip_serializing_if = "Notify::is_default")]
    pub notify: Notify,
    /// The newest message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Message>,
    /// The other members' marks; empty in conversations above the limit `receipt_members`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
}

/// Whether someone is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// Who.
    pub user: UserId,
    /// One of their devices is connected.
    pub online: bool,
    /// When the last of them was, if the relay knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<u64>,
}

/// One of the caller's own devices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Device {
    /// The device.
    pub id: DeviceId,
    /// As it named itself.
    pub name: String,
    /// When it logged in.
    pub created_at: u64,
    /// When it was last connected.
    pub last_seen: u64,
    /// It is the one that asks.
    pub current: bool,
    /// It is connected now.
    pub online: bool,
}

pub(crate) fn is_false(value: &bool) -> bool {
    !*value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_tells_what_it_says_once_the_muting_is_over() {
        let told = |level, muted_until| {
            let notify = Notify { level, muted_until };
            [notify.tells(false, 9), notify.tells(true, 9), notify.tells(false, 10), notify.tells(true, 10)]
        };
        assert_eq!(told(NotifyLevel::All, 0), [true; 4]);
        assert_eq!(told(NotifyLevel::All, 10), [false, false, true, true]);
        assert_eq!(told(NotifyLevel::Mentions, 10), [false, false, false, true]);
        assert_eq!(told(NotifyLevel::Nothing, 0), [false; 4]);
        assert!(Notify { muted_until: Notify::FOREVER_MS, ..Notify::default() }.check().is_ok());
        assert!(Notify { muted_until: Notify::FOREVER_MS + 1, ..Notify::default() }.check().is_err());
    }
}
