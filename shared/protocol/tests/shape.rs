//! The wire's shape, hashed beside its version: a change of the wire that nobody meant fails here.
//!
//! Every type is built with all of its fields, so that a new field does not compile until it is added, and then
//! changes the hash. An additive change (an optional field, a new op or push) keeps the version: put the new hash
//! here and the change into docs/protocol.md. Any other change raises `VERSION`.

#![allow(clippy::unwrap_used, reason = "a test that cannot serialise its samples has failed")]

use confab_protocol::command::{
    AddMembers, Block, CreateGroup, Delete, Edit, Hide, Leave, React, RemoveMember, Rename, Send, SetNotify,
    SetProfile, SetRole,
};
use confab_protocol::frame::{Devices, Request};
use confab_protocol::limits::Limits;
use confab_protocol::model::{Device, Head, Mark, Member, Message, Presence, Reaction, ReplyTo, User};
use confab_protocol::sync::{
    ChangesRequest, Delta, FindUsers, HeadsPage, HeadsRequest, Hello, HistoryPage, HistoryRequest,
    MarkRequest, Push, Renew, Renewed, Seen, TypingRequest, UsersFound, UsersRequest, WatchRequest, Watched,
    Welcome,
};
use confab_protocol::{
    Ack, Code, Command, CommandId, Content, ConversationId, DeviceId, ErrorBody, Kind, MessageId, Notify,
    NotifyLevel, Role, RunId, SystemEvent, UserId, VERSION, http,
};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The version and the hash of its shape.
const SHAPE: (u32, &str) = (1, "5d2e62742f4bd1543707a1c16289ab6f");

#[test]
fn the_wire_has_the_shape_that_its_version_says() {
    let mut shape = String::new();
    for (name, value) in samples() {
        describe(&name, &value, &mut shape);
    }
    let digest = Sha256::digest(shape.as_bytes());
    let hash: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((VERSION, hash.as_str()), SHAPE, "the wire changed:\n{shape}");
}

#[test]
fn every_command_is_read_from_a_frame_by_its_op() {
    let ops: Vec<String> = commands()
        .into_iter()
        .map(|command| {
            let text = Request::Command(command.clone()).to_text(Some(1)).unwrap();
            let (id, request) = confab_protocol::frame::parse_request(&text).unwrap();
            assert_eq!((id, request), (Some(1), Request::Command(command)));
            serde_json::from_str::<Value>(&text).unwrap()["op"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(ops, Command::OPS);
}

#[test]
fn every_push_is_listed() {
    let names: Vec<String> = pushes()
        .iter()
        .map(|push| serde_json::to_value(push).unwrap()["push"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, Push::NAMES);
}

/// One line for each leaf: its path and its JSON type; strings that tell variants apart with their value.
fn describe(path: &str, value: &Value, out: &mut String) {
    match value {
        Value::Object(fields) => {
            // Sorted here: whether a map keeps its order depends on a feature that another crate may switch on.
            let sorted: std::collections::BTreeMap<_, _> = fields.iter().collect();
            for (name, value) in sorted {
                describe(&format!("{path}.{name}"), value, out);
            }
        }
        Value::Array(items) => {
            for item in items {
                describe(&format!("{path}[]"), item, out);
            }
        }
        Value::String(text) => {
            let tells =
                ["op", "push", "type", "kind", "code", "retry", "role"].iter().any(|n| path.ends_with(n));
            let shown = if tells { text.as_str() } else { "string" };
            out.push_str(&format!("{path}: {shown}\n"));
        }
        Value::Number(_) => out.push_str(&format!("{path}: number\n")),
        Value::Bool(_) => out.push_str(&format!("{path}: bool\n")),
        Value::Null => out.push_str(&format!("{path}: null\n")),
    }
}

fn uuid() -> Uuid {
    Uuid::from_u128(1)
}
fn user_id() -> UserId {
    UserId(uuid())
}
fn conversation() -> ConversationId {
    ConversationId(uuid())
}
fn command() -> CommandId {
    CommandId(uuid())
}
fn after() -> Option<CommandId> {
    Some(command())
}
fn message_id() -> MessageId {
    MessageId(uuid())
}

fn user() -> User {
    User { id: user_id(), username: "a".into(), display_name: "A".into(), deleted: true }
}

fn events() -> Vec<SystemEvent> {
    vec![
        SystemEvent::Created { title: "t".into() },
        SystemEvent::Added { users: vec![user_id()] },
        SystemEvent::Removed { user: user_id() },
        SystemEvent::Left,
        SystemEvent::Renamed { title: "t".into() },
        SystemEvent::RoleChanged { user: user_id(), role: Role::Owner },
    ]
}

fn message(content: Option<Content>) -> Message {
    Message {
        id: message_id(),
        seq: 1,
        rev: 1,
        sender: user_id(),
        at: 1,
        edited_at: Some(1),
        reply_to: Some(ReplyTo { id: message_id(), seq: 1 }),
        content,
        reactions: vec![Reaction { emoji: "👍".into(), users: vec![user_id()] }],
    }
}

fn text() -> Option<Content> {
    Some(Content::Text { text: "t".into(), mentions: vec![user_id()] })
}

fn member(role: Option<Role>) -> Member {
    Member { user: user_id(), role, rev: 1 }
}

fn mark() -> Mark {
    Mark { user: user_id(), delivered: 1, read: 1 }
}

fn presence() -> Presence {
    Presence { user: user_id(), online: true, last_seen: Some(1) }
}

fn delta() -> Delta {
    Delta {
        conversation: conversation(),
        from: 0,
        to: 1,
        lineage: Some("l".into()),
        more: true,
        title: Some("t".into()),
        messages: vec![message(text())],
        members: vec![member(Some(Role::Member)), member(Some(Role::Admin))],
        users: vec![user()],
    }
}

fn head(kind: Kind) -> Head {
    Head {
        conversation: conversation(),
        kind,
        title: "t".into(),
        created_at: 1,
        rev: 1,
        lineage: "l".into(),
        seq: 1,
        first_seq: 1,
        members: 1,
        role: Some(Role::Owner),
        peer: Some(user_id()),
        read: 1,
        delivered: 1,
        unread: 1,
        mention_seq: 1,
        hidden_seq: 1,
        notify: Notify { level: NotifyLevel::Mentions, muted_until: 1 },
        last: Some(message(text())),
        marks: vec![mark()],
    }
}

fn page() -> HeadsPage {
    HeadsPage {
        fork: true,
        heads: vec![head(Kind::Group), head(Kind::Direct)],
        users: vec![user()],
        next: Some("n".into()),
        token: Some("t".into()),
    }
}

fn commands() -> Vec<Command> {
    let (command, after, conversation, user) = (command(), after(), conversation(), user_id());
    vec![
        Command::Send(Send {
            command,
            after,
            conversation,
            direct_with: Some(user),
            text: "t".into(),
            mentions: vec![user],
            reply_to: Some(message_id()),
        }),
        Command::Edit(Edit {
            command,
            after,
            conversation,
            message: message_id(),
            text: "t".into(),
            mentions: vec![user],
        }),
        Command::Delete(Delete { command, after, conversation, message: message_id() }),
        Command::React(React {
            command,
            after,
            conversation,
            message: message_id(),
            emoji: "👍".into(),
            on: true,
        }),
        Command::CreateGroup(CreateGroup { command, conversation, title: "t".into(), members: vec![user] }),
        Command::Rename(Rename { command, after, conversation, title: "t".into() }),
        Command::AddMembers(AddMembers { command, after, conversation, users: vec![user] }),
        Command::RemoveMember(RemoveMember { command, after, conversation, user }),
        Command::Leave(Leave { command, after, conversation }),
        Command::SetRole(SetRole { command, after, conversation, user, role: Role::Admin }),
        Command::Hide(Hide { command, conversation, hidden_seq: 1 }),
        Command::SetNotify(SetNotify {
            command,
            conversation,
            notify: Notify { level: NotifyLevel::Nothing, muted_until: 1 },
        }),
        Command::Block(Block { command, user, blocked: true }),
        Command::SetProfile(SetProfile { command, display_name: Some("n".into()), share_read: Some(true) }),
    ]
}

fn pushes() -> Vec<Push> {
    vec![
        Push::Delta(delta()),
        Push::Head { head: Box::new(head(Kind::Group)), users: vec![user()] },
        Push::Removed { conversation: conversation() },
        Push::Behind { conversations: vec![(conversation(), 1)] },
        Push::Marks { conversation: conversation(), marks: vec![mark()] },
        Push::Presence { presence: vec![presence()] },
        Push::Typing { conversation: conversation(), user: user_id(), on: true },
        Push::Users { users: vec![user()] },
        Push::Settings { share_read: true, blocked: vec![user_id()] },
        Push::Token { token: "t".into() },
        Push::GoingAway { retry_after_ms: 1 },
        Push::Error(ErrorBody::new(Code::BadFrame, "m").after_ms(1)),
    ]
}

fn requests() -> Vec<Request> {
    vec![
        Request::Hello(Hello {
            access_token: "t".into(),
            since: Some("s".into()),
            seen: Some(Seen { run: RunId(uuid()), commit: 1 }),
            client: "c".into(),
        }),
        Request::Renew(Renew { access_token: "t".into() }),
        Request::Heads(HeadsRequest { next: "n".into() }),
        Request::Changes(ChangesRequest {
            conversation: conversation(),
            since: 1,
            ranges: Some(vec![(1, Some(2)), (3, None)]),
            limit: Some(1),
        }),
        Request::History(HistoryRequest {
            conversation: conversation(),
            before: Some(1),
            after: Some(1),
            around: Some(1),
            limit: Some(1),
        }),
        Request::Mark(MarkRequest { conversation: conversation(), read: Some(1), delivered: Some(1) }),
        Request::Watch(WatchRequest { users: vec![user_id()], conversation: Some(conversation()) }),
        Request::Typing(TypingRequest { conversation: conversation(), on: true }),
        Request::FindUsers(FindUsers { query: "q".into() }),
        Request::Users(UsersRequest { users: vec![user_id()] }),
        Request::Devices,
        Request::Ping,
    ]
}

fn codes() -> Vec<ErrorBody> {
    use Code::*;
    [
        BadFrame,
        Unsupported,
        Invalid,
        TooLarge,
        LimitReached,
        Unauthenticated,
        BadCredentials,
        SessionEnded,
        Forbidden,
        NotFound,
        IdReused,
        UsernameTaken,
        PredecessorMissing,
        RateLimited,
        Unavailable,
        StorageFailed,
        Internal,
    ]
    .into_iter()
    .map(|code| ErrorBody::new(code, "m").after_ms(1))
    .collect()
}

fn samples() -> Vec<(String, Value)> {
    fn add<T: Serialize>(out: &mut Vec<(String, Value)>, name: &str, value: &T) {
        out.push((name.to_owned(), self::value(value)));
    }
    let mut out = Vec::new();
    for request in requests().into_iter().chain(commands().into_iter().map(Request::Command)) {
        let frame: Value = serde_json::from_str(&request.to_text(Some(1)).unwrap()).unwrap();
        add(&mut out, "request", &frame);
    }
    add(&mut out, "pushes", &pushes());
    add(&mut out, "errors", &codes());
    for event in events() {
        add(&mut out, "system", &message(Some(Content::System { event })));
    }
    let welcome = Welcome {
        run: RunId(uuid()),
        version: "v".into(),
        user: user(),
        device: DeviceId(uuid()),
        now: 1,
        expires_at: 1,
        share_read: true,
        blocked: vec![user_id()],
        limits: Limits::default(),
        page: page(),
    };
    add(&mut out, "welcome", &welcome);
    let history = HistoryPage {
        conversation: conversation(),
        rev: 1,
        lineage: "l".into(),
        from_seq: 1,
        to_seq: 1,
        first_seq: 1,
        last_seq: 1,
        messages: vec![message(None)],
        users: vec![user()],
    };
    add(&mut out, "history", &history);
    let ack = Ack { command: command(), seq: Some(1), rev: Some(1), replayed: true, delta: Some(delta()) };
    add(&mut out, "ack", &ack);
    add(&mut out, "watched", &Watched { presence: vec![presence()] });
    add(&mut out, "users", &UsersFound { users: vec![user()] });
    add(&mut out, "renewed", &Renewed { expires_at: 1 });
    let device = Device {
        id: DeviceId(uuid()),
        name: "n".into(),
        created_at: 1,
        last_seen: 1,
        current: true,
        online: true,
    };
    add(&mut out, "devices", &Devices { devices: vec![device] });
    http_samples(&mut out);
    out
}

fn value<T: Serialize>(sample: &T) -> Value {
    serde_json::to_value(sample).unwrap()
}

fn http_samples(out: &mut Vec<(String, Value)>) {
    let mut add = |name: &str, value: Value| out.push((name.to_owned(), value));
    add(
        "register",
        value(&http::Register {
            username: "u".into(),
            display_name: "d".into(),
            password: "p".into(),
            device_name: Some("n".into()),
            cookie: true,
        }),
    );
    add(
        "login",
        value(&http::Login {
            username: "u".into(),
            password: "p".into(),
            device_name: Some("n".into()),
            cookie: true,
        }),
    );
    add("refresh", value(&http::Refresh { refresh_token: Some("r".into()) }));
    add("logout", value(&http::Logout { refresh_token: Some("r".into()), device: Some(DeviceId(uuid())) }));
    add(
        "session",
        value(&http::Session {
            user: user(),
            device: DeviceId(uuid()),
            access_token: "a".into(),
            refresh_token: Some("r".into()),
            expires_in: 600,
        }),
    );
    add(
        "health",
        value(&http::Health {
            status: "ok".into(),
            version: "v".into(),
            protocols: vec!["confab.v1".into()],
        }),
    );
    add("http_error", value(&http::HttpError { error: ErrorBody::new(Code::Internal, "m") }));
}
