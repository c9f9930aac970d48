//! Sending, editing, deleting.

use super::{Change, Place, Post, Ruling, distinct, forbidden, invalid, no_message};
use confab_protocol::command::{Delete, Edit, Send};
use confab_protocol::model::ReplyTo;
use confab_protocol::{Code, Content, ConversationId, ErrorBody, Kind, Message, Role, UserId, limits, text};

/// Between the two of a direct conversation: who has blocked whom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Blocks {
    /// The other one has blocked the caller.
    pub by_peer: bool,
    /// The caller has blocked the other one.
    pub by_caller: bool,
}

impl Blocks {
    /// Whether something may be written to the other one.
    ///
    /// # Errors
    /// `forbidden`.
    pub(super) fn allow(self) -> Result<(), ErrorBody> {
        if self.by_caller {
            return Err(forbidden("You have blocked this person. Unblock them to write to them."));
        }
        if self.by_peer {
            return Err(forbidden("This person does not take messages from you."));
        }
        Ok(())
    }
}

/// Whether a send may make the direct conversation that it names: its id must be that of the caller and the other one.
///
/// # Errors
/// `invalid` if the id is another.
pub fn is_direct(command: &Send, caller: UserId, other: UserId) -> Result<(), ErrorBody> {
    if command.conversation == ConversationId::direct(caller, other) {
        Ok(())
    } else {
        Err(invalid("'conversation' is not the id of the direct conversation with 'direct_with'."))
    }
}

fn mentions<K>(place: &Place<'_, K>, named: &[UserId]) -> Result<Vec<UserId>, ErrorBody> {
    if named.len() > limits::MENTIONS {
        return Err(ErrorBody::new(
            Code::LimitReached,
            format!("A message can mention at most {} people.", limits::MENTIONS),
        ));
    }
    Ok(distinct(named).into_iter().filter(|user| place.has(*user)).collect())
}

/// A new message. `reply` is the message that `reply_to` names, if it is in this conversation.
///
/// # Errors
/// `invalid`, `too_large`, `limit_reached`, `not_found`, `forbidden`.
pub fn send<K>(
    place: &Place<'_, K>,
    caller: UserId,
    command: &Send,
    reply: Option<&Message>,
    blocks: Blocks,
) -> Ruling {
    place.role_of(caller)?;
    if !command.command.is_v7() {
        return Err(invalid("'command' is not a UUIDv7."));
    }
    text::message(&command.text)?;
    blocks.allow()?;
    let reply_to = match (command.reply_to, reply) {
        (None, _) => None,
        (Some(_), Some(message)) => Some(ReplyTo { id: message.id, seq: message.seq }),
        (Some(_), None) => return Err(no_message()),
    };
    let mentioned = mentions(place, &command.mentions)?;
    let content = Content::Text { text: command.text.clone(), mentions: mentioned.clone() };
    Ok(Change { post: Some(Post { content, reply_to }), mentioned, ..Change::default() })
}

/// Another text for one's own message. `now` decorates it.
///
/// # Errors
/// `invalid`, `too_large`, `limit_reached`, `not_found`, `forbidden`.
pub fn edit<K>(
    place: &Place<'_, K>,
    caller: UserId,
    command: &Edit,
    message: Option<&Message>,
    blocks: Blocks,
    now: u64,
) -> Ruling {
    place.role_of(caller)?;
    text::message(&command.text)?;
    blocks.allow()?;
    let message = message.ok_or_else(no_message)?;
    let Some(Content::Text { text, mentions: before }) = &message.content else {
        return Err(match &message.content {
            None => ErrorBody::new(Code::NotFound, "This message has been deleted."),
            Some(_) => forbidden("This message cannot be edited."),
        });
    };
    if message.sender != caller {
        return Err(forbidden("Only the sender may edit a message."));
    }
    let mentioned = mentions(place, &command.mentions)?;
    if *text == command.text && *before == mentioned {
        return Ok(Change::default());
    }
    let content = Content::Text { text: command.text.clone(), mentions: mentioned.clone() };
    let rewrite = Message { content: Some(content), edited_at: Some(now), ..message.clone() };
    Ok(Change { rewrite: Some(rewrite), mentioned, ..Change::default() })
}

/// A tombstone in a message's place. One that is deleted already stays as it is.
///
/// # Errors
/// `not_found`, `forbidden`.
pub fn delete<K>(
    place: &Place<'_, K>,
    caller: UserId,
    _command: &Delete,
    message: Option<&Message>,
) -> Ruling {
    let role = place.role_of(caller)?;
    let message = message.ok_or_else(no_message)?;
    let may = message.sender == caller || (place.kind == Kind::Group && role >= Role::Admin);
    match &message.content {
        Some(Content::System { .. }) => Err(forbidden("What happened to the group cannot be deleted.")),
        _ if !may => Err(forbidden("Only the sender, or an admin of the group, may delete a message.")),
        None => Ok(Change::default()),
        Some(_) => {
            let rewrite = Message {
                content: None,
                edited_at: None,
                reply_to: None,
                reactions: vec![],
                ..message.clone()
            };
            Ok(Change { rewrite: Some(rewrite), ..Change::default() })
        }
    }
}
