//! A whole relay on port 0, people with devices, and sockets that say what they mean.

use crate::process::Process;
use confab_protocol::command::{CreateGroup, Send};
use confab_protocol::frame::{RelayFrame, Request, Stamped, parse_stamped};
use confab_protocol::sync::{ChangesRequest, Delta, Hello, Push, Seen, Welcome};
use confab_protocol::{
    Ack, Code, Command, CommandId, ConversationId, DeviceId, ErrorBody, Head, Message, UserId,
};
use confab_relay::config::Config;
use confab_relay::run::{RunError, bind, run};
use futures::{SinkExt, StreamExt};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::Message as Frame;
use uuid::Uuid;

/// Nothing takes this long unless it has failed.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub struct TestRelay {
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    running: JoinHandle<Result<(), RunError>>,
}

impl TestRelay {
    pub async fn start(folder: &Path) -> Self {
        Self::with(Config::local(folder)).await
    }

    pub async fn with(config: Config) -> Self {
        let listener = bind(&config).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(async move {
            run(config, listener, async {
                let _ = stopped.await;
            })
            .await
        });
        Self { address, stop, running }
    }

    /// As SIGTERM does.
    pub async fn stop(self) {
        self.stop.send(()).unwrap();
        self.running.await.unwrap().unwrap();
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        let url = format!("http://{}/api/{path}", self.address);
        let response = crate::web::client().build().unwrap().post(url).json(&body).send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// A new person with a device.
    pub async fn person(&self, username: &str) -> Person {
        let body =
            json!({"username": username, "display_name": username, "password": "correct horse battery"});
        Person::of(self.post("register", body).await)
    }

    /// Another device of a person.
    pub async fn device(&self, username: &str) -> Person {
        let body = json!({"username": username, "password": "correct horse battery"});
        Person::of(self.post("login", body).await)
    }

    /// A socket that has not said hello.
    pub async fn socket(&self) -> Socket {
        let stream = TcpStream::connect(self.address).await.unwrap();
        Socket::over(stream).await.unwrap()
    }

    /// A socket that has said hello.
    pub async fn connect(&self, person: &Person) -> Socket {
        self.resume(person, None).await.0
    }

    /// A socket that has said hello with a sync token.
    pub async fn resume(&self, person: &Person, since: Option<String>) -> (Socket, Welcome) {
        let mut socket = self.socket().await;
        let welcome = socket.hello(&person.access_token, since).await.unwrap();
        (socket, welcome)
    }

    /// Whether the relay takes a device that says this for one of another history.
    pub async fn fork(&self, person: &Person, since: Option<String>, seen: Seen) -> bool {
        let mut socket = self.socket().await;
        socket.hello_seen(&person.access_token, since, Some(seen)).await.unwrap().page.fork
    }
}

impl Process {
    /// A new person with a device.
    pub async fn person(&self, username: &str) -> Person {
        let (status, session) = self.register(username).await;
        assert_eq!(status, 201, "{session}");
        Person::of(session)
    }

    /// A socket that has said hello.
    pub async fn connect(&self, person: &Person) -> Socket {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let mut socket = Socket::over(stream).await.unwrap();
        socket.hello(&person.access_token, None).await.unwrap();
        socket
    }
}

/// A folder, and a relay on it.
pub async fn relay() -> (TempDir, TestRelay) {
    let folder = TempDir::new().unwrap();
    let relay = TestRelay::start(folder.path()).await;
    (folder, relay)
}

#[derive(Clone, Debug)]
pub struct Person {
    pub user: UserId,
    pub device: DeviceId,
    pub access_token: String,
    pub refresh_token: String,
}

impl Person {
    pub fn of(session: Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            user: text(&session["user"]["id"]).parse().unwrap(),
            device: text(&session["device"]).parse().unwrap(),
            access_token: text(&session["access_token"]),
            refresh_token: text(&session["refresh_token"]),
        }
    }
}

pub struct Socket {
    pub socket: WebSocketStream<TcpStream>,
    next_id: u64,
    pub pushes: VecDeque<Push>,
    /// The largest commit that a frame stated.
    pub commit: u64,
}

/// A frame that came.
#[derive(Debug)]
pub enum Came {
    Answer(u64, Result<String, ErrorBody>),
    Push(Push),
    Closed(u16),
}

impl Socket {
    /// Over a connection that was made in some way of the test's own.
    pub async fn over(stream: TcpStream) -> Result<Self, Error> {
        let address = stream.peer_addr()?;
        let mut request = format!("ws://{address}/ws").into_client_request()?;
        request.headers_mut().insert("sec-websocket-protocol", "confab.v1".parse().unwrap());
        let (socket, _) = tokio_tungstenite::client_async(request, stream).await?;
        Ok(Self { socket, next_id: 1, pushes: VecDeque::new(), commit: 0 })
    }

    /// The bare connection below.
    pub fn stream(&mut self) -> &mut TcpStream {
        self.socket.get_mut()
    }

    /// Writes any text as a frame.
    pub async fn say(&mut self, text: impl Into<String>) {
        self.socket.send(Frame::text(text.into())).await.unwrap();
    }

    /// Writes a request and gives back its id.
    pub async fn ask(&mut self, request: &Request) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.say(request.to_text(Some(id)).unwrap()).await;
        id
    }

    /// The same, or `None` if the socket is closed already.
    pub async fn ask_if_open(&mut self, request: &Request) -> Option<u64> {
        let id = self.next_id;
        self.next_id += 1;
        self.socket.send(Frame::text(request.to_text(Some(id)).unwrap())).await.ok().map(|()| id)
    }

    /// The answer to a request, or `None` if the socket is closed before it comes.
    pub async fn answer_if_open(&mut self, id: u64) -> Option<Result<String, ErrorBody>> {
        loop {
            match self.next().await {
                Came::Answer(came, result) if came == id => return Some(result),
                Came::Answer(..) | Came::Push(_) => {}
                Came::Closed(_) => return None,
            }
        }
    }

    /// Says hello, or gives `None` if the socket is closed before it is answered.
    pub async fn try_hello(&mut self, token: &str) -> Option<()> {
        let hello = Hello { access_token: token.to_owned(), since: None, seen: None, client: "test".into() };
        let id = self.ask_if_open(&Request::Hello(hello)).await?;
        self.answer_if_open(id).await?.ok().map(drop)
    }

    /// Waits for the next answer, to whatever.
    pub async fn settle_any(&mut self) {
        while !matches!(self.next().await, Came::Answer(..)) {}
    }

    /// The next frame.
    pub async fn next(&mut self) -> Came {
        loop {
            let frame = tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("nothing came");
            match frame {
                Some(Ok(Frame::Text(text))) => {
                    let Stamped { commit, frame } = parse_stamped(&text).unwrap();
                    self.commit = self.commit.max(commit.unwrap_or(0));
                    return match frame {
                        RelayFrame::Ok { id, body } => Came::Answer(id, Ok(body.get().to_owned())),
                        RelayFrame::Error { id, error } => Came::Answer(id, Err(error)),
                        RelayFrame::Push(push) => Came::Push(*push),
                    };
                }
                Some(Ok(Frame::Close(close))) => return Came::Closed(close.map_or(1005, |c| c.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Came::Closed(1006),
            }
        }
    }

    /// The answer to a request; pushes that come before it are kept.
    pub async fn answer<T: DeserializeOwned>(&mut self, id: u64) -> Result<T, ErrorBody> {
        loop {
            match self.next().await {
                Came::Answer(came, result) if came == id => {
                    return result.map(|body| serde_json::from_str(&body).unwrap());
                }
                Came::Answer(came, _) => panic!("an answer to {came} instead of {id}"),
                Came::Push(push) => self.pushes.push_back(push),
                Came::Closed(code) => panic!("closed with {code}"),
            }
        }
    }

    pub async fn request<T: DeserializeOwned>(&mut self, request: &Request) -> Result<T, ErrorBody> {
        let id = self.ask(request).await;
        self.answer(id).await
    }

    pub async fn hello(&mut self, token: &str, since: Option<String>) -> Result<Welcome, ErrorBody> {
        self.hello_seen(token, since, None).await
    }

    pub async fn hello_seen(
        &mut self,
        token: &str,
        since: Option<String>,
        seen: Option<Seen>,
    ) -> Result<Welcome, ErrorBody> {
        let hello = Hello { access_token: token.to_owned(), since, seen, client: "test".into() };
        self.request(&Request::Hello(hello)).await
    }

    pub async fn command(&mut self, command: Command) -> Result<Ack, ErrorBody> {
        self.request(&Request::Command(command)).await
    }

    /// The first push, kept or to come, that `wanted` takes; the others stay.
    pub async fn push<T>(&mut self, wanted: impl Fn(&Push) -> Option<T>) -> T {
        if let Some((at, found)) =
            self.pushes.iter().enumerate().find_map(|(at, push)| Some((at, wanted(push)?)))
        {
            self.pushes.remove(at);
            return found;
        }
        loop {
            match self.next().await {
                Came::Push(push) => match wanted(&push) {
                    Some(found) => return found,
                    None => self.pushes.push_back(push),
                },
                Came::Answer(id, _) => panic!("an answer to {id} that nobody waits for"),
                Came::Closed(code) => panic!("closed with {code}"),
            }
        }
    }

    pub async fn delta(&mut self) -> Delta {
        self.push(|push| match push {
            Push::Delta(delta) => Some(delta.clone()),
            _ => None,
        })
        .await
    }

    pub async fn head(&mut self) -> Head {
        self.push(|push| match push {
            Push::Head { head, .. } => Some((**head).clone()),
            _ => None,
        })
        .await
    }

    /// The code with which the relay closes.
    pub async fn closed(&mut self) -> u16 {
        loop {
            if let Came::Closed(code) = self.next().await {
                return code;
            }
        }
    }

    /// Everything that was sent before this has been taken in, and all that it caused has been queued.
    pub async fn settle(&mut self) {
        self.request::<Value>(&Request::Ping).await.unwrap();
    }

    pub async fn changes(&mut self, conversation: ConversationId, since: u64) -> Result<Delta, ErrorBody> {
        self.request(&Request::Changes(ChangesRequest { conversation, since, ranges: None, limit: None }))
            .await
    }

    /// All messages of a conversation, page by page.
    pub async fn everything(&mut self, conversation: ConversationId) -> Vec<Message> {
        let mut messages = Vec::new();
        let mut since = 0;
        loop {
            let delta = self.changes(conversation, since).await.unwrap();
            messages.extend(delta.messages);
            since = delta.to;
            if !delta.more {
                messages.sort_by_key(|message| message.seq);
                return messages;
            }
        }
    }

    pub async fn send_to(&mut self, conversation: ConversationId, text: &str) -> Ack {
        self.command(send(conversation, text)).await.unwrap()
    }

    pub async fn group(&mut self, title: &str, members: &[&Person]) -> ConversationId {
        let conversation = ConversationId(Uuid::now_v7());
        let create = CreateGroup {
            command: new_id(),
            conversation,
            title: title.into(),
            members: members.iter().map(|person| person.user).collect(),
        };
        self.command(Command::CreateGroup(create)).await.unwrap();
        conversation
    }
}

pub fn new_id() -> CommandId {
    CommandId(Uuid::now_v7())
}

pub fn send(conversation: ConversationId, text: &str) -> Command {
    Command::Send(message(conversation, text))
}

pub fn message(conversation: ConversationId, text: &str) -> Send {
    Send {
        command: new_id(),
        after: None,
        conversation,
        direct_with: None,
        text: text.into(),
        mentions: vec![],
        reply_to: None,
    }
}

/// The first message of a direct conversation, or a later one.
pub fn direct(from: &Person, to: &Person, text: &str) -> Command {
    let conversation = ConversationId::direct(from.user, to.user);
    Command::Send(Send { direct_with: Some(to.user), ..message(conversation, text) })
}

pub fn code<T: std::fmt::Debug>(result: Result<T, ErrorBody>) -> Code {
    result.expect_err("it was accepted").code
}

pub fn text(message: &Message) -> &str {
    match &message.content {
        Some(confab_protocol::Content::Text { text, .. }) => text,
        other => panic!("no text: {other:?}"),
    }
}

pub fn remove(group: ConversationId, person: &Person) -> Command {
    Command::RemoveMember(confab_protocol::command::RemoveMember {
        command: new_id(),
        after: None,
        conversation: group,
        user: person.user,
    })
}

pub fn add(group: ConversationId, people: &[&Person]) -> Command {
    Command::AddMembers(confab_protocol::command::AddMembers {
        command: new_id(),
        after: None,
        conversation: group,
        users: people.iter().map(|person| person.user).collect(),
    })
}
