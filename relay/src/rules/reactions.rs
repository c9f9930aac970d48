//! Reactions.

use super::messages::Blocks;
use super::{Change, Place, Ruling, forbidden, no_message};
use confab_protocol::command::React;
use confab_protocol::{Code, Content, ErrorBody, Message, Reaction, UserId, limits, text};

/// A reaction put or taken back. One that is as asked already stays so.
///
/// # Errors
/// `invalid`, `limit_reached`, `not_found`, `forbidden`.
pub fn react<K>(
    place: &Place<'_, K>,
    caller: UserId,
    command: &React,
    message: Option<&Message>,
    blocks: Blocks,
) -> Ruling {
    place.role_of(caller)?;
    text::emoji(&command.emoji)?;
    let message = message.ok_or_else(no_message)?;
    match &message.content {
        None => return Err(ErrorBody::new(Code::NotFound, "This message has been deleted.")),
        Some(Content::System { .. }) => return Err(forbidden("One cannot react to this.")),
        Some(_) => {}
    }
    let is_on = message.reactions.iter().any(|r| r.emoji == command.emoji && r.users.contains(&caller));
    if is_on == command.on {
        return Ok(Change::default());
    }
    let mut rewrite = message.clone();
    if command.on {
        blocks.allow()?;
        put(&mut rewrite.reactions, caller, &command.emoji)?;
    } else {
        for reaction in &mut rewrite.reactions {
            if reaction.emoji == command.emoji {
                reaction.users.retain(|user| *user != caller);
            }
        }
        rewrite.reactions.retain(|reaction| !reaction.users.is_empty());
    }
    Ok(Change { rewrite: Some(rewrite), ..Change::default() })
}

fn put(reactions: &mut Vec<Reaction>, caller: UserId, emoji: &str) -> Result<(), ErrorBody> {
    if reactions.iter().map(|reaction| reaction.users.len()).sum::<usize>() >= limits::REACTIONS {
        return Err(full(limits::REACTIONS, "reactions"));
    }
    if let Some(reaction) = reactions.iter_mut().find(|reaction| reaction.emoji == emoji) {
        reaction.users.push(caller);
        return Ok(());
    }
    if reactions.len() >= limits::REACTION_KINDS {
        return Err(full(limits::REACTION_KINDS, "different reactions"));
    }
    reactions.push(Reaction { emoji: emoji.to_owned(), users: vec![caller] });
    Ok(())
}

fn full(limit: usize, what: &str) -> ErrorBody {
    ErrorBody::new(Code::LimitReached, format!("A message keeps at most {limit} {what}."))
}
