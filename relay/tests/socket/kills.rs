//! The relay's process is killed in the middle of sends, again and again.

use crate::process::{Process, count};
use crate::support::*;
use confab_protocol::frame::Request;
use confab_protocol::{Command, ConversationId};
use std::collections::VecDeque;

/// In one run.
const KILLS: usize = 10;
const SENDS: usize = 200;
/// Sent before the first of them is acknowledged.
const AHEAD: usize = 20;

/// What a client has to do still, and what it has seen acknowledged.
struct Outbox {
    waiting: VecDeque<Command>,
    acknowledged: usize,
}

impl Outbox {
    /// Sends ahead and takes acknowledgements, until all is done or the socket breaks. Says how many came to `count`.
    async fn empty(&mut self, socket: &mut Socket, count: &tokio::sync::watch::Sender<usize>) {
        let mut under_way = VecDeque::new();
        while !self.waiting.is_empty() {
            while under_way.len() < AHEAD.min(self.waiting.len()) {
                let command = Request::Command(self.waiting[under_way.len()].clone());
                let Some(id) = socket.ask_if_open(&command).await else { return };
                under_way.push_back(id);
            }
            match socket.next().await {
                Came::Answer(id, Ok(_)) => {
                    assert_eq!(under_way.pop_front(), Some(id), "in order");
                    self.waiting.pop_front();
                    self.acknowledged += 1;
                    count.send_replace(self.acknowledged);
                }
                // Stored before the kill, or lost with it: nothing else happens to a good command.
                Came::Answer(_, Err(error)) => panic!("{error:?}"),
                Came::Push(_) => {}
                Came::Closed(_) => return,
            }
        }
    }
}

/// Two hundred sends, ten kills after as many acknowledgements each: all are there once, in the order in which they were
/// written, and each that was acknowledged before a kill was there right after it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_kills_lose_and_double_nothing() {
    for _ in 0..count("CONFAB_KILLS", KILLS).div_ceil(KILLS) {
        kills_in_the_middle_of_sends().await;
    }
}

async fn kills_in_the_middle_of_sends() {
    let folder = tempfile::TempDir::new().unwrap();
    let mut relay = Process::start(folder.path());
    let alice = relay.person("alice").await;
    let group = relay.connect(&alice).await.group("Notes", &[]).await;
    let texts: Vec<String> = (0..SENDS).map(|n| format!("message {n}")).collect();
    let mut outbox = Outbox { waiting: chain(group, &texts), acknowledged: 0 };
    for kill in 1..=KILLS {
        let mut socket = relay.connect(&alice).await;
        let (count, mut counted) = tokio::sync::watch::channel(outbox.acknowledged);
        let due = kill * SENDS / (KILLS + 1);
        let killer = async {
            counted.wait_for(|count| *count >= due).await.unwrap();
            tokio::task::block_in_place(|| relay.kill());
        };
        tokio::join!(outbox.empty(&mut socket, &count), killer);
        relay = Process::start(folder.path());
        let stored = stored(&relay, &alice, group).await;
        assert!(
            stored.len() >= outbox.acknowledged,
            "kill {kill}: {} of {}",
            stored.len(),
            outbox.acknowledged
        );
        assert_eq!(stored, texts[..stored.len()], "kill {kill}");
    }
    let mut socket = relay.connect(&alice).await;
    let (count, _) = tokio::sync::watch::channel(0);
    outbox.empty(&mut socket, &count).await;
    assert_eq!(outbox.acknowledged, SENDS);
    assert_eq!(stored(&relay, &alice, group).await, texts);
}

/// Sends that name their predecessors, as an outbox makes them.
fn chain(group: ConversationId, texts: &[String]) -> VecDeque<Command> {
    let mut after = None;
    let mut commands = VecDeque::new();
    for text in texts {
        let message = confab_protocol::command::Send { after, ..message(group, text) };
        after = Some(message.command);
        commands.push_back(Command::Send(message));
    }
    commands
}

async fn stored(relay: &Process, person: &Person, group: ConversationId) -> Vec<String> {
    let messages = relay.connect(person).await.everything(group).await;
    let seqs: Vec<u64> = messages.iter().map(|message| message.seq).collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>(), "no hole");
    messages.iter().skip(1).map(|message| text(message).to_owned()).collect()
}
