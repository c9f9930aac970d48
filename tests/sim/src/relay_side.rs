//! What happens on the relay's side.

use crate::dice::Dice;
use crate::faults::Fault;
use crate::relay::Disk;
use crate::witness::Seat;
use crate::world::{Event, World};
use confab_engine::Input;
use confab_protocol::frame::{Request, parse_request, refusal};
use confab_protocol::{Code, ConversationId, ErrorBody, UserId};
use confab_relay::hub::queue::{Class, HARD_BYTES, Item, SOFT_BYTES};
use rusqlite::Row;
use uuid::Uuid;

impl World {
    /// After anything that the relay did: what it has to write, and when the writer runs next.
    pub(crate) fn relay_did(&mut self) {
        if self.drain_at.is_none() {
            let at = self.now + self.dice.up_to(1);
            self.drain_at = Some(at);
            self.at(at, Event::Drain);
        }
        let wanted = if self.relay.has_work() {
            Some(self.now + self.dice.up_to(8))
        } else {
            self.relay.due_in_ms().map(|ms| self.now + ms)
        };
        if let Some(at) = wanted
            && self.batch_at.is_none_or(|planned| planned > at)
        {
            self.batch_at = Some(at);
            self.at(at, Event::Batch);
        }
    }

    pub(crate) fn opened(&mut self, number: u64) {
        let up = self.relay.is_up();
        let Some(link) = self.net.get(number) else { return };
        if !link.client_open || link.cut {
            return;
        }
        if !up {
            return self.client_closed(number, None);
        }
        link.relay_open = true;
        let (device, life, socket) = (link.device, link.life, link.socket);
        self.relay.opened(number);
        if self.devices[device].life == life {
            self.give(device, vec![Input::Opened { socket }]);
        }
    }

    pub(crate) fn to_relay(&mut self, number: u64, text: &str) {
        let now = self.now;
        if !self.relay.is_up() || !self.net.get(number).is_some_and(|link| link.reaches_relay(now)) {
            return self.faults.count(Fault::LostRequest);
        }
        self.relay.set_clock(self.relay_now());
        self.witness.asked(number, text);
        if self.dice.once_in(self.plan.busy)
            && let Ok((Some(id), request)) = parse_request(text)
            && !matches!(request, Request::Hello(_))
        {
            self.faults.count(Fault::Busy);
            let error =
                ErrorBody::new(Code::RateLimited, "Simulated: busy.").after_ms(self.dice.between(1, 3_000));
            return self.to_link(number, refusal(Some(id), &error).unwrap_or_default(), None);
        }
        let said = self.relay.frame(number, text);
        if let Some(reply) = said.reply {
            self.to_link(number, reply, None);
        }
        if let Some(close) = said.close {
            self.close_relay(number, close.code);
        }
        self.relay_did();
    }

    /// A frame leaves the relay.
    fn to_link(&mut self, number: u64, text: String, class: Option<Class>) {
        let latency = self.latency();
        let now = self.now;
        let Some(link) = self.net.get(number) else { return };
        let user = self.devices[link.device].user;
        self.witness.answered(number, user, &text);
        let Some(link) = self.net.get(number).filter(|link| !link.cut) else { return };
        if text.contains(r#""replayed":true"#) {
            self.faults.count(Fault::Repeated);
        }
        if text.contains(r#""push":"behind""#) {
            self.faults.count(Fault::Behind);
        }
        let before = link.last_down();
        let in_turn = before.max(now + latency);
        let later = in_turn + self.dice.between(1, 3 * self.plan.latency_ms);
        match class {
            // As if a reader had been slow to hand it over.
            Some(Class::Answer) if self.dice.once_in(self.plan.reorder) => {
                return self.at(later, Event::Late(number, text, Some(before)));
            }
            Some(Class::Delta(..)) if self.dice.once_in(self.plan.double) => {
                self.at(later, Event::Late(number, text.clone(), None));
            }
            _ => {}
        }
        let Some(link) = self.net.get(number) else { return };
        let time = link.down(now, latency);
        self.at(time, Event::ToClient(number, text));
    }

    /// The relay closes a socket, after what it wrote.
    pub(crate) fn close_relay(&mut self, number: u64, code: u16) {
        let latency = self.latency();
        let now = self.now;
        self.relay.closed(number);
        self.witness.closed(number);
        let Some(link) = self.net.get(number) else { return };
        link.relay_open = false;
        let tell = !link.cut && link.client_open;
        let time = link.down(now, latency);
        self.net.forget(number);
        if tell {
            self.at(time, Event::ClientClosed(number, Some(code)));
        }
    }

    pub(crate) fn relay_closed(&mut self, number: u64) {
        let Some(link) = self.net.get(number).filter(|link| link.relay_open) else { return };
        link.relay_open = false;
        self.net.forget(number);
        self.relay.set_clock(self.relay_now());
        self.relay.closed(number);
        self.witness.closed(number);
        self.relay_did();
    }

    pub(crate) fn pong(&mut self, number: u64) {
        let now = self.now;
        if self.net.get(number).is_some_and(|link| link.reaches_relay(now)) {
            self.relay.set_clock(self.relay_now());
            self.relay.pong(number);
        }
    }

    /// Writes to every socket what is queued for it, unless its client reads nothing.
    pub(crate) fn drain(&mut self) {
        if self.drain_at.is_some_and(|at| at <= self.now) {
            self.drain_at = None;
        }
        if !self.relay.is_up() {
            return;
        }
        self.relay.set_clock(self.relay_now());
        for number in self.net.which(|link| link.relay_open) {
            if self.dice.once_in(self.plan.stall.saturating_mul(10)) {
                let until = self.now + self.dice.between(500, 90_000);
                if let Some(link) = self.net.get(number) {
                    link.stalled_until = until;
                }
                self.faults.count(Fault::Stalled);
                self.relay.stalled(number, true);
                self.at(until, Event::Drain);
            }
            self.drain_one(number);
            self.narrow(number);
        }
    }

    /// Makes the room of a connection's queue small, or what it was again.
    fn narrow(&mut self, number: u64) {
        let begins = self.dice.once_in(self.plan.narrow.saturating_mul(10));
        let (now, room, until) =
            (self.now, self.dice.up_to(1_000), self.now + self.dice.between(200, 15_000));
        let Some(link) = self.net.get(number) else { return };
        if begins {
            link.narrow_until = until;
            self.relay.set_room(number, room as usize);
        } else if link.narrow_until != 0 && link.narrow_until <= now {
            link.narrow_until = 0;
            self.relay.set_room(number, SOFT_BYTES);
        }
    }

    fn drain_one(&mut self, number: u64) {
        let now = self.now;
        let Some(link) = self.net.get(number) else { return };
        let stalled = link.stalled_until > now;
        if link.stalled_until != 0 && !stalled {
            link.stalled_until = 0;
            self.relay.stalled(number, false);
        }
        let (items, close) = if stalled {
            (std::collections::VecDeque::new(), self.relay.closing(number))
        } else {
            self.relay.take(number)
        };
        let bytes: usize = items.iter().map(queued).sum();
        if bytes > HARD_BYTES + SOFT_BYTES {
            self.witness.complain(format!("a connection's queue held {bytes} bytes"));
        }
        for item in items {
            match item {
                Item::Text(text, class) => self.to_link(number, text.to_string(), Some(class)),
                Item::Ping => {
                    let latency = self.latency();
                    let reading = self.net.get(number).is_some_and(|link| !link.cut && link.client_open);
                    if reading {
                        let time = now + 2 * latency;
                        self.at(time, Event::Pong(number));
                    }
                }
                Item::Pong(_) | Item::Close(_) => {}
            }
        }
        if let Some(close) = close {
            self.trace.note(now, format_args!("relay closes link {number}: {}", close.reason));
            self.close_relay(number, close.code);
        }
    }

    pub(crate) fn batch(&mut self) {
        if self.batch_at.take() != Some(self.now) || !self.relay.is_up() {
            return;
        }
        let kill = self.dice.once_in(self.plan.kill_relay);
        if kill {
            self.faults.count(Fault::KilledRelay);
        }
        if kill && self.dice.once_in(2) {
            return self.kill_relay("before a batch");
        }
        self.relay.set_clock(self.relay_now());
        let disk = if self.dice.once_in(self.plan.full_relay) {
            // Mostly full; seldom worse.
            *self
                .dice
                .pick(&[Disk::Full, Disk::Full, Disk::StoredUnsynced, Disk::LostUnsynced])
                .unwrap_or(&Disk::Full)
        } else {
            Disk::Good
        };
        match disk {
            Disk::Good => {}
            Disk::Full => self.faults.count(Fault::FullRelay),
            Disk::StoredUnsynced | Disk::LostUnsynced => self.faults.count(Fault::Unsynced),
        }
        self.relay.set_disk(disk);
        let done = self.relay.batch();
        self.relay.set_disk(Disk::Good);
        if let Err(error) = done {
            return self.kill_relay(&error.to_string());
        }
        self.trace.note(self.now, format_args!("relay: batch, disk {disk:?}"));
        self.look_at_seats();
        if kill {
            return self.kill_relay("after a batch");
        }
        self.relay_did();
    }

    pub(crate) fn kill_relay(&mut self, when: &str) {
        self.trace.note(self.now, format_args!("relay: killed {when}"));
        self.relay.kill();
        self.batch_at = None;
        for number in self.net.which(|link| link.relay_open) {
            let (down, now) = (self.dice.up_to(self.plan.latency_ms), self.now);
            self.witness.closed(number);
            if let Some(link) = self.net.get(number) {
                link.relay_open = false;
                let tell = link.client_open && !link.cut;
                link.cut(now, 0, down);
                if tell {
                    self.at(now + down, Event::ClientClosed(number, None));
                }
            }
            self.net.forget(number);
        }
        self.within(20, 8_000, Event::StartRelay);
    }

    pub(crate) fn start_relay(&mut self) {
        if self.relay.is_up() {
            return;
        }
        let run = self.run_id();
        self.runs += 1;
        self.relay.set_clock(self.relay_now());
        self.relay.start(run);
        self.trace.note(self.now, format_args!("relay: run {}", self.runs));
        self.look_at_seats();
        self.at(self.now + 2_000, Event::Tend(self.runs));
    }

    pub(crate) fn tend(&mut self, run: u64) {
        if !self.relay.is_up() || run != self.runs {
            return;
        }
        self.relay.set_clock(self.relay_now());
        self.relay.tend();
        self.at(self.now + 2_000, Event::Tend(run));
        self.relay_did();
    }

    /// Clocks jump and backups are put back.
    pub(crate) fn second(&mut self) {
        if !self.acting {
            return;
        }
        self.at(self.now + 1_000, Event::Second);
        if self.dice.once_in(self.plan.clock) {
            let by = self.jump();
            self.faults.count(if by < 0 { Fault::ClockBack } else { Fault::ClockForth });
            let whose = self.dice.up_to(self.devices.len() as u64) as usize;
            match self.devices.get_mut(whose) {
                Some(device) => device.clock_off += by,
                None => self.relay_clock_off += by,
            }
            self.trace.note(self.now, format_args!("clock {whose} jumps by {by} ms"));
        }
        if self.dice.once_in(self.plan.intruder) && self.relay.is_up() {
            self.faults.count(Fault::Intruder);
            self.intrude();
        }
        if self.dice.once_in(self.plan.fork) && self.relay.is_up() {
            if self.dice.once_in(2) || !self.relay.has_backup() {
                self.trace.note(self.now, format_args!("relay: backup made"));
                self.relay.back_up();
            } else {
                self.kill_relay("to put a backup back");
                self.relay.put_back();
                self.faults.count(Fault::Restored);
                self.witness.forked();
                self.trace.note(self.now, format_args!("relay: backup put back"));
            }
        }
    }

    /// A second to ten years, forward or back.
    fn jump(&mut self) -> i64 {
        let size = match self.dice.up_to(3) {
            0 => 1_000,
            1 => 3_600_000,
            2 => 86_400_000 * 40,
            _ => 86_400_000 * 3_650,
        };
        let by = self.dice.between(1_000, size.max(1_001)) as i64;
        if self.dice.once_in(2) { -by } else { by }
    }

    /// Who is in which conversation, by the relay's own tables, read by nobody's code but this.
    pub(crate) fn look_at_seats(&mut self) {
        let database = self.relay.tables();
        let mut statement = database
            .prepare_cached(
                "SELECT c.uid, u.uid, m.role IS NOT NULL, m.left_rev FROM members m \
                 JOIN conversations c ON c.id = m.conversation JOIN users u ON u.id = m.user",
            )
            .unwrap();
        let id = |row: &Row<'_>, at: usize| -> rusqlite::Result<Uuid> { Ok(Uuid::from_bytes(row.get(at)?)) };
        let seats = statement
            .query_map([], |row| {
                let seat = Seat { member: row.get(2)?, left_rev: row.get(3)? };
                Ok((ConversationId(id(row, 0)?), UserId(id(row, 1)?), seat))
            })
            .unwrap();
        let mut all: std::collections::BTreeMap<_, std::collections::BTreeMap<_, _>> = Default::default();
        for seat in seats {
            let (conversation, user, seat) = seat.unwrap();
            all.entry(conversation).or_default().insert(user, seat);
        }
        self.witness.seats = all;
    }
}

/// What counts towards the bound of a connection's queue; the other answers are bounded by the requests in flight.
fn queued(item: &Item) -> usize {
    match item {
        Item::Text(text, class) if *class != Class::Answer => text.len(),
        _ => 0,
    }
}
