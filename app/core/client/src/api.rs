//! The bridge: everything that a screen may ask of the client and everything that the client tells it.
//!
//! A screen sends [`Request`]s, each of which is answered once with the JSON value of the type that its doc names or
//! with a [`Problem`], and gets [`Event`]s. It keeps no copy of the truth: on `changed` it asks again.

use confab_protocol::{CommandId, ConversationId, DeviceId, MessageId, Notify, Role, User, UserId};
use confab_store::view::{Draft, WindowAt};
use serde::{Deserialize, Serialize};

mod answers;

pub use answers::*;
pub use confab_store::view::{ConversationsView, MembersView, Problem, SearchView, WindowView};

/// What a screen asks, told apart by `type`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Request {
    // Queries over the local cache. They work offline.
    /// Answers with [`SessionView`].
    Session,
    /// Answers with [`ConversationsView`].
    Conversations {
        /// Those hidden too.
        #[serde(default)]
        hidden: bool,
    },
    /// Answers with [`ConversationView`], or `not_found`.
    Conversation {
        /// Which.
        conversation: ConversationId,
    },
    /// Answers with [`WindowView`].
    Window {
        /// Of which conversation.
        conversation: ConversationId,
        /// Where.
        at: WindowAt,
        /// At most this many seqs (pending messages come on top). At most 500.
        limit: u32,
    },
    /// Answers with [`MembersView`].
    Members {
        /// Of which conversation.
        conversation: ConversationId,
    },
    /// Answers with [`SearchView`].
    Search {
        /// What to find: every word, or part of a word, must be in the message.
        text: String,
        /// In this conversation only.
        #[serde(default)]
        #[cfg_attr(feature = "ts", ts(optional))]
        conversation: Option<ConversationId>,
        /// Older ones than the page that gave this.
        #[serde(default)]
        #[cfg_attr(feature = "ts", ts(optional))]
        next: Option<String>,
        /// At most this many.
        limit: u32,
    },
    /// Answers with [`Draft`]; an empty one if there is none.
    Draft {
        /// Of which conversation.
        conversation: ConversationId,
    },
    /// The users known here (people one shares a conversation with). Answers with [`UsersView`].
    KnownUsers,
    /// Who is there, as far as watched. Answers with [`PresenceView`].
    Presence,

    // Accounts. They need the relay.
    /// Makes an account and signs in. Answers with [`SessionView`].
    Register {
        /// The user name.
        username: String,
        /// What others see.
        display_name: String,
        /// The password.
        password: String,
        /// What to call this device.
        device_name: String,
    },
    /// Signs in. Answers with [`SessionView`].
    Login {
        /// The user name.
        username: String,
        /// The password.
        password: String,
        /// What to call this device.
        device_name: String,
    },
    /// Signs out and removes the account's data from this device. With unsent work it is refused (`unsent_work`)
    /// unless `discard_unsent`. Answers with [`SessionView`].
    Logout {
        /// Throw unsent work away.
        discard_unsent: bool,
    },
    /// Tries to connect now instead of at the next turn. Answers with [`Done`].
    Reconnect,

    // What a person does. Answered with `Done` once it is in the outbox on disk: from then on it will not be lost.
    /// A new message.
    Send {
        /// Its id, a UUIDv7 made by the asking tab: asking again with it does nothing twice.
        id: MessageId,
        /// Where to.
        conversation: ConversationId,
        /// The text.
        text: String,
        /// The members mentioned.
        #[serde(default)]
        mentions: Vec<UserId>,
        /// The message that it answers.
        #[serde(default)]
        #[cfg_attr(feature = "ts", ts(optional))]
        reply_to: Option<MessageId>,
    },
    /// Another text for an own message.
    Edit {
        /// The command's id, a UUIDv7 made by the asking tab.
        id: CommandId,
        /// Where.
        conversation: ConversationId,
        /// Which.
        message: MessageId,
        /// The new text.
        text: String,
        /// The members mentioned now.
        #[serde(default)]
        mentions: Vec<UserId>,
    },
    /// Deletes a message for everyone.
    Delete {
        /// The command's id.
        id: CommandId,
        /// Where.
        conversation: ConversationId,
        /// Which.
        message: MessageId,
    },
    /// Puts a reaction or takes it back.
    React {
        /// The command's id.
        id: CommandId,
        /// Where.
        conversation: ConversationId,
        /// Which.
        message: MessageId,
        /// The emoji.
        emoji: String,
        /// Put or taken back.
        on: bool,
    },
    /// Everything up to this seq has been seen.
    MarkRead {
        /// Where.
        conversation: ConversationId,
        /// Up to which.
        seq: u64,
    },
    /// The direct conversation with a user. Works offline; it exists for others from its first message. Answers with
    /// [`Opened`].
    OpenDirect {
        /// With whom (as found by `find_users`).
        user: User,
    },
    /// A new group. Answers with [`Opened`]; works offline.
    CreateGroup {
        /// The command's id.
        id: CommandId,
        /// The group's id, a UUIDv7 made by the asking tab.
        conversation: ConversationId,
        /// Its title.
        title: String,
        /// Its members besides oneself.
        members: Vec<User>,
    },
    /// A group's title.
    Rename {
        /// The command's id.
        id: CommandId,
        /// Which group.
        conversation: ConversationId,
        /// The title.
        title: String,
    },
    /// People into a group.
    AddMembers {
        /// The command's id.
        id: CommandId,
        /// Which group.
        conversation: ConversationId,
        /// Whom.
        users: Vec<User>,
    },
    /// Someone out of a group.
    RemoveMember {
        /// The command's id.
        id: CommandId,
        /// Which group.
        conversation: ConversationId,
        /// Whom.
        user: UserId,
    },
    /// Oneself out of a group.
    Leave {
        /// The command's id.
        id: CommandId,
        /// Which group.
        conversation: ConversationId,
    },
    /// Someone's role.
    SetRole {
        /// The command's id.
        id: CommandId,
        /// Which group.
        conversation: ConversationId,
        /// Whose.
        user: UserId,
        /// Which role; `owner` hands the group over.
        role: Role,
    },
    /// Hides a conversation until something newer comes, or shows it again.
    Hide {
        /// The command's id.
        id: CommandId,
        /// Which.
        conversation: ConversationId,
        /// Hidden or not.
        hidden: bool,
    },
    /// Of which messages of a conversation to be told, on all of one's devices.
    SetNotify {
        /// The command's id.
        id: CommandId,
        /// Which.
        conversation: ConversationId,
        /// The setting from now on.
        notify: Notify,
    },
    /// Blocks a user or takes that back.
    Block {
        /// The command's id.
        id: CommandId,
        /// Whom.
        user: UserId,
        /// Blocked or not.
        blocked: bool,
    },
    /// One's own display name and settings.
    SetProfile {
        /// The command's id.
        id: CommandId,
        /// What others see.
        #[serde(default)]
        #[cfg_attr(feature = "ts", ts(optional))]
        display_name: Option<String>,
        /// Whether others see how far one has read.
        #[serde(default)]
        #[cfg_attr(feature = "ts", ts(optional))]
        share_read: Option<bool>,
    },
    /// Keeps what stands in a composer. Answers with [`Done`].
    SaveDraft {
        /// Of which conversation.
        conversation: ConversationId,
        /// It.
        draft: Draft,
    },
    /// Tries a refused message or change again. Answers with [`Done`].
    Retry {
        /// The message's or command's id.
        id: CommandId,
    },
    /// Throws a refused message or change away. Answers with [`Done`].
    Discard {
        /// The message's or command's id.
        id: CommandId,
    },

    // Of the moment: nothing is stored.
    /// Fetches what is missing around a seq of a conversation (a hole in view). Answers with [`Done`] when it has come.
    Load {
        /// Which conversation.
        conversation: ConversationId,
        /// A seq in the hole.
        seq: u64,
    },
    /// What this screen shows: whose presence and which conversation's typing to be told. Answers with [`Done`].
    Watch {
        /// The open conversation.
        #[serde(default)]
        #[cfg_attr(feature = "ts", ts(optional))]
        conversation: Option<ConversationId>,
        /// The users in sight.
        users: Vec<UserId>,
    },
    /// One is typing, or not any more. Answers with [`Done`].
    Typing {
        /// Where.
        conversation: ConversationId,
        /// Typing or not.
        on: bool,
    },
    /// Finds people on the relay. Answers with [`UsersView`]; needs the network.
    FindUsers {
        /// Part of a name, or a user name.
        query: String,
    },
    /// One's own devices. Answers with [`DevicesView`]; needs the network.
    Devices,
    /// Logs another of one's devices out. Answers with [`Done`]; needs the network.
    LogOutDevice {
        /// Which.
        device: DeviceId,
    },
}

#[cfg(all(test, feature = "ts"))]
mod tests {
    //! `cargo test -p confab-client --features ts` writes the TypeScript; with `CONFAB_CHECK_TS=1` it compares.

    use super::*;
    use ts_rs::{Config, TS};

    #[test]
    fn the_typescript_of_the_bridge_is_current() {
        let config = Config::new().with_large_int("number");
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/bridge/generated");
        let fresh = std::env::temp_dir().join(format!("confab-ts-{}", std::process::id()));
        let check = std::env::var_os("CONFAB_CHECK_TS").is_some();
        let out = if check { fresh.clone() } else { root.clone() };
        let config = config.with_out_dir(&out);
        Request::export_all(&config).unwrap();
        Event::export_all(&config).unwrap();
        Answer::export_all(&config).unwrap();
        if check {
            let list = |dir: &std::path::Path| -> Vec<(String, String)> {
                let mut files: Vec<_> = std::fs::read_dir(dir)
                    .unwrap()
                    .map(|entry| entry.unwrap().path())
                    .filter(|path| path.is_file())
                    .map(|path| {
                        let name = path.file_name().unwrap().to_string_lossy().into_owned();
                        (name, std::fs::read_to_string(path).unwrap())
                    })
                    .collect();
                files.sort();
                files
            };
            assert_eq!(list(&fresh), list(&root), "stale: run scripts/types and commit the result");
            std::fs::remove_dir_all(&fresh).unwrap();
        }
    }
}
