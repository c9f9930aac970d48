//! Random runs: everything goes wrong that may, and in the end a resumed cache equals a fresh one and nothing that was
//! accepted is lost or doubled. A failing seed is named and replays.

use crate::device::World;
use confab_engine::{Action, Random};
use confab_protocol::{CommandId, Content, ConversationId, MessageId};
use confab_store::view::MessageState;
use std::collections::{BTreeMap, BTreeSet};

struct Run {
    world: World,
    random: Random,
    rooms: Vec<ConversationId>,
    said: Vec<(ConversationId, MessageId)>,
    /// Deleted where they were not known to be sent.
    discarded: BTreeSet<MessageId>,
    /// The relay had them when it was put back to where it had not.
    put_back: BTreeSet<MessageId>,
}

impl Run {
    fn new(seed: u64, forks: bool) -> Self {
        let mut world = World::new(&["Alice", "Bob", "Alice", "Cem"]);
        let rooms = vec![world.direct(0, 1), world.group(0, &[1, 3]), world.direct(3, 1)];
        world.say(0, rooms[0], "first");
        world.settle();
        world.relay.eager_tokens = forks && seed.is_multiple_of(2);
        world.relay.page_rows = 3 + (seed as usize % 7);
        Self {
            world,
            random: Random::new(seed),
            rooms,
            said: vec![],
            discarded: BTreeSet::new(),
            put_back: BTreeSet::new(),
        }
    }

    fn pick(&mut self, n: usize) -> usize {
        self.random.up_to(n as u64 - 1) as usize
    }

    fn step(&mut self, forks: bool) {
        let n = self.pick(4);
        let room = self.pick(3);
        let room = self.rooms[room];
        let may = {
            let device = &self.world.devices[n];
            device.store.views(device.key).header(room, 0).unwrap().is_some_and(|h| h.row.role.is_some())
        };
        match self.pick(if forks { 21 } else { 20 }) {
            0..=4 if may => {
                let text = format!("{} from {n}", self.said.len());
                let id = self.world.say(n, room, &text);
                self.said.push((room, id));
            }
            5 | 6 if may => self.change(n, room),
            7 => {
                self.world.deliver_up(n);
            }
            8 | 9 => {
                self.world.deliver_down(n);
            }
            10 => self.world.exchange(),
            11 => self.world.cut(n),
            12 => {
                self.world.kill(n);
                self.world.start(n);
            }
            // A token says that all before it has arrived, so with tokens about nothing is lost or swapped.
            13 if !self.world.relay.eager_tokens => self.tamper(n),
            14 => self.world.offline(n),
            15 | 16 => self.world.online(n),
            17 => {
                let ms = self.random.up_to(3_000);
                self.world.pass(ms);
            }
            18 if may => {
                let seq = self.random.up_to(20);
                self.world.act(n, Action::MarkRead { conversation: room, seq });
            }
            20 => self.restore(),
            _ => {}
        }
    }

    fn change(&mut self, n: usize, room: ConversationId) {
        let rows = self.world.rows(n, room);
        if rows.is_empty() {
            return;
        }
        let at = self.pick(rows.len());
        let (message, own) = (rows[at].id, rows[at].own);
        let text = matches!(rows[at].content, Some(Content::Text { .. }));
        let id = CommandId(self.world.id(n));
        let action = match self.pick(3) {
            0 if own && text => Action::Edit {
                id,
                conversation: room,
                message,
                text: format!("edited by {n}"),
                mentions: vec![],
            },
            1 if own && text => {
                if rows[at].seq.is_none() {
                    self.discarded.insert(message);
                }
                Action::Delete { id, conversation: room, message }
            }
            _ if text => {
                let on = self.pick(3) > 0;
                Action::React { id, conversation: room, message, emoji: "👍".into(), on }
            }
            _ => return,
        };
        self.world.act(n, action);
    }

    /// Pushed deltas are lost, doubled or swapped.
    fn tamper(&mut self, n: usize) {
        let kind = self.pick(3);
        let Some(line) = self.world.relay.lines.get_mut(&n) else { return };
        let deltas: Vec<usize> =
            (0..line.queue.len()).filter(|i| line.queue[*i].contains(r#""push":"delta""#)).collect();
        match (kind, deltas.as_slice()) {
            (0, [first, ..]) => {
                line.queue.remove(*first);
            }
            (1, [first, ..]) => {
                let again = line.queue[*first].clone();
                line.queue.push_back(again);
            }
            (2, [first, .., last]) => line.queue.swap(*first, *last),
            _ => {}
        }
    }

    /// The relay is put back to where it was a while ago.
    fn restore(&mut self) {
        let backup = self.world.relay.state.clone();
        for _ in 0..12 {
            self.step(false);
        }
        let before = self.places();
        self.world.relay.restore(backup);
        let after = self.places();
        self.put_back.extend(before.into_keys().filter(|id| !after.contains_key(id)));
        for n in 0..4 {
            self.world.cut(n);
        }
    }

    fn finish(mut self, seed: u64) {
        for round in 0..2 {
            for n in 0..4 {
                self.world.online(n);
                if round == 0 {
                    self.world.cut(n);
                }
            }
            self.world.settle();
            self.world.settle();
        }
        for n in 0..4 {
            let device = &self.world.devices[n];
            let counters = device.store.views(device.key).counters().unwrap();
            assert_eq!(counters.unsent, 0, "seed {seed}: device {n} has unsent work");
            assert_eq!(counters.behind, 0, "seed {seed}: device {n} is behind");
            let resumed = self.world.snapshot(n);
            let fresh = self.world.fresh(n);
            if resumed != fresh {
                let (a, b): (Vec<&str>, Vec<&str>) = (resumed.lines().collect(), fresh.lines().collect());
                let at = a.iter().zip(&b).position(|(a, b)| a != b).unwrap_or(a.len().min(b.len()));
                let part = |lines: &[&str]| {
                    let from = at.saturating_sub(30).min(lines.len());
                    lines[from..(at + 12).min(lines.len())].join("\n")
                };
                panic!(
                    "seed {seed}: device {n} differs at line {at}\nresumed:\n{}\nfresh:\n{}",
                    part(&a),
                    part(&b)
                );
            }
        }
        let places = self.places();
        for (room, id) in &self.said {
            match places.get(id) {
                Some(1) => {}
                None if self.refused(*room, *id) => {}
                None if self.discarded.contains(id) || self.put_back.contains(id) => {}
                other => panic!("seed {seed}: message {id} is there {other:?} times"),
            }
        }
    }

    /// How often the relay has each message.
    fn places(&self) -> BTreeMap<MessageId, usize> {
        let mut places: BTreeMap<MessageId, usize> = BTreeMap::new();
        for room in self.world.relay.state.rooms.values() {
            assert!(room.messages.windows(2).all(|w| w[0].seq + 1 == w[1].seq));
            for message in &room.messages {
                *places.entry(message.id).or_default() += 1;
            }
        }
        places
    }

    /// It stands where it was written, with the reason why it was not taken.
    fn refused(&self, room: ConversationId, id: MessageId) -> bool {
        (0..4).any(|n| {
            let mut rows = self.world.rows(n, room).into_iter();
            rows.any(|row| row.id == id && matches!(row.state, MessageState::Failed { .. }))
        })
    }
}

fn run(seed: u64, forks: bool) {
    let mut run = Run::new(seed, forks);
    for _ in 0..120 {
        run.step(forks);
    }
    run.finish(seed);
}

#[test]
fn whatever_goes_wrong_a_resumed_cache_equals_a_fresh_one() {
    for seed in 0..60 {
        run(seed, false);
    }
}

#[test]
fn a_relay_that_is_put_back_loses_nothing_that_a_device_still_has() {
    for seed in 1_000..1_040 {
        run(seed, true);
    }
}
