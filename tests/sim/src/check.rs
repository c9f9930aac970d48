//! The end of a run: everything is healed, settles, and is compared with the relay's own tables.

use crate::model::{Held, Model};
use crate::plan::Plan;
use crate::truth::{self, Truth};
use crate::witness::Word;
use crate::world::{Event, World};
use confab_engine::{Cache, EntryState, Link};
use confab_protocol::{CommandId, Content, ConversationId, Message, MessageId, UserId, limits};

/// Longest virtual time that settling may take, in milliseconds.
const SETTLING_MS: u64 = 30 * 60 * 1000;

impl World {
    /// Ends all faults and all acting, and lets everything come to rest.
    pub fn heal(&mut self) {
        self.trace.note(self.now, format_args!("healed"));
        self.acting = false;
        let Plan { .. } = self.plan;
        self.plan = self.plan.healed();
        self.relay_clock_off = 0;
        for number in self.net.which(|_| true) {
            if let Some(link) = self.net.get(number) {
                link.stalled_until = link.stalled_until.min(self.now);
            }
        }
        self.at(self.now, Event::StartRelay);
        for device in 0..self.devices.len() {
            self.devices[device].clock_off = 0;
            self.at(self.now + 10, Event::StartDevice(device));
            self.at(self.now + 20, Event::Online(device));
            self.at(self.now + 30, Event::Resume(device));
        }
        self.relay_did();
    }

    /// Runs until nothing is to be done any more.
    pub fn settle(&mut self) {
        let until = self.now + SETTLING_MS;
        while self.now < until && self.witness.wrong.is_empty() {
            self.run(self.now + 500);
            if self.is_settled().is_ok() {
                return;
            }
        }
        if let Err(why) = self.is_settled() {
            self.witness.complain(format!("it does not come to rest: {why}"));
        }
    }

    fn is_settled(&mut self) -> Result<(), String> {
        if self.in_flight() {
            return Err("something is on its way".into());
        }
        if self.relay.has_work() || self.relay.due_in_ms().is_some() {
            return Err("the relay has work".into());
        }
        let linked = self.net.linked();
        for (number, device) in self.devices.iter().enumerate() {
            let name = &device.name;
            if !linked.contains(&number) {
                return Err(format!("{name} does not know that its socket is dead"));
            }
            let Some(engine) = &device.engine else { return Err(format!("{name} does not run")) };
            let status = engine.status(device.now(self.now, crate::world::EPOCH_MS));
            if status.link != Link::Online {
                return Err(format!("{name} is {status:?}"));
            }
            if !device.asked.is_empty() {
                return Err(format!("{name} waits for {:?}", device.asked));
            }
            let mut model = device.store.model().clone();
            if let Some(entry) =
                model.outbox.iter().find(|entry| !matches!(entry.state, EntryState::Failed(_)))
            {
                return Err(format!("{name} has in its outbox {entry:?}"));
            }
            if let Ok(Some(mark)) = model.pending_marks(1).map(|marks| marks.first().copied()) {
                return Err(format!("{name} has yet to say {mark:?}"));
            }
            for held in model.conversations.values() {
                let Some(row) = held.row.as_ref().filter(|row| row.role.is_some()) else { continue };
                if row.head_rev > row.rev {
                    return Err(format!("{name} is behind in {}: {} of {}", row.id, row.rev, row.head_rev));
                }
                if !held.ranges.covers(row.first_seq, row.last_seq) {
                    return Err(format!("{name} has a hole in {}: {:?}", row.id, held.ranges));
                }
            }
        }
        Ok(())
    }

    /// Compares everything with the relay's tables.
    pub fn check(&mut self) {
        let truth = truth::read(self.relay.tables());
        let mut wrong = truth.counters();
        if self.witness.most_waiting > limits::IN_FLIGHT {
            wrong.push(format!("{} requests of one connection waited", self.witness.most_waiting));
        }
        for device in &self.devices {
            let model = device.store.model();
            for (id, place) in &truth.places {
                if !place.members.get(&device.user).is_some_and(|mine| mine.role.is_some()) {
                    continue;
                }
                let head =
                    truth::head(&*self.relay.reader().expect("the relay is up"), &truth, device.user, *id);
                match model.held(*id) {
                    None => wrong.push(format!("{} does not hold {id}", device.name)),
                    Some(held) => compare(&mut wrong, &device.name, held, place, &head, device.user),
                }
            }
            self.members_only(&mut wrong, model, &truth, &device.name);
        }
        self.check_messages(&mut wrong, &truth);
        wrong.into_iter().for_each(|line| self.witness.complain(line));
    }

    /// Nobody believes to be where they are not.
    fn members_only(&self, wrong: &mut Vec<String>, model: &Model, truth: &Truth, name: &str) {
        for (id, held) in &model.conversations {
            let Some(row) = held.row.as_ref().filter(|row| row.role.is_some() && row.known) else { continue };
            let is_member = truth
                .places
                .get(id)
                .and_then(|place| place.members.get(&model.account.user))
                .is_some_and(|mine| mine.role.is_some());
            if !is_member {
                wrong.push(format!("{name} believes to be a member of {id}: {row:?}"));
            }
        }
    }

    /// What people were told to be safe is there once, and in order.
    fn check_messages(&self, wrong: &mut Vec<String>, truth: &Truth) {
        let mut order: std::collections::BTreeMap<(usize, ConversationId), Vec<(u64, u64, MessageId)>> =
            std::collections::BTreeMap::new();
        for (id, sent) in &self.witness.sent {
            let command = CommandId::from(*id);
            let word = self.witness.words.get(&command).copied();
            let stored = truth.message(*id);
            let device = &self.devices[sent.device];
            let entry = device.store.model().outbox.iter().find(|entry| entry.command.id() == command);
            let name = &device.name;
            let touched = self.witness.touched(*id);
            match (stored, word) {
                (Some(_), Some(Word::Never)) => {
                    wrong.push(format!("{name}: {id} was refused for good and is there"));
                }
                (Some((place, message)), _) => {
                    if place != sent.conversation || message.sender != device.user {
                        wrong.push(format!("{name}: {id} is in another place or another's: {message:?}"));
                    }
                    if let Some(Content::Text { text, .. }) = &message.content
                        && touched.is_none()
                        && *text != sent.text
                    {
                        wrong.push(format!("{name}: {id} has another text: {text}"));
                    }
                    if touched.is_none()
                        && !self.witness.doubtful.contains(&command)
                        && self.witness.forks == 0
                    {
                        order.entry((sent.device, place)).or_default().push((sent.order, message.seq, *id));
                    }
                    if entry.is_some() {
                        wrong.push(format!("{name}: {id} is there and still in the outbox: {entry:?}"));
                    }
                }
                (None, Some(Word::Accepted)) if self.witness.forks == 0 => {
                    wrong.push(format!("{name}: {id} was acknowledged and is not there"));
                }
                (None, _) if touched == Some(true) => {}
                (None, _) => match entry.map(|entry| &entry.state) {
                    Some(EntryState::Failed(_)) => {}
                    Some(state) => wrong.push(format!("{name}: {id} is neither sent nor refused: {state:?}")),
                    None if self.witness.forks > 0
                        && !self.resends(truth, sent.device, sent.conversation) => {}
                    // Accepted while its person left: none of their devices ever held it to send it again.
                    None if self.witness.forks > 0
                        && self.witness.left.contains(&(sent.device, sent.conversation)) => {}
                    None => wrong.push(format!("{name}: {id} is lost (last word: {word:?})")),
                },
            }
        }
        for ((device, place), mut list) in order {
            list.sort_unstable();
            if let Some(pair) = list.windows(2).find(|pair| pair[0].1 >= pair[1].1) {
                let name = &self.devices[device].name;
                wrong.push(format!("{name}: in {place} {} overtook {}", pair[1].2, pair[0].2));
            }
        }
    }

    /// After a fork a device sends again what vanished, if its person still is a member.
    fn resends(&self, truth: &Truth, device: usize, conversation: ConversationId) -> bool {
        let user = self.devices[device].user;
        truth
            .places
            .get(&conversation)
            .and_then(|place| place.members.get(&user))
            .is_some_and(|mine| mine.role.is_some())
    }
}

fn compare(
    wrong: &mut Vec<String>,
    name: &str,
    held: &Held,
    place: &truth::Place,
    head: &Option<confab_protocol::Head>,
    user: UserId,
) {
    let id = place.id;
    let Some(row) = &held.row else { return wrong.push(format!("{name} has no row of {id}")) };
    let mut unlike = |what: &str, mine: &dyn std::fmt::Debug, theirs: &dyn std::fmt::Debug| {
        let (mine, theirs) = (format!("{mine:?}"), format!("{theirs:?}"));
        if mine != theirs {
            wrong.push(format!("{name}, {id}: {what} is {mine}, at the relay {theirs}"));
        }
    };
    unlike("the title", &row.title, &place.title);
    unlike("rev", &row.rev, &place.rev);
    unlike("lineage", &row.lineage, &place.lineage);
    unlike("last_seq", &row.last_seq, &place.seq);
    unlike("the number of messages", &held.messages.len(), &place.messages.len());
    for (seq, message) in &place.messages {
        match held.messages.get(seq) {
            None => unlike("a message", &"not held", &message.id),
            Some(mine) if mine == message => {}
            Some(mine) => {
                unlike(&format!("message {seq}"), &differing(mine, message), &differing(message, mine))
            }
        }
    }
    let members: Vec<_> = held.members.values().cloned().collect();
    let theirs: Vec<_> = place.members.values().cloned().collect();
    unlike("the list of members", &members, &theirs);
    unlike("the number of members", &row.members, &theirs.iter().filter(|m| m.role.is_some()).count());
    let Some(head) = head else { return wrong.push(format!("{name}: the relay has no head of {id}")) };
    unlike("the role", &row.role, &head.role);
    unlike("one's own read mark", &row.read, &head.read);
    unlike("one's own delivered mark", &row.delivered, &head.delivered);
    unlike("notify", &row.notify, &head.notify);
    unlike("hidden_seq", &row.hidden_seq, &head.hidden_seq);
    unlike("the kind", &row.kind, &head.kind);
    unlike("the peer", &row.peer, &head.peer);
    unlike("the time of making", &row.created_at, &head.created_at);
    // A mention that was taken back before this device saw it is no loss.
    let mentions = place.messages.get(&head.mention_seq).is_some_and(|message| {
        matches!(&message.content, Some(Content::Text { mentions, .. }) if mentions.contains(&user))
    });
    if mentions || row.mention_seq > head.mention_seq {
        unlike("mention_seq", &row.mention_seq, &head.mention_seq);
    }
    for mark in &head.marks {
        let mine = held.marks.get(&mark.user).map_or((0, 0), |mark| (mark.read, mark.delivered));
        let told = (mark.read, mark.delivered);
        if mine != told {
            unlike("another's mark", &(mark.user, mine), &(mark.user, told));
        }
    }
    if !held.unconfirmed.is_empty() {
        unlike("what a fork left unconfirmed", &held.unconfirmed, &"nothing");
    }
}

/// The fields of a row in which another differs.
fn differing(row: &Message, other: &Message) -> Vec<String> {
    let fields = |row: &Message| serde_json::to_value(row).ok().and_then(|row| row.as_object().cloned());
    let (Some(row), Some(other)) = (fields(row), fields(other)) else { return Vec::new() };
    row.iter()
        .filter(|(name, value)| other.get(*name) != Some(value))
        .map(|(name, value)| format!("{name}: {value}"))
        .collect()
}
