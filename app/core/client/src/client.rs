//! A running client: the loop that feeds the engine, and what it holds.
//!
//! One thing happens at a time. Everything that waits (sockets, HTTP, timers) is polled by [`Core::next`]; whatever
//! comes first is handled to its end: transaction, commit, and only then the outputs.

mod asks;
mod drive;
mod mend;
mod owed;
mod queries;
mod session;

use crate::account::Failure;
use crate::api::{Answer, Event, Topic};
use crate::handle::Ask;
use crate::owed::Turn;
use crate::platform::{Platform, Socket, SocketEvent};
use crate::watch::Watches;
use confab_engine::{Engine, Now, Ticket};
use confab_protocol::http::Session;
use confab_store::view::Problem;
use confab_store::{AccountKey, Rescued, Store};
use futures::channel::{mpsc, oneshot};
use futures::future::LocalBoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll};

/// Whoever waits for an answer.
type Asker = oneshot::Sender<Result<Answer, Problem>>;

/// Frames that wait are handled in one transaction, but no more than this many, so that a person's request is not
/// kept waiting by a flood.
const FRAMES_TOGETHER: usize = 64;
/// A timer is looked at again at least this often, in milliseconds: a device that slept may have stopped its clock.
const LONGEST_SLEEP_MS: u64 = 60_000;

/// What a client is made with.
pub struct Setup<P> {
    /// Where it runs.
    pub place: P,
    /// Its database.
    pub store: Store,
    /// What was taken over into it from a damaged one, if it was made for that.
    pub rescued: Option<Rescued>,
    /// The relay's address: `http://host:port` or `https://host`, without a slash at the end.
    pub relay: String,
    /// The client's name and version, for the operator's log.
    pub client: String,
}

/// The account that is signed in.
struct Active {
    key: AccountKey,
    /// Its name among the secrets.
    secret: String,
    engine: Engine,
    access: Option<Access>,
}

struct Access {
    token: String,
    /// By the monotonic clock.
    expires_ms: u64,
}

struct Open {
    number: u64,
    socket: Socket,
}

/// Something that came to an end elsewhere. `turn` is that of the account for which it was begun.
enum Finished {
    Connected {
        turn: u64,
        number: u64,
        result: Result<Socket, Problem>,
    },
    Refreshed {
        turn: u64,
        result: Result<Session, Failure>,
    },
    SignedIn {
        asker: Option<Asker>,
        result: Result<Session, Failure>,
    },
    SignedOut {
        asker: Asker,
        told: Result<(), Failure>,
    },
    /// What is owed to the relay was told to it, or not.
    Settled {
        result: Result<(), Failure>,
    },
    /// It is time to try that again.
    SettleAgain,
    /// After the storage failed: try again.
    Restart {
        turn: u64,
    },
    /// The screens have had their time to paint.
    Unpainted,
    /// It is time for a step of indexing.
    IndexMore {
        turn: u64,
    },
    /// It answered by itself.
    Nothing,
}

enum Happened {
    Asked(Ask),
    /// Nobody holds a handle any more, or it is to stop.
    Abandoned,
    Came(u64, Vec<SocketEvent>),
    Finished(Finished),
    Woke,
}

/// See the module.
pub(crate) struct Core<P: Platform> {
    place: Rc<P>,
    store: Store,
    relay: String,
    client: String,
    account: Option<Active>,
    /// Grows whenever another account or another engine begins, so that what was begun for the last one is ignored.
    turn: u64,
    socket: Option<Open>,
    /// How often the database was found damaged.
    mended: u32,
    /// What was rescued before anybody listened.
    untold: Option<Rescued>,
    /// The database is damaged and could not be set aside. Nothing can be done here.
    broken: Option<Problem>,
    /// The screens show what is held here, or need not be waited for any longer.
    painted: bool,
    /// A socket that the engine wants and that waits for that.
    held_back: Option<u64>,
    /// In the background.
    paused: bool,
    /// The relay has to be told of a log-out.
    owing: bool,
    /// It is being told.
    settling: bool,
    owed_tries: u32,
    owed_turn: Turn,
    jobs: FuturesUnordered<LocalBoxFuture<'static, Finished>>,
    timer: Option<(u64, LocalBoxFuture<'static, ()>)>,
    tickets: BTreeMap<Ticket, Asker>,
    tickets_made: u64,
    /// A step of indexing is on its way.
    indexing: bool,
    watches: Watches,
    listeners: Vec<mpsc::UnboundedSender<Event>>,
    changed: BTreeSet<confab_engine::Topic>,
    /// Changed topics that the engine does not know.
    changed_here: Vec<Topic>,
}

/// Runs a client until nobody holds its handle any more, or it is told to stop.
pub(crate) async fn run<P: Platform>(setup: Setup<P>, mut asks: mpsc::UnboundedReceiver<Ask>) {
    let mut core = Core::new(setup);
    core.begin().await;
    loop {
        match core.next(&mut asks).await {
            Happened::Asked(ask) => core.asked(ask).await,
            Happened::Came(number, events) => core.came(number, events).await,
            Happened::Finished(finished) => core.finished(finished).await,
            Happened::Woke => core.woke().await,
            Happened::Abandoned => return,
        }
        core.tell_changes();
    }
}

impl<P: Platform> Core<P> {
    fn new(setup: Setup<P>) -> Self {
        Self {
            painted: setup.place.first_paint_ms() == 0,
            held_back: None,
            paused: false,
            owing: false,
            settling: false,
            owed_tries: 0,
            owed_turn: Turn::default(),
            mended: 0,
            untold: setup.rescued,
            broken: None,
            place: Rc::new(setup.place),
            store: setup.store,
            relay: setup.relay,
            client: setup.client,
            account: None,
            turn: 0,
            socket: None,
            jobs: FuturesUnordered::new(),
            timer: None,
            tickets: BTreeMap::new(),
            tickets_made: 0,
            indexing: false,
            watches: Watches::default(),
            listeners: Vec::new(),
            changed: BTreeSet::new(),
            changed_here: Vec::new(),
        }
    }

    /// Whatever comes first. What a person asks goes before what the relay says.
    async fn next(&mut self, asks: &mut mpsc::UnboundedReceiver<Ask>) -> Happened {
        poll_fn(|cx| {
            if let Poll::Ready(ask) = asks.poll_next_unpin(cx) {
                return Poll::Ready(match ask {
                    Some(Ask::Stop) | None => Happened::Abandoned,
                    Some(ask) => Happened::Asked(ask),
                });
            }
            if let Poll::Ready(came) = self.poll_socket(cx) {
                return Poll::Ready(came);
            }
            if let Poll::Ready(Some(finished)) = self.jobs.poll_next_unpin(cx) {
                return Poll::Ready(Happened::Finished(finished));
            }
            if let Some((_, timer)) = &mut self.timer
                && timer.poll_unpin(cx).is_ready()
            {
                return Poll::Ready(Happened::Woke);
            }
            Poll::Pending
        })
        .await
    }

    fn poll_socket(&mut self, cx: &mut Context<'_>) -> Poll<Happened> {
        let Some(open) = &mut self.socket else { return Poll::Pending };
        let mut events = Vec::new();
        while events.len() < FRAMES_TOGETHER {
            match open.socket.incoming.poll_next_unpin(cx) {
                Poll::Ready(Some(event)) => events.push(event),
                Poll::Ready(None) => {
                    events
                        .push(SocketEvent::Closed { code: None, reason: "The connection was lost.".into() });
                    break;
                }
                Poll::Pending => break,
            }
            if matches!(events.last(), Some(SocketEvent::Closed { .. })) {
                break;
            }
        }
        if events.is_empty() { Poll::Pending } else { Poll::Ready(Happened::Came(open.number, events)) }
    }

    fn now(&self) -> Now {
        Now { mono_ms: self.place.mono_ms(), wall_ms: self.place.wall_ms() }
    }

    /// Wakes at this moment of the monotonic clock, instead of any earlier wish.
    fn wake_at(&mut self, mono_ms: u64) {
        let pause = mono_ms.saturating_sub(self.place.mono_ms()).min(LONGEST_SLEEP_MS);
        self.timer = Some((mono_ms, self.place.sleep(pause).boxed_local()));
    }

    fn tell(&mut self, event: &Event) {
        self.listeners.retain(|listener| listener.unbounded_send(event.clone()).is_ok());
    }

    fn trouble(&mut self, problem: Problem) {
        self.tell(&Event::Trouble { problem, refused: None });
    }

    /// One event for everything that one happening changed.
    fn tell_changes(&mut self) {
        let engine = std::mem::take(&mut self.changed).into_iter().map(crate::convert::topic);
        let mut topics = std::mem::take(&mut self.changed_here);
        if topics.contains(&Topic::All) {
            topics = vec![Topic::All];
        } else {
            topics.extend(engine);
        }
        if !topics.is_empty() {
            self.tell(&Event::Changed { topics });
        }
    }
}
