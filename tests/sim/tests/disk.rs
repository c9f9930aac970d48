//! What a disk that fails does to a batch of the real writer: all of it is refused, nothing is told, what is at hand is
//! read again, and reading goes on.

#![allow(clippy::unwrap_used)]

use confab_protocol::{CommandId, ConversationId, DeviceId, RunId, User, UserId};
use confab_relay::hub::queue::Item;
use confab_relay::store::StoreError;
use confab_sim::dice::Random;
use confab_sim::relay::{Disk, RelayNode};
use serde_json::{Value, json};
use uuid::Uuid;

const NOW: u64 = 1_790_000_000_000;
const ALICE: u64 = 1;
const BOB: u64 = 2;

/// A relay with Alice and Bob, both connected.
struct Stage {
    node: RelayNode,
    people: [User; 2],
    devices: [DeviceId; 2],
    conversation: ConversationId,
    commands: u128,
    runs: u128,
    _folder: tempfile::TempDir,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let people = [(1, "alice"), (2, "bob")].map(|(n, name): (u128, &str)| User {
            id: UserId(Uuid::from_u128(n)),
            username: name.into(),
            display_name: name.into(),
            deleted: false,
        });
        let devices = [11, 12].map(|n| DeviceId(Uuid::from_u128(n)));
        let owned = [(0, devices[0]), (1, devices[1])];
        let node = RelayNode::new(folder.path(), &mut Random::new(1), NOW, &people, &owned);
        let conversation = ConversationId::direct(people[0].id, people[1].id);
        let mut stage = Self { node, people, devices, conversation, commands: 0, runs: 0, _folder: folder };
        stage.start();
        stage
    }

    /// A new run, and both log in.
    fn start(&mut self) {
        self.node.kill();
        self.runs += 1;
        self.node.start(RunId(Uuid::from_u128(self.runs)));
        for (at, link) in [ALICE, BOB].into_iter().enumerate() {
            self.node.opened(link);
            let access_token = self.node.token(&self.people[at], self.devices[at]).unwrap();
            let body = json!({"access_token": access_token, "client": "test"});
            self.ask(link, 0, "hello", &body);
            assert_eq!(self.heard(link).len(), 1);
        }
        self.node.batch().unwrap();
    }

    fn ask(&mut self, link: u64, id: u64, op: &str, body: &Value) {
        let said = self.node.frame(link, &json!({"id": id, "op": op, "body": body}).to_string());
        assert_eq!(said.close, None);
    }

    fn new_command(&mut self) -> CommandId {
        self.commands += 1;
        // Version 7 and variant 10.
        CommandId(Uuid::from_u128((0x7 << 76) | (0x2 << 62) | self.commands))
    }

    fn send(&mut self, link: u64, id: u64, command: CommandId, text: &str) {
        let other = self.people[usize::from(link == ALICE)].id;
        let conversation = self.conversation;
        let body = json!({
            "command": command, "conversation": conversation, "direct_with": other, "text": text,
        });
        self.ask(link, id, "send", &body);
    }

    /// Everything that waits to be written to a socket.
    fn heard(&mut self, link: u64) -> Vec<Value> {
        let (items, close) = self.node.take(link);
        assert_eq!(close, None);
        let texts = items.into_iter().filter_map(|item| match item {
            Item::Text(text, _) => Some(serde_json::from_str(&text).unwrap()),
            _ => None,
        });
        texts.collect()
    }

    /// The texts that Bob's device fetches.
    fn history(&mut self) -> Vec<String> {
        let body = json!({"conversation": self.conversation});
        self.ask(BOB, 99, "history", &body);
        let answers = self.heard(BOB);
        let answer = answers.iter().find(|answer| answer["id"] == 99).unwrap();
        let Some(messages) = answer["ok"]["messages"].as_array() else { panic!("{answer}") };
        messages.iter().map(|message| message["content"]["text"].as_str().unwrap().to_owned()).collect()
    }
}

fn code(answer: &Value) -> (u64, &str, &str) {
    let text = |name: &str| answer["error"][name].as_str().unwrap_or("none");
    (answer["id"].as_u64().unwrap_or(u64::MAX), text("code"), text("retry"))
}

#[test]
fn a_full_disk_refuses_the_whole_batch_and_nothing_else() {
    let mut stage = Stage::new();
    let (first, second, third, fourth) =
        (stage.new_command(), stage.new_command(), stage.new_command(), stage.new_command());
    stage.send(ALICE, 1, first, "one");
    stage.node.batch().unwrap();
    let alice = stage.heard(ALICE);
    assert_eq!(alice.iter().find(|frame| frame["id"] == 1).unwrap()["ok"]["seq"], 1);
    stage.heard(BOB);

    stage.node.set_disk(Disk::Full);
    stage.send(ALICE, 2, second, "two");
    stage.send(BOB, 3, third, "three");
    // Known already: even its answer waits for a batch, and is refused with the others.
    stage.send(ALICE, 4, first, "one");
    stage.node.batch().unwrap();
    let (alice, bob) = (stage.heard(ALICE), stage.heard(BOB));
    let refused = |id| (id, "storage_failed", "later");
    assert_eq!(alice.iter().map(code).collect::<Vec<_>>(), [refused(2), refused(4)]);
    assert_eq!(bob.iter().map(code).collect::<Vec<_>>(), [refused(3)], "and no push of what is not stored");
    assert_eq!(stage.history(), ["one"], "reading goes on");

    // The counters at hand went on in the batch that failed; they are those of the store again.
    stage.node.set_disk(Disk::Good);
    stage.send(BOB, 5, third, "three");
    stage.send(ALICE, 6, second, "two");
    stage.send(ALICE, 7, fourth, "four");
    stage.node.batch().unwrap();
    let bob = stage.heard(BOB);
    let ack = bob.iter().find(|frame| frame["id"] == 5).unwrap();
    assert_eq!((&ack["ok"]["seq"], ack["ok"].get("replayed")), (&json!(2), None));
    let seqs: Vec<u64> = stage.heard(ALICE).iter().filter_map(|frame| frame["ok"]["seq"].as_u64()).collect();
    assert_eq!(seqs, [3, 4]);
    assert_eq!(stage.history(), ["one", "three", "two", "four"]);
}

#[test]
fn marks_are_refused_with_the_batch_and_may_be_said_again() {
    let mut stage = Stage::new();
    let command = stage.new_command();
    stage.send(ALICE, 1, command, "one");
    stage.node.batch().unwrap();
    stage.heard(ALICE);
    stage.heard(BOB);
    let mark = json!({"conversation": stage.conversation, "read": 1});
    stage.ask(BOB, 2, "mark", &mark);
    stage.node.batch().unwrap();
    assert!(stage.heard(BOB).is_empty(), "it is gathered");
    stage.node.set_disk(Disk::Full);
    stage.node.set_clock(NOW + 1_000);
    stage.node.batch().unwrap();
    assert_eq!(stage.heard(BOB).iter().map(code).collect::<Vec<_>>(), [(2, "storage_failed", "later")]);
    assert!(stage.heard(ALICE).is_empty());
    stage.node.set_disk(Disk::Good);
    stage.ask(BOB, 3, "mark", &mark);
    stage.node.batch().unwrap();
    stage.node.set_clock(NOW + 2_000);
    stage.node.batch().unwrap();
    assert_eq!(stage.heard(BOB)[0]["id"], 3);
    assert_eq!(stage.heard(ALICE)[0]["body"]["marks"][0]["read"], 1);
}

#[test]
fn after_a_failed_sync_nothing_is_told_and_asking_again_tells_what_is_so() {
    for (disk, is_stored) in [(Disk::StoredUnsynced, true), (Disk::LostUnsynced, false)] {
        let mut stage = Stage::new();
        let (first, second) = (stage.new_command(), stage.new_command());
        stage.send(ALICE, 1, first, "one");
        stage.node.batch().unwrap();
        stage.heard(ALICE);
        stage.heard(BOB);
        stage.node.set_disk(disk);
        stage.send(ALICE, 2, second, "two");
        assert!(matches!(stage.node.batch(), Err(StoreError::NotDurable(_))), "the relay exits");
        assert!(stage.heard(ALICE).is_empty() && stage.heard(BOB).is_empty(), "nobody knows");

        stage.start();
        assert_eq!(stage.history()[0], "one", "what was acknowledged is there");
        stage.send(ALICE, 3, second, "two");
        stage.node.batch().unwrap();
        let ack = &stage.heard(ALICE)[0];
        assert_eq!(ack["ok"]["seq"], 2);
        assert_eq!(ack["ok"]["replayed"].as_bool().unwrap_or(false), is_stored);
        assert_eq!(stage.history(), ["one", "two"]);
    }
}
