//! The calling rule of the engine: transaction, commit, then the outputs.

use super::{Access, Core, Finished, Open};
use crate::account::{self, Failure};
use crate::api::Event;
use crate::convert;
use crate::platform::{Platform, Socket, SocketEvent};
use confab_engine::{CacheError, Engine, Input, Now, Output, Problem};
use confab_protocol::http::Session;
use confab_store::{AccountKey, Store, view};
use futures::FutureExt;

/// How long to wait before an engine is started again after the storage failed, in milliseconds.
const RESTART_PAUSE_MS: u64 = 3_000;

/// A pause between two steps of indexing, in milliseconds, in which everything else goes first.
const INDEX_PAUSE_MS: u64 = 20;
/// Texts that are indexed in one step.
const INDEX_STEP: usize = 200;

fn transact(
    store: &mut Store,
    key: AccountKey,
    now: Now,
    engine: &mut Engine,
    inputs: Vec<Input<'_>>,
    out: &mut Vec<Output>,
) -> Result<(), CacheError> {
    let mut tx = store.begin(key)?;
    for input in inputs {
        engine.handle(now, input, &mut tx, out)?;
    }
    Ok(tx.commit()?)
}

impl<P: Platform> Core<P> {
    /// Gives the engine something, or several things in one transaction.
    pub(super) async fn feed(&mut self, inputs: Vec<Input<'_>>) {
        let now = self.now();
        let Some(active) = &mut self.account else {
            return;
        };
        let mut out = Vec::new();
        let engine = &mut active.engine;
        match transact(&mut self.store, active.key, now, engine, inputs, &mut out) {
            Ok(()) => {
                self.flush().await;
                self.release(out);
                self.index_soon();
            }
            Err(error) if confab_store::is_damage(&error) && self.mended_for(&error) => {}
            Err(error) => self.storage_failed(convert::cache(&error)),
        }
    }

    /// Makes the commit durable where the database does not do so itself.
    pub(super) async fn flush(&mut self) {
        if let Err(message) = self.place.clone().flush().await {
            // From here on the session view says that only memory is left.
            self.changed.insert(confab_engine::Topic::Session);
            self.trouble(convert::own(
                "not_kept",
                format!("What is unsent no longer survives a reload: {message}"),
            ));
        }
    }

    fn release(&mut self, out: Vec<Output>) {
        for output in out {
            match output {
                Output::NeedToken => self.refresh(),
                Output::OpenSocket { socket } if self.painted => self.connect(socket),
                Output::OpenSocket { socket } => self.held_back = Some(socket),
                Output::Send { socket, text } => {
                    if let Some(open) = self.socket.as_ref().filter(|open| open.number == socket) {
                        // Fails only if the socket is gone, which comes as its own event.
                        let _ = open.socket.outgoing.unbounded_send(text);
                    }
                }
                Output::CloseSocket { socket } => {
                    self.held_back.take_if(|held| *held == socket);
                    if self.socket.as_ref().is_some_and(|open| open.number == socket) {
                        self.socket = None;
                    }
                }
                Output::WakeAt { mono_ms } => self.wake_at(mono_ms),
                Output::Changed(topic) => {
                    self.changed.insert(topic);
                }
                Output::Incoming { conversation, message } => self.incoming(conversation, message),
                Output::Trouble { problem, refused } => self.tell(&Event::Trouble {
                    problem: convert::problem(problem),
                    refused: refused.and_then(convert::refused),
                }),
                Output::Answer { ticket, result } => {
                    if let Some(asker) = self.tickets.remove(&ticket) {
                        let _ = asker.send(result.map(convert::answer).map_err(convert::problem));
                    }
                }
            }
        }
    }

    /// The screens have painted, or have had their time: a socket that was held back is opened. Everything else that a
    /// connection needs (the access token) was fetched meanwhile.
    pub(super) fn painted(&mut self) {
        self.painted = true;
        if let Some(number) = self.held_back.take() {
            self.connect(number);
        }
    }

    fn connect(&mut self, number: u64) {
        self.socket = None;
        let turn = self.turn;
        let attempt = self.place.connect(&self.relay);
        let job = attempt.map(move |result| Finished::Connected { turn, number, result });
        self.jobs.push(job.boxed_local());
    }

    fn refresh(&mut self) {
        let Some(active) = &self.account else { return };
        let turn = self.turn;
        let attempt = account::refresh(self.place.clone(), self.relay.clone(), active.secret.clone());
        self.jobs.push(attempt.map(move |result| Finished::Refreshed { turn, result }).boxed_local());
    }

    pub(super) async fn connected(&mut self, number: u64, result: Result<Socket, view::Problem>) {
        match result {
            Ok(socket) => {
                self.socket = Some(Open { number, socket });
                self.feed(vec![Input::Opened { socket: number }]).await;
            }
            Err(problem) => {
                let problem = convert::to_engine(problem);
                self.feed(vec![Input::Closed { socket: number, code: None, problem }]).await;
            }
        }
    }

    pub(super) async fn refreshed(&mut self, result: Result<Session, Failure>) {
        let input = match result {
            Ok(session) => self.token(&session),
            Err(Failure::Ended(problem)) => Input::AuthLost { problem: convert::to_engine(problem) },
            Err(other) => Input::NoToken { problem: convert::to_engine(other.problem()) },
        };
        self.feed(vec![input]).await;
    }

    /// Remembers an access token; the engine is to get the same.
    pub(super) fn token(&mut self, session: &Session) -> Input<'static> {
        let expires_in_ms = session.expires_in.saturating_mul(1000);
        let expires_ms = self.place.mono_ms().saturating_add(expires_in_ms);
        if let Some(active) = &mut self.account {
            active.access = Some(Access { token: session.access_token.clone(), expires_ms });
        }
        Input::Token { access_token: session.access_token.clone(), expires_in_ms }
    }

    pub(super) async fn came(&mut self, number: u64, events: Vec<SocketEvent>) {
        let closed = matches!(events.last(), Some(SocketEvent::Closed { .. }));
        let inputs = events.iter().map(|event| match event {
            SocketEvent::Frame(text) => Input::Frame { socket: number, text },
            SocketEvent::Closed { code, reason } => Input::Closed {
                socket: number,
                code: *code,
                problem: Problem::new("offline", reason.clone()),
            },
        });
        let inputs = inputs.collect();
        if closed {
            self.socket = None;
        }
        self.feed(inputs).await;
    }

    pub(super) async fn woke(&mut self) {
        let Some((mono_ms, _)) = self.timer.take() else { return };
        if self.place.mono_ms() < mono_ms {
            // A long pause goes by steps.
            self.wake_at(mono_ms);
        } else {
            self.feed(vec![Input::Wake]).await;
        }
    }

    /// Has the search index brought up to date once there is nothing else to do.
    pub(super) fn index_soon(&mut self) {
        if self.account.is_none() || std::mem::replace(&mut self.indexing, true) {
            return;
        }
        let turn = self.turn;
        let pause = self.place.sleep(INDEX_PAUSE_MS);
        self.jobs.push(pause.map(move |()| Finished::IndexMore { turn }).boxed_local());
    }

    pub(super) async fn index_more(&mut self) {
        self.indexing = false;
        match self.store.index_step(INDEX_STEP) {
            Ok(more) => {
                self.flush().await;
                if more {
                    self.index_soon();
                }
            }
            Err(error) if error.is_damage() => {
                self.mend();
            }
            // Searching says how much was not looked at; the next input tries again.
            Err(error) => tracing::warn!(%error, "the search index could not be brought up to date"),
        }
    }

    /// The inputs came to nothing because the database is damaged; whoever waits is to ask again of the new one.
    fn mended_for(&mut self, error: &CacheError) -> bool {
        if !self.mend() {
            return false;
        }
        let problem = convert::own("mended", "The data on this device was damaged. Try that again.");
        tracing::warn!(%error, "what was under way came to nothing");
        for (_, asker) in std::mem::take(&mut self.tickets) {
            let _ = asker.send(Err(problem.clone()));
        }
        true
    }

    /// Nothing of the last inputs was stored, so the engine that handled them is of no use any more.
    pub(super) fn storage_failed(&mut self, problem: view::Problem) {
        tracing::error!(problem.message, "the local database failed");
        for (_, asker) in std::mem::take(&mut self.tickets) {
            let _ = asker.send(Err(problem.clone()));
        }
        self.renew_engine();
        let turn = self.turn;
        let pause = self.place.sleep(RESTART_PAUSE_MS);
        self.jobs.push(pause.map(move |()| Finished::Restart { turn }).boxed_local());
        self.trouble(problem);
    }

    /// Another engine for the account, which has not been started.
    pub(super) fn renew_engine(&mut self) {
        self.turn += 1;
        self.socket = None;
        self.held_back = None;
        self.timer = None;
        let engine = self.new_engine();
        if let Some(active) = &mut self.account {
            active.engine = engine;
        }
    }

    pub(super) fn new_engine(&self) -> Engine {
        Engine::new(confab_engine::Config { client: self.client.clone(), seed: self.place.seed() })
    }

    fn incoming(
        &mut self,
        conversation: confab_protocol::ConversationId,
        message: confab_protocol::MessageId,
    ) {
        let Some(active) = &self.account else { return };
        let now_ms = self.now().wall_ms;
        match self.store.views(active.key).incoming(conversation, message, now_ms) {
            Ok(Some(told)) => self.tell(&Event::Incoming {
                conversation,
                title: told.title,
                message,
                sender_name: told.sender_name,
                text: told.text,
                mention: told.mention,
                notify: told.notify,
            }),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "an incoming message could not be told of"),
        }
    }
}
