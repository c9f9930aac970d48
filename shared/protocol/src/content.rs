//! What a message holds. The type is open: a client shows a content it does not know as such and keeps it.

use crate::ids::UserId;
use crate::model::Role;
use serde::{Deserialize, Serialize};

/// A message's payload, told apart by `type`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Content {
    /// Text with a small subset of Markdown, rendered by the client.
    Text {
        /// UTF-8, at most [`crate::limits::TEXT_BYTES`].
        text: String,
        /// The members mentioned, without doubles.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<UserId>,
    },
    /// Something that happened to the conversation. Made by the relay only.
    System {
        /// What happened.
        event: SystemEvent,
    },
    /// A type of a later version.
    #[serde(other)]
    Unknown,
}

/// Events of a conversation that stand in its history. The message's sender is who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SystemEvent {
    /// The group was made.
    Created {
        /// Its first title.
        title: String,
    },
    /// People were added by the sender.
    Added {
        /// Who.
        users: Vec<UserId>,
    },
    /// Someone was removed by the sender.
    Removed {
        /// Who.
        user: UserId,
    },
    /// The sender left.
    Left,
    /// The sender renamed the group.
    Renamed {
        /// The new title.
        title: String,
    },
    /// The sender changed someone's role; `owner` hands the ownership over.
    RoleChanged {
        /// Whose.
        user: UserId,
        /// The new role.
        role: Role,
    },
    /// An event of a later version.
    #[serde(other)]
    Unknown,
}
