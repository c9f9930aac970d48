//! Commands: what a person does that must reach the relay exactly once.
//!
//! Each has an id that the client made (UUIDv7) and that the relay looks up before any rule. Sent again it gets its
//! first result; the same id with other content is [`crate::Code::IdReused`]; one that was refused is judged anew.

use crate::ids::{CommandId, ConversationId, MessageId, UserId};
use crate::model::{Notify, Role, is_false};
use crate::sync::Delta;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A command as the `body` of a request; [`Command::op`] is the request's `op`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", content = "body", rename_all = "snake_case")]
pub enum Command {
    /// A new message. Its id is the command's.
    Send(Send),
    /// Another text for one of one's own messages.
    Edit(Edit),
    /// A tombstone in a message's place: one's own, or anyone's for an admin or the owner.
    Delete(Delete),
    /// A reaction put or taken back.
    React(React),
    /// A new group; the caller is its owner.
    CreateGroup(CreateGroup),
    /// A group's title. Admins and the owner.
    Rename(Rename),
    /// People into a group. Admins and the owner.
    AddMembers(AddMembers),
    /// Someone out of a group. Admins (members only) and the owner.
    RemoveMember(RemoveMember),
    /// Oneself out of a group. The owner hands over first, unless alone.
    Leave(Leave),
    /// Someone's role. The owner only; `owner` hands the ownership over and makes the caller an admin.
    SetRole(SetRole),
    /// Hides a conversation from one's own list until something newer comes, or shows it again.
    Hide(Hide),
    /// Of which messages of a conversation one wants to be told.
    SetNotify(SetNotify),
    /// Blocks a user or takes that back.
    Block(Block),
    /// One's own display name and settings.
    SetProfile(SetProfile),
}

/// See [`Command::Send`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Send {
    /// The command's and the message's id.
    pub command: CommandId,
    /// The command of this client in this conversation that must have been accepted before this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<CommandId>,
    /// Where to.
    pub conversation: ConversationId,
    /// For a direct conversation: the other one, from whom the id is computed. Makes the conversation if need be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct_with: Option<UserId>,
    /// The text.
    pub text: String,
    /// The members mentioned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<UserId>,
    /// The message that this one answers, of the same conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
}

/// See [`Command::Edit`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// The command's id.
    pub command: CommandId,
    /// As in [`Send::after`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<CommandId>,
    /// Where.
    pub conversation: ConversationId,
    /// Which message.
    pub message: MessageId,
    /// The new text.
    pub text: String,
    /// The members mentioned now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<UserId>,
}

/// See [`Command::Delete`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delete {
    /// The command's id.
    pub command: CommandId,
    /// As in [`Send::after`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<CommandId>,
    /// Where.
    pub conversation: ConversationId,
    /// Which message.
    pub message: MessageId,
}

/// See [`Command::React`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct React {
    /// The command's id.
    pub command: CommandId,
    /// As in [`Send::after`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<CommandId>,
    /// Where.
    pub conversation: ConversationId,
    /// Which message.
    pub message: MessageId,
    /// The emoji.
    pub emoji: String,
    /// Put (`true`) or taken back (`false`).
    pub on: bool,
}

/// See [`Command::CreateGroup`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateGroup {
    /// The command's id.
    pub command: CommandId,
    /// The group's id, a UUIDv7 made by the client.
    pub conversation: ConversationId,
    /// Its title.
    pub title: String,
    /// Its members besides the caller.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<UserId>,
}

/// See [`Command::Rename`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rename {
    /// The command's id.
    pub command: CommandId,
    /// As in [`Send::after`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<CommandId>,
    /// Which group.
    pub conversation: ConversationId,
    /// The new title.
    pub title: String,
}

/// See [`Command::AddMembers`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddMembers {
    /// The command's id.
    pub command: CommandId,
    /// As in [`Send::after`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<CommandId>,
    /// Which group.
    pub conversation: ConversationId,
    /// Whom. Those who are members already are left as they are.
    pub users: Vec<UserId>,
}

/// See [`Command::RemoveMember`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveMember {
    /// The command's id.
    pub command: CommandId,
    /// As in [`Send::after`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<CommandId>,
    /// Which group.
    pub conversation: ConversationId,
    /// Whom.
    pub user: UserId,
}

/// See [`Command::Leave`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leave {
    /// The command's id.
    pub command: CommandId,
    /// As in [`Send::after`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<CommandId>,
    /// Which group.
    pub conversation: ConversationId,
}

/// See [`Command::SetRole`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetRole {
    /// The command's id.
    pub command: CommandId,
    /// As in [`Send::after`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<CommandId>,
    /// Which group.
    pub conversation: ConversationId,
    /// Whose role.
    pub user: UserId,
    /// Which role.
    pub role: Role,
}

/// See [`Command::Hide`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hide {
    /// The command's id.
    pub command: CommandId,
    /// Which conversation.
    pub conversation: ConversationId,
    /// Hidden as long as the conversation's seq is not above this; 0 shows it again.
    pub hidden_seq: u64,
}

/// See [`Command::SetNotify`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetNotify {
    /// The command's id.
    pub command: CommandId,
    /// Which conversation.
    pub conversation: ConversationId,
    /// The setting from now on.
    #[serde(flatten)]
    pub notify: Notify,
}

/// See [`Command::Block`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// The command's id.
    pub command: CommandId,
    /// Whom.
    pub user: UserId,
    /// Blocked (`true`) or not (`false`).
    pub blocked: bool,
}

/// See [`Command::SetProfile`]. What is absent stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetProfile {
    /// The command's id.
    pub command: CommandId,
    /// What others see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Whether others see how far one has read. Who does not tell is not told either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_read: Option<bool>,
}

impl Command {
    /// The names of all commands, as they stand in `op`.
    pub const OPS: [&'static str; 14] = [
        "send",
        "edit",
        "delete",
        "react",
        "create_group",
        "rename",
        "add_members",
        "remove_member",
        "leave",
        "set_role",
        "hide",
        "set_notify",
        "block",
        "set_profile",
    ];

    /// This command's id.
    pub fn id(&self) -> CommandId {
        match self {
            Command::Send(c) => c.command,
            Command::Edit(c) => c.command,
            Command::Delete(c) => c.command,
            Command::React(c) => c.command,
            Command::CreateGroup(c) => c.command,
            Command::Rename(c) => c.command,
            Command::AddMembers(c) => c.command,
            Command::RemoveMember(c) => c.command,
            Command::Leave(c) => c.command,
            Command::SetRole(c) => c.command,
            Command::Hide(c) => c.command,
            Command::SetNotify(c) => c.command,
            Command::Block(c) => c.command,
            Command::SetProfile(c) => c.command,
        }
    }

    /// The conversation that this command is about; `None` for one about the caller.
    pub fn conversation(&self) -> Option<ConversationId> {
        match self {
            Command::Send(c) => Some(c.conversation),
            Command::Edit(c) => Some(c.conversation),
            Command::Delete(c) => Some(c.conversation),
            Command::React(c) => Some(c.conversation),
            Command::CreateGroup(c) => Some(c.conversation),
            Command::Rename(c) => Some(c.conversation),
            Command::AddMembers(c) => Some(c.conversation),
            Command::RemoveMember(c) => Some(c.conversation),
            Command::Leave(c) => Some(c.conversation),
            Command::SetRole(c) => Some(c.conversation),
            Command::Hide(c) => Some(c.conversation),
            Command::SetNotify(c) => Some(c.conversation),
            Command::Block(_) | Command::SetProfile(_) => None,
        }
    }

    /// The predecessor that must have been accepted first.
    pub fn after(&self) -> Option<CommandId> {
        match self {
            Command::Send(c) => c.after,
            Command::Edit(c) => c.after,
            Command::Delete(c) => c.after,
            Command::React(c) => c.after,
            Command::Rename(c) => c.after,
            Command::AddMembers(c) => c.after,
            Command::RemoveMember(c) => c.after,
            Command::Leave(c) => c.after,
            Command::SetRole(c) => c.after,
            Command::CreateGroup(_)
            | Command::Hide(_)
            | Command::SetNotify(_)
            | Command::Block(_)
            | Command::SetProfile(_) => None,
        }
    }

    /// Names another predecessor, or none. Which one it is does not belong to a command's content.
    pub fn set_after(&mut self, after: Option<CommandId>) {
        match self {
            Command::Send(c) => c.after = after,
            Command::Edit(c) => c.after = after,
            Command::Delete(c) => c.after = after,
            Command::React(c) => c.after = after,
            Command::Rename(c) => c.after = after,
            Command::AddMembers(c) => c.after = after,
            Command::RemoveMember(c) => c.after = after,
            Command::Leave(c) => c.after = after,
            Command::SetRole(c) => c.after = after,
            Command::CreateGroup(_)
            | Command::Hide(_)
            | Command::SetNotify(_)
            | Command::Block(_)
            | Command::SetProfile(_) => {}
        }
    }

    /// The first sixteen bytes of SHA-256 over the command without `after`: two commands with the same id are the
    /// same if these are. `None` only if serialising failed, which it does not for these types.
    pub fn fingerprint(&self) -> Option<[u8; 16]> {
        struct Sink(Sha256);
        impl std::io::Write for Sink {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                self.0.update(bytes);
                Ok(bytes.len())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let mut sink = Sink(Sha256::new());
        if self.after().is_some() {
            let mut bare = self.clone();
            bare.set_after(None);
            serde_json::to_writer(&mut sink, &bare).ok()?;
        } else {
            serde_json::to_writer(&mut sink, self).ok()?;
        }
        let digest = sink.0.finalize();
        let mut out = [0u8; 16];
        out.copy_from_slice(&digest[..16]);
        Some(out)
    }
}

/// The answer to an accepted command. It is sent after the commit is durable, in commit order with the pushes, and
/// stands for the push that the sender's device would have got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// The command.
    pub command: CommandId,
    /// For `send`: the message's place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// The conversation's rev when the command had been applied; absent for commands about the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rev: Option<u64>,
    /// The command had been accepted before; this is its first result. What it changed is to be pulled if `rev`
    /// is above one's own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub replayed: bool,
    /// What changed. Absent when replayed, for commands about the caller, and for `leave`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delta: Option<Delta>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn send(text: &str) -> Send {
        Send {
            command: CommandId(Uuid::from_u128(1)),
            after: None,
            conversation: ConversationId(Uuid::from_u128(2)),
            direct_with: None,
            text: text.into(),
            mentions: vec![],
            reply_to: None,
        }
    }

    #[test]
    fn the_fingerprint_ignores_after_and_nothing_else() {
        let plain = Command::Send(send("hi"));
        let mut followed = plain.clone();
        followed.set_after(Some(CommandId(Uuid::from_u128(9))));
        assert_eq!(plain.fingerprint(), followed.fingerprint());
        assert_ne!(plain.fingerprint(), Command::Send(send("ho")).fingerprint());
    }

    #[test]
    fn every_op_is_listed() {
        let json = serde_json::to_value(Command::Send(send("hi"))).unwrap();
        assert!(Command::OPS.contains(&json["op"].as_str().unwrap()));
    }
}
