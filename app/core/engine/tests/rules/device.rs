//! A device: the real engine over the real store, driven by hand, and a world of them around one relay.

use crate::relay::{Relay, user_id};
use confab_engine::{Action, Config, Engine, Input, Now, Output, Problem, Refused, Reply, Ticket};
use confab_protocol::{CommandId, ConversationId, DeviceId, MessageId, User};
use confab_store::view::{MessageRow, WindowAt, WindowItem};
use confab_store::{AccountKey, Store};
use std::collections::{HashMap, VecDeque};
use uuid::Uuid;

pub struct Device {
    pub person: u128,
    pub user: User,
    pub store: Store,
    pub key: AccountKey,
    pub engine: Engine,
    pub socket: Option<u64>,
    /// Frames from the device that have not reached the relay.
    pub sending: VecDeque<String>,
    pub network: bool,
    pub answers: HashMap<u64, Result<Reply, Problem>>,
    pub incoming: Vec<MessageId>,
    pub troubles: Vec<Problem>,
    pub refused: Vec<Refused>,
    pub wake: Option<u64>,
    tickets: u64,
    ids: u64,
}

pub struct World {
    pub relay: Relay,
    pub devices: Vec<Device>,
    pub mono: u64,
    /// What the next ask for a token is refused with.
    pub busy: Option<Problem>,
}

impl World {
    /// One device for each name; the same name twice is one person with two devices.
    pub fn new(names: &[&str]) -> Self {
        let mut world = Self { relay: Relay::new(), devices: vec![], mono: 1_000, busy: None };
        for (n, name) in names.iter().enumerate() {
            let person = names.iter().position(|other| other == name).unwrap() as u128 + 1;
            let user = world.relay.add_user(person, name);
            let store = Store::in_memory().unwrap();
            world.devices.push(Device::new(n, person, user, store));
        }
        for n in 0..names.len() {
            world.input(n, Input::Start);
        }
        world.settle();
        world
    }

    pub fn now(&self) -> Now {
        Now { mono_ms: self.mono, wall_ms: self.relay.now }
    }

    /// Handles an input the way a driver does.
    pub fn input(&mut self, n: usize, input: Input<'_>) {
        let now = self.now();
        let device = &mut self.devices[n];
        let mut out = Vec::new();
        let mut tx = device.store.begin(device.key).unwrap();
        device.engine.handle(now, input, &mut tx, &mut out).unwrap();
        tx.commit().unwrap();
        // The others may lead to further inputs at once, whose wishes are newer.
        out.sort_by_key(|output| !matches!(output, Output::WakeAt { .. }));
        for output in out {
            self.output(n, output);
        }
    }

    fn output(&mut self, n: usize, output: Output) {
        match output {
            Output::NeedToken => {
                let access_token = self.devices[n].person.to_string();
                if let Some(problem) = self.busy.take() {
                    self.input(n, Input::NoToken { problem });
                } else if self.devices[n].network {
                    self.input(n, Input::Token { access_token, expires_in_ms: 600_000 });
                } else {
                    let problem = Problem::new("offline", "no network");
                    self.input(n, Input::NoToken { problem });
                }
            }
            Output::OpenSocket { socket } => {
                if self.devices[n].network {
                    self.devices[n].socket = Some(socket);
                    self.relay.connect(n);
                    self.input(n, Input::Opened { socket });
                } else {
                    self.input(
                        n,
                        Input::Closed { socket, code: None, problem: Problem::new("offline", "no network") },
                    );
                }
            }
            Output::Send { socket, text } => {
                if self.devices[n].socket == Some(socket) {
                    self.devices[n].sending.push_back(text);
                }
            }
            Output::CloseSocket { socket } => {
                if self.devices[n].socket == Some(socket) {
                    self.devices[n].socket = None;
                    self.devices[n].sending.clear();
                    self.relay.disconnect(n);
                }
            }
            Output::WakeAt { mono_ms } => self.devices[n].wake = Some(mono_ms),
            Output::Answer { ticket, result } => {
                let before = self.devices[n].answers.insert(ticket.0, result);
                assert!(before.is_none(), "answered twice");
            }
            Output::Incoming { message, .. } => self.devices[n].incoming.push(message),
            Output::Trouble { problem, refused } => {
                self.devices[n].troubles.push(problem);
                self.devices[n].refused.extend(refused);
            }
            Output::Changed(_) => {}
        }
    }

    /// The relay takes everything that a device has sent.
    pub fn deliver_up(&mut self, n: usize) -> bool {
        let mut any = false;
        while let Some(text) = self.devices[n].sending.pop_front() {
            self.relay.receive(n, &text);
            any = true;
        }
        any
    }

    /// A device takes everything that the relay has sent.
    pub fn deliver_down(&mut self, n: usize) -> bool {
        let mut any = false;
        while let Some(text) = self.relay.lines.get_mut(&n).and_then(|line| line.queue.pop_front()) {
            let Some(socket) = self.devices[n].socket else { break };
            self.input(n, Input::Frame { socket, text: &text });
            any = true;
        }
        any
    }

    /// Frames go back and forth until there are none.
    pub fn exchange(&mut self) {
        for _ in 0..10_000 {
            let mut any = false;
            for n in 0..self.devices.len() {
                any |= self.deliver_up(n);
                any |= self.deliver_down(n);
            }
            if !any {
                return;
            }
        }
        panic!("the exchange does not end");
    }

    /// Virtual time passes, in the steps that the engines ask for.
    pub fn pass(&mut self, ms: u64) {
        let end = self.mono + ms;
        for _ in 0..100_000 {
            self.exchange();
            let next = self.devices.iter().filter_map(|d| d.wake).min().filter(|at| *at <= end);
            let Some(at) = next else { break };
            self.advance(at);
            for n in 0..self.devices.len() {
                if self.devices[n].wake.is_some_and(|at| at <= self.mono) {
                    self.devices[n].wake = None;
                    self.input(n, Input::Wake);
                }
            }
        }
        self.advance(end);
        self.exchange();
    }

    fn advance(&mut self, to: u64) {
        let to = to.max(self.mono);
        self.relay.now += to - self.mono;
        self.mono = to;
    }

    /// Until nothing more happens: pauses end, holes are filled, marks are sent.
    pub fn settle(&mut self) {
        self.pass(90_000);
    }

    pub fn act(&mut self, n: usize, action: Action) -> u64 {
        self.devices[n].tickets += 1;
        let ticket = self.devices[n].tickets;
        self.input(n, Input::Do { ticket: Ticket(ticket), action });
        ticket
    }

    /// Does something that must be accepted at once.
    pub fn done(&mut self, n: usize, action: Action) -> Reply {
        let ticket = self.act(n, action);
        self.devices[n].answers.remove(&ticket).expect("an answer").expect("accepted")
    }

    pub fn id(&mut self, n: usize) -> Uuid {
        let device = &mut self.devices[n];
        device.ids += 1;
        let mut bytes = [0u8; 10];
        bytes[0] = n as u8;
        bytes[2..10].copy_from_slice(&device.ids.to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(self.relay.now, &bytes).into_uuid()
    }

    pub fn direct(&mut self, n: usize, with: usize) -> ConversationId {
        let user = self.devices[with].user.clone();
        match self.done(n, Action::OpenDirect { user }) {
            Reply::Opened(id) => id,
            other => panic!("{other:?}"),
        }
    }

    pub fn group(&mut self, n: usize, with: &[usize]) -> ConversationId {
        let (id, conversation) = (CommandId(self.id(n)), ConversationId(self.id(n)));
        let members = with.iter().map(|w| self.devices[*w].user.clone()).collect();
        self.done(n, Action::CreateGroup { id, conversation, title: "Team".into(), members });
        conversation
    }

    pub fn say(&mut self, n: usize, conversation: ConversationId, text: &str) -> MessageId {
        let id = MessageId(self.id(n));
        self.done(n, send(id, conversation, text));
        id
    }

    pub fn cut(&mut self, n: usize) {
        self.relay.disconnect(n);
        self.devices[n].sending.clear();
        if let Some(socket) = self.devices[n].socket.take() {
            self.input(n, Input::Closed { socket, code: None, problem: Problem::new("offline", "cut") });
        }
    }

    pub fn offline(&mut self, n: usize) {
        self.devices[n].network = false;
        self.cut(n);
    }

    pub fn online(&mut self, n: usize) {
        self.devices[n].network = true;
        self.input(n, Input::NetworkHint);
    }

    /// The app is killed: the engine and all that it held are gone, the store stays.
    pub fn kill(&mut self, n: usize) {
        self.relay.disconnect(n);
        let device = &mut self.devices[n];
        device.socket = None;
        device.sending.clear();
        device.wake = None;
        device.engine = engine(n);
    }

    pub fn start(&mut self, n: usize) {
        self.input(n, Input::Start);
    }

    /// The newest messages as a screen shows them.
    pub fn rows(&self, n: usize, conversation: ConversationId) -> Vec<MessageRow> {
        let device = &self.devices[n];
        let view = device.store.views(device.key).window(conversation, WindowAt::Newest, 500).unwrap();
        view.map(|view| {
            view.items
                .into_iter()
                .filter_map(|item| match item {
                    WindowItem::Message { message } => Some(*message),
                    WindowItem::Hole { .. } => None,
                })
                .collect()
        })
        .unwrap_or_default()
    }

    pub fn texts(&self, n: usize, conversation: ConversationId) -> Vec<String> {
        self.rows(n, conversation)
            .into_iter()
            .filter_map(|row| match row.content {
                Some(confab_protocol::Content::Text { text, .. }) => Some(text),
                _ => None,
            })
            .collect()
    }

    /// Everything that a person could see, for comparing two devices of theirs.
    pub fn snapshot(&self, n: usize) -> String {
        let device = &self.devices[n];
        let views = device.store.views(device.key);
        let mut list = views.conversations(true, 0).unwrap();
        // A direct conversation that was opened and never written in exists on this device only.
        list.rows.retain(|row| row.last.is_some());
        // What was refused (a reaction to a message that a restored relay does not have) stands on one device only.
        list.rows.iter_mut().for_each(|row| row.failed = 0);
        let mut out = serde_json::to_string_pretty(&list).unwrap();
        for row in &list.rows {
            let mut from_seq = 1;
            loop {
                let at = WindowAt::Range { from_seq, to_seq: None };
                let mut window = views.window(row.id, at, 500).unwrap().unwrap();
                window.from_seq = 0;
                for item in &mut window.items {
                    if let WindowItem::Message { message } = item {
                        message.change = None;
                    }
                }
                out.push_str(&serde_json::to_string_pretty(&window).unwrap());
                from_seq = window.to_seq + 1;
                if window.at_end {
                    break;
                }
            }
            let mut members = views.members(row.id).unwrap().unwrap();
            // How far one's own devices have received is told when somebody else writes, so it may lag behind.
            members.members.iter_mut().filter(|row| row.me).for_each(|row| row.delivered = 0);
            out.push_str(&serde_json::to_string_pretty(&members).unwrap());
        }
        out
    }

    /// What a device would show that fetches everything anew.
    pub fn fresh(&mut self, of: usize) -> String {
        let (person, user) = (self.devices[of].person, self.devices[of].user.clone());
        let n = self.devices.len();
        self.devices.push(Device::new(n, person, user, Store::in_memory().unwrap()));
        self.input(n, Input::Start);
        self.settle();
        let shown = self.snapshot(n);
        self.relay.disconnect(n);
        self.devices.pop();
        shown
    }
}

fn engine(n: usize) -> Engine {
    Engine::new(Config { client: "test".into(), seed: n as u64 + 42 })
}

impl Device {
    pub fn new(n: usize, person: u128, user: User, mut store: Store) -> Self {
        assert_eq!(user.id, user_id(person));
        let device = DeviceId(Uuid::from_u128(n as u128 + 1));
        let key = store.sign_in("http://relay", &user, device).unwrap();
        Self {
            person,
            user,
            store,
            key,
            engine: engine(n),
            socket: None,
            sending: VecDeque::new(),
            network: true,
            answers: HashMap::new(),
            incoming: vec![],
            troubles: vec![],
            refused: vec![],
            wake: None,
            tickets: 0,
            ids: 0,
        }
    }
}

pub fn send(id: MessageId, conversation: ConversationId, text: &str) -> Action {
    Action::Send { id, conversation, text: text.into(), mentions: vec![], reply_to: None }
}
