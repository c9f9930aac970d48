//! Between the engine's words and the bridge's.

use crate::api::{
    Answer, ChangeKind, Connection, DevicesView, Done, Opened, Refused, Request, Topic, UsersView,
};
use confab_engine::{Action, CacheError, Link, Reply};
use confab_protocol::Command;
use confab_store::view::Problem;
use confab_store::{DAMAGED, StoreError};

/// What the engine is to do for a request; `None` for one that is no business of the engine.
pub fn action(request: Request) -> Option<Action> {
    Some(match request {
        Request::Send { id, conversation, text, mentions, reply_to } => {
            Action::Send { id, conversation, text, mentions, reply_to }
        }
        Request::Edit { id, conversation, message, text, mentions } => {
            Action::Edit { id, conversation, message, text, mentions }
        }
        Request::Delete { id, conversation, message } => Action::Delete { id, conversation, message },
        Request::React { id, conversation, message, emoji, on } => {
            Action::React { id, conversation, message, emoji, on }
        }
        Request::MarkRead { conversation, seq } => Action::MarkRead { conversation, seq },
        Request::OpenDirect { user } => Action::OpenDirect { user },
        Request::CreateGroup { id, conversation, title, members } => {
            Action::CreateGroup { id, conversation, title, members }
        }
        Request::Rename { id, conversation, title } => Action::Rename { id, conversation, title },
        Request::AddMembers { id, conversation, users } => Action::AddMembers { id, conversation, users },
        Request::RemoveMember { id, conversation, user } => Action::RemoveMember { id, conversation, user },
        Request::Leave { id, conversation } => Action::Leave { id, conversation },
        Request::SetRole { id, conversation, user, role } => Action::SetRole { id, conversation, user, role },
        Request::SetNotify { id, conversation, notify } => Action::SetNotify { id, conversation, notify },
        Request::Hide { id, conversation, hidden } => Action::Hide { id, conversation, hidden },
        Request::Block { id, user, blocked } => Action::Block { id, user, blocked },
        Request::SetProfile { id, display_name, share_read } => {
            Action::SetProfile { id, display_name, share_read }
        }
        Request::Retry { id } => Action::Retry { id },
        Request::Discard { id } => Action::Discard { id },
        Request::Load { conversation, seq } => Action::Load { conversation, seq },
        Request::Typing { conversation, on } => Action::Typing { conversation, on },
        Request::FindUsers { query } => Action::FindUsers { query },
        Request::Devices => Action::Devices,
        _ => return None,
    })
}

pub fn answer(reply: Reply) -> Answer {
    match reply {
        Reply::Done => Answer::Done(Done {}),
        Reply::Opened(conversation) => Answer::Opened(Opened { conversation }),
        Reply::Users(users) => Answer::Users(UsersView { users }),
        Reply::Devices(devices) => Answer::Devices(DevicesView { devices }),
    }
}

pub fn problem(problem: confab_engine::Problem) -> Problem {
    Problem { code: problem.code, message: problem.message, retry_after_ms: problem.retry_after_ms }
}

/// `None` for changes of messages: they are seen where the message stands.
pub fn refused(refused: confab_engine::Refused) -> Option<Refused> {
    let change = match refused.command {
        Command::Send(_)
        | Command::Edit(_)
        | Command::Delete(_)
        | Command::React(_)
        | Command::CreateGroup(_) => return None,
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
    Some(Refused { change, name: refused.name })
}

pub fn topic(topic: confab_engine::Topic) -> Topic {
    match topic {
        confab_engine::Topic::Session => Topic::Session,
        confab_engine::Topic::Conversations => Topic::Conversations,
        confab_engine::Topic::Conversation(conversation) => Topic::Conversation { conversation },
        confab_engine::Topic::Presence => Topic::Presence,
        confab_engine::Topic::People => Topic::People,
    }
}

pub fn connection(link: Link) -> Connection {
    match link {
        Link::Online => Connection::Online,
        Link::Connecting => Connection::Connecting,
        Link::Offline => Connection::Offline,
    }
}

/// What the database's failure is told as: its own code where a person can do something about it.
pub fn storage(error: &StoreError) -> Problem {
    let code = match error {
        StoreError::Newer { .. } => "newer_database",
        StoreError::OldSqlite(_) => "old_sqlite",
        _ if error.is_full() => "full",
        _ if error.is_damage() => DAMAGED,
        _ => "storage",
    };
    own(code, error.to_string())
}

/// The same, to put behind the store's calls.
#[allow(clippy::needless_pass_by_value)]
pub fn failed(error: StoreError) -> Problem {
    storage(&error)
}

/// The same for the engine's transaction.
pub fn cache(error: &CacheError) -> Problem {
    error.0.downcast_ref::<StoreError>().map_or_else(|| own("storage", error.to_string()), storage)
}

/// A problem of the client's own making.
pub fn own(code: &str, message: impl Into<String>) -> Problem {
    Problem { code: code.into(), message: message.into(), retry_after_ms: None }
}

pub fn to_engine(problem: Problem) -> confab_engine::Problem {
    confab_engine::Problem {
        code: problem.code,
        message: problem.message,
        retry_after_ms: problem.retry_after_ms,
    }
}

/// Whether a request is answered from what is held here.
pub fn is_query(request: &Request) -> bool {
    matches!(
        request,
        Request::Session
            | Request::Conversations { .. }
            | Request::Conversation { .. }
            | Request::Window { .. }
            | Request::Members { .. }
            | Request::Search { .. }
            | Request::Draft { .. }
            | Request::KnownUsers
            | Request::Presence
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storage_that_fails_says_why() {
        let newer = StoreError::Newer { found: 9, known: 1 };
        assert_eq!(storage(&newer).code, "newer_database");
        assert_eq!(cache(&newer.into()).code, "newer_database");
        assert_eq!(storage(&StoreError::OldSqlite("3.1".into())).code, "old_sqlite");
        assert_eq!(storage(&StoreError::Unreadable("a row".into())).code, DAMAGED);
        let other = storage(&StoreError::Disk("/data: Permission denied".into()));
        assert_eq!(other.code, "storage");
        assert!(other.message.contains("Permission denied"), "{}", other.message);
    }
}
