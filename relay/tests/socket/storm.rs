//! A thousand clients lose their relay at the same moment and come back at the same moment.

use crate::process::count;
use crate::support::*;
use confab_protocol::frame::Request;
use confab_protocol::sync::Push;
use confab_protocol::{Code, ConversationId};
use confab_relay::config::Config;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::Barrier;

const PEOPLE: usize = 20;
const MESSAGES: usize = 60;

/// Each fifty of them come from one address, as from behind one router.
async fn connect(address: SocketAddr, number: usize) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from(([127, 0, 1, (number / 50) as u8 + 1], 0)))?;
    socket.connect(address).await
}

/// What a client holds: a message's text by its seq, the rev up to which it knows everything, its newest token.
#[derive(Default)]
struct Held {
    messages: BTreeMap<u64, String>,
    rev: u64,
    token: Option<String>,
}

impl Held {
    async fn catch_up(&mut self, socket: &mut Socket, group: ConversationId) {
        loop {
            let delta = socket.changes(group, self.rev).await.unwrap();
            self.take(&delta);
            if !delta.more {
                return;
            }
        }
    }

    fn take(&mut self, delta: &confab_protocol::Delta) {
        assert!(delta.from <= self.rev, "a gap");
        for message in delta.messages.iter().filter(|message| message.rev > self.rev) {
            if let Some(confab_protocol::Content::Text { text, .. }) = &message.content {
                assert_eq!(self.messages.insert(message.seq, text.clone()), None, "twice");
            }
        }
        self.rev = self.rev.max(delta.to);
    }

    /// Reads until the relay closes, and gives back when it said to come back.
    async fn until_closed(&mut self, socket: &mut Socket) -> u64 {
        let mut pause = None;
        loop {
            match socket.next().await {
                Came::Push(Push::Delta(delta)) => self.take(&delta),
                Came::Push(Push::GoingAway { retry_after_ms }) => pause = Some(retry_after_ms),
                Came::Push(Push::Token { token }) => self.token = Some(token),
                Came::Push(_) => {}
                Came::Closed(code) => {
                    assert_eq!(code, 1012);
                    return pause.expect("closed without a word");
                }
                Came::Answer(..) => panic!("an answer that nobody waits for"),
            }
        }
    }
}

/// Writes without a pause and sends again what was not acknowledged, over the relay's end and its return.
async fn write(address: SocketAddr, person: Person, group: ConversationId) -> Vec<String> {
    let commands: Vec<_> = (0..MESSAGES).map(|n| send(group, &n.to_string())).collect();
    let mut next = 0;
    while next < commands.len() {
        let Ok(stream) = TcpStream::connect(address).await else {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let Ok(mut socket) = Socket::over(stream).await else { continue };
        if socket.try_hello(&person.access_token).await.is_none() {
            continue;
        }
        while let Some(command) = commands.get(next) {
            let Some(id) = socket.ask_if_open(&Request::Command(command.clone())).await else { break };
            match socket.answer_if_open(id).await {
                Some(Ok(_)) => next += 1,
                Some(Err(error)) if error.code == Code::Unavailable => {}
                Some(Err(error)) => panic!("{error:?}"),
                None => break,
            }
        }
    }
    (0..MESSAGES).map(|n| n.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_clients_come_back_and_nothing_is_lost() {
    let clients_in_all = count("CONFAB_CLIENTS", 1_000);
    // Both ends of each are in this process.
    rlimit::increase_nofile_limit((3 * clients_in_all).max(8_192) as u64).unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    let relay = TestRelay::start(folder.path()).await;
    let address = relay.address;
    let mut people = Vec::new();
    for n in 0..PEOPLE {
        people.push(relay.person(&format!("person{n}")).await);
    }
    let writer = relay.person("writer").await;
    let members: Vec<&Person> = people.iter().collect();
    let group = relay.connect(&writer).await.group("Everybody", &members).await;

    let ready = Arc::new(Barrier::new(clients_in_all + 1));
    let gone = Arc::new(Barrier::new(clients_in_all + 1));
    let back = Arc::new(Barrier::new(clients_in_all + 1));
    let done = Arc::new(Barrier::new(clients_in_all + 1));
    let clients: Vec<_> = (0..clients_in_all)
        .map(|number| {
            let person = people[number % PEOPLE].clone();
            let (ready, gone, back, done) = (ready.clone(), gone.clone(), back.clone(), done.clone());
            tokio::spawn(async move {
                let mut held = Held::default();
                let mut socket = Socket::over(connect(address, number).await.unwrap()).await.unwrap();
                held.token = socket.hello(&person.access_token, None).await.unwrap().page.token;
                held.catch_up(&mut socket, group).await;
                ready.wait().await;
                let pause = held.until_closed(&mut socket).await;
                gone.wait().await;
                // None waits as it was told to: all at the same moment.
                back.wait().await;
                let mut socket = Socket::over(connect(address, number).await.unwrap()).await.unwrap();
                let welcome = socket.hello(&person.access_token, held.token.clone()).await.unwrap();
                assert!(!welcome.page.fork);
                // A head above one's own rev is a debt; there is one conversation.
                assert!(welcome.page.heads.iter().all(|head| head.conversation == group));
                if welcome.page.heads.iter().any(|head| head.rev > held.rev) {
                    held.catch_up(&mut socket, group).await;
                }
                done.wait().await;
                // What was written until now and not yet pushed.
                held.catch_up(&mut socket, group).await;
                (pause, held.messages)
            })
        })
        .collect();
    ready.wait().await;
    let writing = tokio::spawn(write(address, writer, group));
    relay.stop().await;
    gone.wait().await;
    let mut config = Config::local(folder.path());
    config.port = address.port();
    let relay = TestRelay::with(config).await;
    back.wait().await;
    let written = tokio::time::timeout(Duration::from_secs(120), writing).await.unwrap().unwrap();
    done.wait().await;
    let mut pauses = Vec::new();
    for client in clients {
        let (pause, messages) = client.await.unwrap();
        pauses.push(pause);
        assert_eq!(messages.into_values().collect::<Vec<_>>(), written);
    }
    // In each tenth of the time about as many, so that they would have come one after the other.
    let (least, most) = (*pauses.iter().min().unwrap(), *pauses.iter().max().unwrap());
    assert!(least >= 500 && most - least >= 1_000 && most <= 11_000, "{least} to {most}");
    for tenth in 0..10 {
        let from = least + (most - least) * tenth / 10;
        let to = least + (most - least) * (tenth + 1) / 10;
        let here = pauses.iter().filter(|pause| (from..=to).contains(*pause)).count();
        let few = clients_in_all * 3 / 100;
        assert!(
            (few..=clients_in_all / 5).contains(&here),
            "{here} of {clients_in_all} between {from} and {to} ms"
        );
    }
    relay.stop().await;
}
