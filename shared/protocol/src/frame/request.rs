//! What a client sends.

use super::Nothing;
use crate::command::Command;
use crate::error::{Code, ErrorBody};
use crate::sync::{
    ChangesRequest, FindUsers, HeadsRequest, Hello, HistoryRequest, MarkRequest, Renew, TypingRequest,
    UsersRequest, WatchRequest,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Everything that a client may ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// The first one on a socket.
    Hello(Hello),
    /// Another access token before the first expires.
    Renew(Renew),
    /// The next page of heads.
    Heads(HeadsRequest),
    /// Changes since a rev.
    Changes(ChangesRequest),
    /// A page of history.
    History(HistoryRequest),
    /// Marks.
    Mark(MarkRequest),
    /// Interest in presence and typing.
    Watch(WatchRequest),
    /// Typing.
    Typing(TypingRequest),
    /// Finds people.
    FindUsers(FindUsers),
    /// Profiles by id.
    Users(UsersRequest),
    /// One's own devices: answers with [`Devices`].
    Devices,
    /// Is anybody there? Answers with an empty object.
    Ping,
    /// Something that must happen exactly once: answers with [`Ack`].
    Command(Command),
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(default)]
    id: Option<u64>,
    #[serde(borrow)]
    op: std::borrow::Cow<'a, str>,
    #[serde(borrow, default)]
    body: Option<&'a RawValue>,
}

/// A request that could not be read: its id, if it had a usable one, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The id to answer to.
    pub id: Option<u64>,
    /// Why. `bad_frame` counts towards closing the socket; the others do not.
    pub error: ErrorBody,
}

/// Largest id of a request, 2^53 - 1: JSON's numbers are exact up to there in every language (RFC 8259, section 6).
pub const LARGEST_ID: u64 = (1 << 53) - 1;

/// The id of a frame that is JSON but no request, to answer to.
fn id_of(text: &str) -> Option<u64> {
    #[derive(Deserialize)]
    struct Id {
        id: u64,
    }
    serde_json::from_str(text).ok().map(|Id { id }| id).filter(|id| *id <= LARGEST_ID)
}

/// Reads a client's frame. Unknown fields are ignored; an unknown `op` is `unsupported`.
///
/// # Errors
/// [`Unreadable`] with `bad_frame`, `unsupported` or `invalid`.
pub fn parse_request(text: &str) -> Result<(Option<u64>, Request), Unreadable> {
    // A struct may also be read from an array; a frame may not.
    if !text.trim_start().starts_with('{') {
        return Err(Unreadable {
            id: None,
            error: ErrorBody::new(Code::BadFrame, "A request is a JSON object."),
        });
    }
    let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|error| Unreadable {
        id: id_of(text),
        error: ErrorBody::new(Code::BadFrame, format!("This is not a request: {error}.")),
    })?;
    let id = envelope.id;
    if id.is_some_and(|id| id > LARGEST_ID) {
        return Err(Unreadable {
            id: None,
            error: ErrorBody::new(Code::Invalid, "An id is an integer from 0 to 9007199254740991."),
        });
    }
    let body = envelope.body.map_or("{}", RawValue::get);
    let op = envelope.op.as_ref();
    if !body.trim_start().starts_with('{') {
        return Err(Unreadable {
            id,
            error: ErrorBody::new(Code::Invalid, "The body is not a JSON object."),
        });
    }
    fn read<'a, T: Deserialize<'a>>(id: Option<u64>, op: &str, body: &'a str) -> Result<T, Unreadable> {
        serde_json::from_str(body).map_err(|error| Unreadable {
            id,
            error: ErrorBody::new(Code::Invalid, format!("The body of '{op}' is not valid: {error}.")),
        })
    }
    let request = match op {
        "send" => Request::Command(Command::Send(read(id, op, body)?)),
        "hello" => Request::Hello(read(id, op, body)?),
        "renew" => Request::Renew(read(id, op, body)?),
        "heads" => Request::Heads(read(id, op, body)?),
        "changes" => Request::Changes(read(id, op, body)?),
        "history" => Request::History(read(id, op, body)?),
        "mark" => Request::Mark(read(id, op, body)?),
        "watch" => Request::Watch(read(id, op, body)?),
        "typing" => Request::Typing(read(id, op, body)?),
        "find_users" => Request::FindUsers(read(id, op, body)?),
        "users" => Request::Users(read(id, op, body)?),
        "devices" => Request::Devices,
        "ping" => Request::Ping,
        "edit" => Request::Command(Command::Edit(read(id, op, body)?)),
        "delete" => Request::Command(Command::Delete(read(id, op, body)?)),
        "react" => Request::Command(Command::React(read(id, op, body)?)),
        "create_group" => Request::Command(Command::CreateGroup(read(id, op, body)?)),
        "rename" => Request::Command(Command::Rename(read(id, op, body)?)),
        "add_members" => Request::Command(Command::AddMembers(read(id, op, body)?)),
        "remove_member" => Request::Command(Command::RemoveMember(read(id, op, body)?)),
        "leave" => Request::Command(Command::Leave(read(id, op, body)?)),
        "set_role" => Request::Command(Command::SetRole(read(id, op, body)?)),
        "hide" => Request::Command(Command::Hide(read(id, op, body)?)),
        "set_notify" => Request::Command(Command::SetNotify(read(id, op, body)?)),
        "block" => Request::Command(Command::Block(read(id, op, body)?)),
        "set_profile" => Request::Command(Command::SetProfile(read(id, op, body)?)),
        _ => {
            return Err(Unreadable {
                id,
                error: ErrorBody::new(Code::Unsupported, "This relay does not know this request."),
            });
        }
    };
    Ok((id, request))
}

impl Request {
    /// The request as a client's frame.
    ///
    /// # Errors
    /// Those of `serde_json`, which these types do not cause.
    pub fn to_text(&self, id: Option<u64>) -> serde_json::Result<String> {
        #[derive(Serialize)]
        struct Out<'a, T> {
            #[serde(skip_serializing_if = "Option::is_none")]
            id: Option<u64>,
            op: &'a str,
            body: T,
        }
        #[derive(Serialize)]
        struct OutCommand<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            id: Option<u64>,
            #[serde(flatten)]
            command: &'a Command,
        }
        fn out<T: Serialize>(id: Option<u64>, op: &str, body: T) -> serde_json::Result<String> {
            serde_json::to_string(&Out { id, op, body })
        }
        match self {
            Request::Hello(body) => out(id, "hello", body),
            Request::Renew(body) => out(id, "renew", body),
            Request::Heads(body) => out(id, "heads", body),
            Request::Changes(body) => out(id, "changes", body),
            Request::History(body) => out(id, "history", body),
            Request::Mark(body) => out(id, "mark", body),
            Request::Watch(body) => out(id, "watch", body),
            Request::Typing(body) => out(id, "typing", body),
            Request::FindUsers(body) => out(id, "find_users", body),
            Request::Users(body) => out(id, "users", body),
            Request::Devices => out(id, "devices", Nothing {}),
            Request::Ping => out(id, "ping", Nothing {}),
            Request::Command(command) => serde_json::to_string(&OutCommand { id, command }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ConversationId;
    use uuid::Uuid;

    #[test]
    fn a_request_reads_back_as_it_was_written() {
        let text = r#"{"op":"ping","id":5,"future":{"x":1}}"#;
        assert_eq!(parse_request(text), Ok((Some(5), Request::Ping)));
        let request =
            Request::Typing(TypingRequest { conversation: ConversationId(Uuid::from_u128(2)), on: true });
        let text = request.to_text(None).unwrap();
        assert_eq!(parse_request(&text), Ok((None, request)));
    }

    #[test]
    fn what_cannot_be_read_says_why_and_to_whom() {
        let code = |text: &str| parse_request(text).map_err(|e| (e.id, e.error.code));
        assert_eq!(code("nonsense"), Err((None, Code::BadFrame)));
        assert_eq!(code("[]"), Err((None, Code::BadFrame)));
        assert_eq!(code(r#"[5,"ping",{}]"#), Err((None, Code::BadFrame)));
        assert_eq!(code(r#"{"id":1,"op":"fly"}"#), Err((Some(1), Code::Unsupported)));
        assert_eq!(code(r#"{"id":1,"op":"send","body":{"text":3}}"#), Err((Some(1), Code::Invalid)));
        let deep = format!(r#"{{"id":1,"op":"typing","body":{}}}"#, "[".repeat(100_000));
        assert!(code(&deep).is_err());
        // An id is answered to wherever it can be read.
        for frame in [r#"{"id":1}"#, r#"{"id":1,"op":7}"#, r#"{"id":1,"op":null}"#] {
            assert_eq!(code(frame), Err((Some(1), Code::BadFrame)), "{frame}");
        }
        for frame in
            [r#"{"id":1"#, r#"{"id":-1}"#, r#"{"id":"1"}"#, r#"{"id":1.5}"#, r#"{"id":9007199254740992}"#]
        {
            assert_eq!(code(frame), Err((None, Code::BadFrame)), "{frame}");
        }
    }

    #[test]
    fn an_id_that_a_client_could_not_read_back_is_refused() {
        let ping = |id: &str| parse_request(&format!(r#"{{"id":{id},"op":"ping"}}"#));
        assert_eq!(ping("9007199254740991"), Ok((Some(LARGEST_ID), Request::Ping)));
        assert_eq!(ping("0"), Ok((Some(0), Request::Ping)));
        for id in ["9007199254740992", "9007199254740993", "18446744073709551615"] {
            assert_eq!(
                ping(id).map_err(|error| (error.id, error.error.code)),
                Err((None, Code::Invalid)),
                "{id}"
            );
        }
    }
}
