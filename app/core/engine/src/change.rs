//! What a change that was refused was about, so that a screen can name it.

use crate::cache::Result;
use crate::engine::Ctx;
use confab_protocol::{Command, ConversationId, UserId};

/// A change that was refused and stands nowhere on the screen any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What was asked for.
    pub command: Command,
    /// The title of the group or the name of the person that it concerns; empty if that is not known, or oneself.
    pub name: String,
}

/// What a screen needs to name a command that was refused.
pub(crate) fn refused(ctx: &mut Ctx<'_>, command: Command) -> Result<Refused> {
    let name = match (&command, command.conversation()) {
        (Command::Block(block), _) => person(ctx, block.user)?,
        (_, Some(conversation)) => title(ctx, conversation)?,
        _ => String::new(),
    };
    Ok(Refused { command, name })
}

fn title(ctx: &mut Ctx<'_>, id: ConversationId) -> Result<String> {
    let Some(held) = ctx.cache.conversation(id)? else { return Ok(String::new()) };
    match held.peer {
        Some(peer) => person(ctx, peer),
        None => Ok(held.title),
    }
}

fn person(ctx: &mut Ctx<'_>, id: UserId) -> Result<String> {
    Ok(ctx.cache.user(id)?.map(|user| user.display_name).unwrap_or_default())
}
