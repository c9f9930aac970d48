//! What a change that was refused was about, so that a screen can name it.

use crate::cache::Result;
use crate::engine::Ctx;
use confab_protocol::{Command, ConversationId, UserId};

/// The kinds of changes that stand nowhere on the screen once they are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// A change that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What was to change.
    pub change: ChangeKind,
    /// The title of the group or the name of the person that it concerns; empty if that is not known, or oneself.
    pub name: String,
}

/// What a command was about; `None` for those that are seen where they stand.
pub(crate) fn refused(ctx: &mut Ctx<'_>, command: &Command) -> Result<Option<Refused>> {
    let change = match command {
        Command::Send(_)
        | Command::Edit(_)
        | Command::Delete(_)
        | Command::React(_)
        | Command::CreateGroup(_) => return Ok(None),
        Command::Rename(_) => ChangeKind::Rename,
        Command::AddMembers(_) => ChangeKind::AddMembers,
        Command::RemoveMember(_) => ChangeKind::RemoveMember,
        Command::Leave(_) => ChangeKind::Leave,
        Command::SetRole(_) => ChangeKind::SetRole,
        Command::Hide(_) => ChangeKind::Hide,
        Command::SetNotify(_) => ChangeKind::SetNotify,
        Command::Block(_) => ChangeKind::Block,
        Command::SetProfile(_) => ChangeKind::SetProfile,
    };
    let name = match (command, command.conversation()) {
        (Command::Block(block), _) => person(ctx, block.user)?,
        (_, Some(conversation)) => title(ctx, conversation)?,
        _ => String::new(),
    };
    Ok(Some(Refused { change, name }))
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
