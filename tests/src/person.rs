//! Somebody with a real client and its folder.

use confab_client::api::{
    Answer, Connection, ConversationView, Event, Phase, Request, SessionView, Topic, UsersView,
};
use confab_client::{Client, Options};
use confab_protocol::{Content, ConversationId, MessageId, User};
use confab_store::view::{ConversationsView, MessageRow, Problem, WindowAt, WindowItem, WindowView};
use futures::StreamExt;
use futures::channel::mpsc::UnboundedReceiver;
use futures::executor::block_on;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use uuid::Uuid;

/// After so long something has gone wrong and the test says what it waited for.
const STUCK: Duration = Duration::from_secs(60);

/// See the module.
pub struct Person {
    pub name: String,
    folder: PathBuf,
    relay: String,
    client: Option<Client>,
    events: UnboundedReceiver<Event>,
    /// What came and was not asked for yet.
    told: Vec<Event>,
}

impl Person {
    /// Opens the app of somebody, in a folder of theirs within `folder`.
    pub fn open(folder: &Path, relay: &str, name: &str) -> Self {
        let folder = folder.join(name);
        let (client, events) = start(&folder, relay).unwrap();
        Self {
            name: name.to_owned(),
            folder,
            relay: relay.to_owned(),
            client: Some(client),
            events,
            told: vec![],
        }
    }

    /// Opens the app and registers.
    pub fn register(folder: &Path, relay: &str, name: &str) -> Self {
        let mut person = Self::open(folder, relay, name);
        person.try_to_register().unwrap();
        person.until("online", |p| p.session().connection == Connection::Online);
        person
    }

    pub fn try_to_register(&self) -> Result<(), Problem> {
        let name = self.name.clone();
        let (display_name, password) = (name.to_uppercase(), password(&name));
        let request =
            Request::Register { username: name, display_name, password, device_name: "test".into() };
        self.ask(request).map(drop)
    }

    /// Logs in.
    pub fn login(&mut self) -> Result<SessionView, Problem> {
        let request = Request::Login {
            username: self.name.clone(),
            password: password(&self.name),
            device_name: "test".into(),
        };
        match self.ask(request)? {
            Answer::Session(view) => Ok(*view),
            other => panic!("{other:?}"),
        }
    }

    /// Closes the app and opens it again.
    pub fn reopen(&mut self) {
        self.close();
        let (client, events) = start(&self.folder, &self.relay).unwrap();
        self.client = Some(client);
        self.events = events;
    }

    /// Closes the app.
    pub fn close(&mut self) {
        self.client = None;
    }

    /// The app goes to the background.
    pub fn pause(&self) {
        self.client.as_ref().expect("the app is open").handle().pause();
    }

    /// The app is in the foreground again.
    pub fn resume(&self) {
        self.client.as_ref().expect("the app is open").handle().resume();
    }

    /// What waits in the outbox.
    pub fn unsent(&self) -> u32 {
        self.session().unsent
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn ask(&self, request: Request) -> Result<Answer, Problem> {
        block_on(self.client.as_ref().expect("the app is open").request(request))
    }

    #[allow(clippy::needless_pass_by_value)]
    pub fn done(&self, request: Request) {
        match self.ask(request.clone()) {
            Ok(Answer::Done(_)) => {}
            other => panic!("{}: {request:?} gave {other:?}", self.name),
        }
    }

    fn ask_session(&self, request: Request) -> SessionView {
        match self.ask(request) {
            Ok(Answer::Session(view)) => *view,
            other => panic!("{}: {other:?}", self.name),
        }
    }

    pub fn session(&self) -> SessionView {
        self.ask_session(Request::Session)
    }

    pub fn me(&self) -> User {
        self.session().user.expect("signed in")
    }

    pub fn signed_in(&self) -> bool {
        self.session().phase == Phase::SignedIn
    }

    pub fn find(&self, name: &str) -> Result<User, Problem> {
        match self.ask(Request::FindUsers { query: name.to_owned() })? {
            Answer::Users(UsersView { users }) => {
                Ok(users.into_iter().find(|user| user.username == name).expect("found"))
            }
            other => panic!("{other:?}"),
        }
    }

    /// Finds somebody and opens the conversation with them.
    pub fn direct(&self, name: &str) -> ConversationId {
        let user = self.find(name).unwrap();
        match self.ask(Request::OpenDirect { user }) {
            Ok(Answer::Opened(opened)) => opened.conversation,
            other => panic!("{other:?}"),
        }
    }

    pub fn send(&self, conversation: ConversationId, text: &str) -> MessageId {
        let id = MessageId(Uuid::now_v7());
        self.send_as(id, conversation, text);
        id
    }

    pub fn send_as(&self, id: MessageId, conversation: ConversationId, text: &str) {
        let text = text.to_owned();
        self.done(Request::Send { id, conversation, text, mentions: vec![], reply_to: None });
    }

    pub fn conversations(&self) -> ConversationsView {
        match self.ask(Request::Conversations { hidden: false }) {
            Ok(Answer::Conversations(view)) => view,
            other => panic!("{other:?}"),
        }
    }

    pub fn conversation(&self, conversation: ConversationId) -> Result<ConversationView, Problem> {
        match self.ask(Request::Conversation { conversation })? {
            Answer::Conversation(view) => Ok(*view),
            other => panic!("{other:?}"),
        }
    }

    pub fn window(&self, conversation: ConversationId, limit: u32) -> WindowView {
        match self.ask(Request::Window { conversation, at: WindowAt::Newest, limit }) {
            Ok(Answer::Window(view)) => view,
            other => panic!("{other:?}"),
        }
    }

    /// The messages at the end of a conversation; none if there is no such conversation here.
    pub fn messages(&self, conversation: ConversationId) -> Vec<MessageRow> {
        if self.conversation(conversation).is_err() {
            return vec![];
        }
        let items = self.window(conversation, 500).items;
        let rows = items.into_iter().filter_map(|item| match item {
            WindowItem::Message { message } => Some(*message),
            WindowItem::Hole { .. } => None,
        });
        rows.collect()
    }

    /// All items of a conversation that the cache has, holes too.
    pub fn everything(&self, conversation: ConversationId) -> Vec<WindowItem> {
        let mut items = Vec::new();
        let mut from_seq = 1;
        loop {
            let at = WindowAt::Range { from_seq, to_seq: None };
            let view = match self.ask(Request::Window { conversation, at, limit: 500 }) {
                Ok(Answer::Window(view)) => view,
                other => panic!("{other:?}"),
            };
            items.extend(view.items);
            if view.at_end {
                return items;
            }
            from_seq = view.to_seq + 1;
        }
    }

    /// The texts of all that; panics at a hole.
    pub fn all_texts(&self, conversation: ConversationId) -> Vec<String> {
        let texts = self.everything(conversation).into_iter().map(|item| match item {
            WindowItem::Message { message } => match message.content {
                Some(Content::Text { text, .. }) => text,
                other => panic!("{other:?}"),
            },
            WindowItem::Hole { from_seq, to_seq } => panic!("a hole from {from_seq} to {to_seq}"),
        });
        texts.collect()
    }

    /// Their texts.
    pub fn texts(&self, conversation: ConversationId) -> Vec<String> {
        let texts = self.messages(conversation).into_iter().filter_map(|row| match row.content {
            Some(Content::Text { text, .. }) => Some(text),
            _ => None,
        });
        texts.collect()
    }

    /// Waits until everything is sent.
    #[track_caller]
    pub fn until_all_is_sent(&mut self) {
        self.until("everything sent", |p| p.session().unsent == 0);
    }

    /// Looks again whenever the client says that something changed, until it is so.
    #[track_caller]
    pub fn until(&mut self, what: &str, mut true_now: impl FnMut(&Self) -> bool) {
        let begun = Instant::now();
        loop {
            if true_now(self) {
                return;
            }
            if !self.next_event(begun) {
                panic!("{} waited in vain for: {what}\n{:#?}", self.name, self.session());
            }
        }
    }

    /// Waits until the client tells something, which may have been a while ago.
    #[track_caller]
    pub fn until_told(&mut self, what: &str, wanted: impl Fn(&Event) -> bool) {
        let begun = Instant::now();
        while !self.told.iter().any(&wanted) {
            if !self.next_event(begun) {
                panic!("{} was not told: {what}\n{:#?}", self.name, self.told);
            }
        }
    }

    /// Takes the next event, or gives `false` if none came for too long.
    fn next_event(&mut self, begun: Instant) -> bool {
        let rest = STUCK.saturating_sub(begun.elapsed());
        let next = self.events.next();
        let event = CLOCK.block_on(async { tokio::time::timeout(rest, next).await.ok().flatten() });
        let came = event.is_some();
        self.told.extend(event);
        came
    }

    /// Everything that was told since this was last asked.
    pub fn events(&mut self) -> Vec<Event> {
        self.told.extend(std::iter::from_fn(|| self.events.try_recv().ok()));
        std::mem::take(&mut self.told)
    }
}

/// For the guard against waiting for ever.
static CLOCK: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap()
});

fn start(folder: &Path, relay: &str) -> Result<(Client, UnboundedReceiver<Event>), Problem> {
    let client = Client::start(Options {
        relay: relay.to_owned(),
        folder: folder.to_owned(),
        client: "confab-tests".into(),
        secrets: None,
    })?;
    let events = client.listen();
    Ok((client, events))
}

fn password(name: &str) -> String {
    format!("the password of {name}")
}

/// Whether an event says that a topic changed.
pub fn tells(event: &Event, topic: &Topic) -> bool {
    matches!(event, Event::Changed { topics } if topics.contains(topic) || topics.contains(&Topic::All))
}
