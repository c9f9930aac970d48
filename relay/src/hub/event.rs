//! What a committed batch tells, in commit order.

use super::connection::Connection;
use super::text::FrameText;
use confab_protocol::{CommandId, ConversationId, UserId};
use std::sync::Arc;

/// Who is told.
#[derive(Clone, Debug)]
pub enum Receivers {
    /// One user.
    One(UserId),
    /// Several.
    Many(Arc<[UserId]>),
}

impl Receivers {
    /// Them.
    pub fn as_slice(&self) -> &[UserId] {
        match self {
            Receivers::One(user) => std::slice::from_ref(user),
            Receivers::Many(users) => users,
        }
    }
}

/// One thing to tell.
#[derive(Debug)]
pub enum Event {
    /// The answer to an accepted command that changed something in a conversation.
    Ack {
        /// To whom.
        to: Arc<Connection>,
        /// With the delta.
        full: FrameText,
        /// The request's id, for the answer without the delta.
        id: u64,
        /// Which command.
        command: CommandId,
        /// For a send: the message's place.
        seq: Option<u64>,
        /// The conversation.
        conversation: ConversationId,
        /// Its rev.
        rev: u64,
    },
    /// Any other answer.
    Answer {
        /// To whom.
        to: Arc<Connection>,
        /// What; `None` for a request that had no id and needs no answer.
        text: Option<FrameText>,
    },
    /// A change in a conversation.
    Delta {
        /// Which.
        conversation: ConversationId,
        /// The rev that it leads to.
        rev: u64,
        /// The members.
        receivers: Receivers,
        /// The connection whose acknowledgement stands for this.
        except: Option<u64>,
        /// The push.
        text: FrameText,
    },
    /// What must be told: heads, removals, profiles, settings.
    Must {
        /// Whom.
        receivers: Receivers,
        /// Not this connection.
        except: Option<u64>,
        /// The push.
        text: FrameText,
    },
    /// What may come later, in its latest state: marks.
    Light {
        /// Whom.
        receivers: Receivers,
        /// Not this connection.
        except: Option<u64>,
        /// The push.
        text: FrameText,
    },
    /// One of two users has blocked the other.
    Apart {
        /// One.
        one: UserId,
        /// The other.
        other: UserId,
    },
    /// Neither of two users blocks the other any more. Each stands with when they were last there, if the two share a
    /// conversation and so may be told.
    Together {
        /// One.
        one: (UserId, Option<u64>),
        /// The other.
        other: (UserId, Option<u64>),
    },
    /// Someone is no member any more: their interest in the conversation ends.
    Left {
        /// Who.
        user: UserId,
        /// Of what.
        conversation: ConversationId,
    },
}
