//! What happens on the devices' side.

use crate::actor::Actor;
use crate::device::Handled;
use crate::dice::Dice;
use crate::faults::Fault;
use crate::store::Fate;
use crate::world::{EPOCH_MS, Event, World};
use confab_engine::{Action, Input, Output, Problem, Ticket, Topic};
use confab_relay::auth::token::ACCESS_TOKEN_MS;

impl World {
    /// Gives a device something to handle, by the rule of drivers, with its faults.
    pub(crate) fn give(&mut self, device: usize, inputs: Vec<Input<'_>>) {
        if self.devices[device].engine.is_none() {
            return;
        }
        let fate = if self.dice.once_in(self.plan.kill_device) {
            *self.dice.pick(&[Fate::KilledBefore, Fate::KilledAfter, Fate::Kept]).unwrap_or(&Fate::Kept)
        } else if self.dice.once_in(self.plan.full_device) {
            Fate::Full
        } else {
            Fate::Kept
        };
        let killed_among_outputs =
            fate == Fate::Kept && self.dice.once_in(self.plan.kill_device.saturating_mul(2));
        let seed = self.dice.bits();
        let now = self.devices[device].now(self.now, EPOCH_MS);
        match self.devices[device].handle(now, inputs, fate, seed) {
            Handled::Done(mut out) => {
                if killed_among_outputs {
                    out.truncate(self.dice.up_to(out.len() as u64) as usize);
                }
                self.release(device, out);
                if killed_among_outputs {
                    self.kill_device(device);
                }
            }
            Handled::Killed => self.kill_device(device),
            Handled::Failed(out) => {
                let name = &self.devices[device].name;
                self.trace.note(self.now, format_args!("{name}: disk full"));
                self.faults.count(Fault::FullDevice);
                self.drop_sockets(device);
                self.release(device, out);
            }
        }
    }

    fn drop_sockets(&mut self, device: usize) {
        for link in self.net.which(|link| link.device == device && link.client_open) {
            self.close_client(link);
        }
    }

    /// The client's end closes; the relay learns of it if the network lets it.
    pub(crate) fn close_client(&mut self, number: u64) {
        let latency = self.latency();
        let now = self.now;
        let Some(link) = self.net.get(number) else { return };
        link.client_open = false;
        if link.relay_open && !link.cut {
            let time = link.up(now, latency);
            self.at(time, Event::RelayClosed(number));
        }
        self.net.forget(number);
    }

    fn kill_device(&mut self, device: usize) {
        self.trace.note(self.now, format_args!("{}: killed", self.devices[device].name));
        self.faults.count(Fault::KilledDevice);
        self.devices[device].kill();
        self.drop_sockets(device);
        self.within(50, 15_000, Event::StartDevice(device));
    }

    fn release(&mut self, device: usize, out: Vec<Output>) {
        let life = self.devices[device].life;
        for output in out {
            match output {
                Output::NeedToken => {
                    let latency = 2 * self.latency();
                    self.at(self.now + latency, Event::Token(device, life));
                }
                Output::OpenSocket { socket } => self.open_socket(device, life, socket),
                Output::Send { socket, text } => self.send(device, life, socket, text),
                Output::CloseSocket { socket } => {
                    if let Some(link) = self.net.of(device, life, socket) {
                        self.close_client(link);
                    }
                }
                Output::WakeAt { mono_ms } => {
                    let at = self.devices[device].born_at + mono_ms;
                    self.devices[device].wake_at = Some(at);
                    self.at(at, Event::Wake(device, life, at));
                }
                Output::Answer { ticket, result } => self.answered(device, ticket, result),
                Output::Changed(Topic::Conversation(id)) => self.look_at_marks(device, id),
                Output::Changed(_) | Output::Incoming { .. } => {}
                Output::Trouble { problem, .. } => {
                    let name = &self.devices[device].name;
                    self.trace.note(self.now, format_args!("{name}: trouble {}", problem.message));
                }
            }
        }
    }

    fn look_at_marks(&mut self, device: usize, id: confab_protocol::ConversationId) {
        let held = self.devices[device].store.model().held(id);
        if let Some(row) = held.and_then(|held| held.row.as_ref()) {
            let (read, delivered) = (row.read, row.delivered);
            self.witness.marks(device, id, read, delivered);
        }
    }

    fn answered(&mut self, device: usize, ticket: Ticket, result: Result<confab_engine::Reply, Problem>) {
        let Some(action) = self.devices[device].asked.remove(&ticket) else {
            let name = self.devices[device].name.clone();
            return self.witness.complain(format!("{name}: {ticket:?} was answered that nobody asked"));
        };
        let name = &self.devices[device].name;
        match &result {
            Ok(_) => self.trace.note(self.now, format_args!("{name}: done {action:?}")),
            Err(p) => self.trace.note(self.now, format_args!("{name}: not done ({}) {action:?}", p.code)),
        }
        self.witness.told(device, &action, &result);
    }

    fn open_socket(&mut self, device: usize, life: u64, socket: u64) {
        for old in self.net.which(|link| link.device == device && link.life == life && link.client_open) {
            self.close_client(old);
        }
        let link = self.net.open(device, life, socket);
        let latency = 2 * self.latency();
        if !self.devices[device].online {
            // Nothing answers; sometimes the system knows at once.
            if self.dice.once_in(2) {
                self.at(self.now + 5, Event::ClientClosed(link, None));
            }
        } else if self.relay.is_up() {
            self.at(self.now + latency, Event::Opened(link));
        } else {
            self.at(self.now + latency, Event::ClientClosed(link, None));
        }
    }

    fn send(&mut self, device: usize, life: u64, socket: u64, text: String) {
        let Some(number) = self.net.of(device, life, socket) else { return };
        let latency = self.latency();
        let now = self.now;
        self.trace.note(now, format_args!("{} -> {text}", self.devices[device].name));
        if let Some(link) = self.net.get(number)
            && !link.cut
        {
            let time = link.up(now, latency);
            self.at(time, Event::ToRelay(number, text));
        }
        if self.dice.once_in(self.plan.cut) {
            self.cut(number);
        }
    }

    /// Cuts a socket somewhere on its way. Each end learns of it in its own time, or never.
    pub(crate) fn cut(&mut self, number: u64) {
        let (up, down) = (self.dice.up_to(self.plan.latency_ms), self.dice.up_to(self.plan.latency_ms));
        let now = self.now;
        let Some(link) = self.net.get(number) else { return };
        if link.cut {
            return;
        }
        link.cut(now, up, down);
        self.faults.count(Fault::Cut);
        self.trace.note(now, format_args!("link {number} is cut"));
        // One in four learns nothing: the other end just goes quiet.
        if !self.dice.once_in(4) {
            self.within(down, down + 500, Event::ClientClosed(number, None));
        }
        if !self.dice.once_in(4) {
            self.within(up, up + 500, Event::RelayClosed(number));
        }
    }

    pub(crate) fn client_closed(&mut self, number: u64, code: Option<u16>) {
        let Some(link) = self.net.get(number) else { return };
        if !link.client_open {
            return;
        }
        link.client_open = false;
        let (device, life, socket) = (link.device, link.life, link.socket);
        self.net.forget(number);
        if self.devices[device].life == life {
            self.read(device, life);
            self.trace.note(self.now, format_args!("{}: closed {code:?}", self.devices[device].name));
            self.give(
                device,
                vec![Input::Closed { socket, code, problem: Problem::new("offline", "It was closed.") }],
            );
        }
    }

    pub(crate) fn to_client(&mut self, number: u64, text: String) {
        let now = self.now;
        let Some(link) = self.net.get(number) else { return };
        if !link.reaches_client(now) {
            return self.faults.count(if text.contains(r#""push":"#) {
                Fault::LostPush
            } else {
                Fault::LostAnswer
            });
        }
        let (device, life, socket) = (link.device, link.life, link.socket);
        let reading = !self.devices[device].inbox.is_empty();
        self.devices[device].inbox.push((socket, text));
        if !reading {
            self.within(0, 3, Event::Read(device, life));
        }
        if self.dice.once_in(self.plan.cut) {
            self.cut(number);
        }
    }

    /// A frame that was held back arrives.
    pub(crate) fn late(&mut self, number: u64, text: String, before: Option<u64>) {
        let now = self.now;
        let Some(link) = self.net.get(number) else { return };
        let last = link.last_down();
        if link.reaches_client(now) {
            match before {
                None => self.faults.count(Fault::Doubled),
                Some(before) if before < last && last <= now => self.faults.count(Fault::Reordered),
                Some(_) => {}
            }
        }
        self.to_client(number, text);
    }

    /// All that has come, in one transaction.
    pub(crate) fn read(&mut self, device: usize, life: u64) {
        if self.devices[device].life != life || self.devices[device].engine.is_none() {
            return;
        }
        let inbox = std::mem::take(&mut self.devices[device].inbox);
        if inbox.is_empty() {
            return;
        }
        for (_, text) in &inbox {
            self.trace.note(self.now, format_args!("{} <- {text}", self.devices[device].name));
        }
        let inputs = inbox
            .iter()
            .map(|(socket, text)| Input::Frame { socket: *socket, text: text.as_str() })
            .collect();
        self.give(device, inputs);
    }

    pub(crate) fn wake(&mut self, device: usize, life: u64, at: u64) {
        if self.devices[device].life == life && self.devices[device].wake_at == Some(at) {
            self.devices[device].wake_at = None;
            self.give(device, vec![Input::Wake]);
        }
    }

    pub(crate) fn token(&mut self, device: usize, life: u64) {
        if self.devices[device].life != life {
            return;
        }
        let user = self.devices[device].user;
        let session = self.devices[device].session;
        let person = self.people.iter().find(|person| person.id == user).cloned();
        let fails = self.dice.once_in(self.plan.auth);
        if fails {
            self.faults.count(Fault::NoToken);
        }
        let token = person
            .filter(|_| self.devices[device].online && !fails)
            .and_then(|person| self.relay.token(&person, session));
        let input = match token {
            Some(access_token) => Input::Token { access_token, expires_in_ms: ACCESS_TOKEN_MS },
            None if fails && self.dice.once_in(3) => {
                // The person logs in again after a while.
                self.within(500, 20_000, Event::Token(device, life));
                Input::AuthLost { problem: Problem::new("session_ended", "Log in again.") }
            }
            None if self.needs_login(device) => {
                self.within(500, 20_000, Event::Token(device, life));
                return;
            }
            None => Input::NoToken { problem: Problem::new("offline", "There is no network.") },
        };
        self.give(device, vec![input]);
    }

    fn needs_login(&self, device: usize) -> bool {
        let device = &self.devices[device];
        device
            .engine
            .as_ref()
            .is_some_and(|engine| engine.status(device.now(self.now, EPOCH_MS)).login_needed)
    }

    pub(crate) fn start_device(&mut self, device: usize) {
        if self.devices[device].engine.is_some() {
            return;
        }
        let seed = self.dice.bits();
        self.trace.note(self.now, format_args!("{}: starts", self.devices[device].name));
        self.devices[device].start(self.now, seed);
        let paused = self.devices[device].paused;
        self.give(device, if paused { vec![Input::Pause, Input::Start] } else { vec![Input::Start] });
        // What was asked and never answered is asked again by whoever takes over: it has its id.
        for action in std::mem::take(&mut self.devices[device].unheard) {
            if has_id(&action) && self.dice.once_in(2) {
                self.ask(device, action);
            }
        }
    }

    pub(crate) fn online(&mut self, device: usize) {
        if !self.devices[device].online {
            self.devices[device].online = true;
            self.trace.note(self.now, format_args!("{}: has a network", self.devices[device].name));
            if !self.acting || self.dice.once_in(2) {
                self.give(device, vec![Input::NetworkHint]);
            }
        }
    }

    /// A device loses its network: its sockets go quiet.
    pub(crate) fn lose_network(&mut self, device: usize) {
        self.devices[device].online = false;
        self.faults.count(Fault::Offline);
        self.trace.note(self.now, format_args!("{}: has no network", self.devices[device].name));
        for link in self.net.which(|link| link.device == device && link.client_open) {
            self.cut(link);
        }
        self.within(200, 40_000, Event::Online(device));
    }

    /// A device's app goes to the background, where a person may still do something (answer in a notification).
    fn pause(&mut self, device: usize) {
        self.trace.note(self.now, format_args!("{}: to the background", self.devices[device].name));
        self.devices[device].paused = true;
        self.faults.count(Fault::Background);
        self.give(device, vec![Input::Pause]);
        self.within(200, 40_000, Event::Resume(device));
    }

    pub(crate) fn resume(&mut self, device: usize) {
        if std::mem::take(&mut self.devices[device].paused) {
            self.trace.note(self.now, format_args!("{}: to the foreground", self.devices[device].name));
            self.give(device, vec![Input::Resume]);
        }
    }

    pub(crate) fn act(&mut self, device: usize) {
        if !self.acting {
            return;
        }
        self.within(1, self.plan.pause_ms * 2, Event::Act(device));
        if self.devices[device].engine.is_none() {
            return;
        }
        if self.dice.once_in(self.plan.offline) && self.devices[device].online {
            return self.lose_network(device);
        }
        if self.dice.once_in(self.plan.background) && !self.devices[device].paused {
            return self.pause(device);
        }
        self.texts += 1;
        let wall_ms = self.devices[device].now(self.now, EPOCH_MS).wall_ms;
        let mut actor = Actor {
            dice: &mut self.dice,
            model: self.devices[device].store.model(),
            people: &self.people,
            wall_ms,
            plan: &self.plan,
            number: self.texts,
        };
        if let Some(action) = actor.act() {
            self.ask(device, action);
        }
    }

    pub(crate) fn ask(&mut self, device: usize, action: Action) {
        if self.devices[device].engine.is_none() {
            return;
        }
        self.trace.note(self.now, format_args!("{}: {action:?}", self.devices[device].name));
        self.witness.wanted(device, &action, &self.devices[device].store.model().outbox);
        let ticket = self.devices[device].ticket(&action);
        self.give(device, vec![Input::Do { ticket, action }]);
    }
}

fn has_id(action: &Action) -> bool {
    !matches!(
        action,
        Action::Load { .. }
            | Action::Watch { .. }
            | Action::Typing { .. }
            | Action::FindUsers { .. }
            | Action::Devices
            | Action::Retry { .. }
            | Action::Discard { .. }
    )
}
