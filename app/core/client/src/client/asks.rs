//! What screens ask, each to whom it concerns: the engine, the database, or the relay over HTTP.

use super::{Asker, Core, Finished};
use crate::account::{self, Credentials};
use crate::api::{Answer, Done, Request, Topic};
use crate::convert::{self, own};
use crate::handle::Ask;
use crate::platform::Platform;
use crate::watch::Screen;
use confab_engine::{Action, Input, Ticket};
use confab_store::view::{Draft, Problem};
use futures::FutureExt;

fn signed_out() -> Problem {
    own("signed_out", "Nobody is signed in on this device.")
}

impl<P: Platform> Core<P> {
    pub(super) async fn asked(&mut self, ask: Ask) {
        match ask {
            Ask::Request { screen, request, answer } => self.request(screen, request, answer).await,
            Ask::Listen(listener) => {
                self.listeners.push(listener);
                if let Some(rescued) = self.untold.take() {
                    self.tell_rescued(rescued);
                }
            }
            Ask::ScreenGone(screen) => {
                if self.watches.remove(screen) {
                    let watch = self.watches.action();
                    self.act(None, watch).await;
                }
            }
            Ask::NetworkHint => {
                self.settle();
                self.feed(vec![Input::NetworkHint]).await;
            }
            Ask::NetworkLost => {
                if let Some(open) = self.socket.take() {
                    let problem = convert::to_engine(own("offline", "There is no network."));
                    self.feed(vec![Input::Closed { socket: open.number, code: None, problem }]).await;
                }
            }
            Ask::Pause => {
                self.paused = true;
                self.feed(vec![Input::Pause]).await;
            }
            Ask::Resume => {
                self.paused = false;
                self.settle();
                self.feed(vec![Input::Resume]).await;
            }
            Ask::Painted => self.painted(),
            // Seen to where asks are taken from the queue.
            Ask::Stop => {}
        }
    }

    pub(super) async fn finished(&mut self, finished: Finished) {
        match finished {
            Finished::Connected { turn, number, result } if turn == self.turn => {
                self.connected(number, result).await;
            }
            Finished::Refreshed { turn, result } if turn == self.turn => self.refreshed(result).await,
            Finished::Restart { turn } if turn == self.turn => self.start_engine(None).await,
            Finished::IndexMore { turn } if turn == self.turn => self.index_more().await,
            Finished::Unpainted => self.painted(),
            Finished::SignedIn { asker, result } => self.signed_in(asker, result).await,
            Finished::SignedOut { asker, told } => self.signed_out(asker, told).await,
            Finished::Settled { result } => self.settled(result),
            Finished::SettleAgain => self.settle_again(),
            Finished::IndexMore { .. } => self.indexing = false,
            Finished::Connected { .. }
            | Finished::Refreshed { .. }
            | Finished::Restart { .. }
            | Finished::Nothing => {}
        }
    }

    async fn request(&mut self, screen: Screen, request: Request, asker: Asker) {
        if let Some(problem) = &self.broken {
            let _ = asker.send(Err(problem.clone()));
            return;
        }
        match request {
            Request::Register { username, display_name, password, device_name } => {
                self.sign_in(asker, Credentials::Register { username, display_name, password, device_name });
            }
            Request::Login { username, password, device_name } => {
                self.sign_in(asker, Credentials::Login { username, password, device_name });
            }
            Request::Logout { discard_unsent } => self.sign_out(asker, discard_unsent),
            Request::Reconnect => {
                self.settle();
                self.feed(vec![Input::NetworkHint]).await;
                let _ = asker.send(Ok(Answer::Done(Done {})));
            }
            Request::Watch { conversation, users } => {
                self.watches.set(screen, conversation, users);
                let watch = self.watches.action();
                self.act(Some(asker), watch).await;
            }
            Request::SaveDraft { conversation, draft } => {
                let mut answer = self.save_draft(conversation, &draft).await;
                if answer.as_ref().is_err_and(Self::is_damage) && self.mend() {
                    answer = self.save_draft(conversation, &draft).await;
                }
                let _ = asker.send(answer);
            }
            Request::LogOutDevice { device } => self.end_device(asker, device),
            query if crate::convert::is_query(&query) => {
                let mut answer = self.query(query.clone());
                if answer.as_ref().is_err_and(Self::is_damage) && self.mend() {
                    answer = self.query(query);
                }
                let _ = asker.send(answer);
            }
            other => match convert::action(other) {
                Some(action) => self.act(Some(asker), action).await,
                None => {
                    let _ = asker.send(Err(own("unsupported", "This client does not know this request.")));
                }
            },
        }
    }

    /// Has the engine do something for a person, or for nobody in particular.
    pub(super) async fn act(&mut self, asker: Option<Asker>, action: Action) {
        if self.account.is_none() {
            if let Some(asker) = asker {
                let _ = asker.send(Err(signed_out()));
            }
            return;
        }
        self.tickets_made += 1;
        let ticket = Ticket(self.tickets_made);
        if let Some(asker) = asker {
            self.tickets.insert(ticket, asker);
        }
        self.feed(vec![Input::Do { ticket, action }]).await;
    }

    async fn save_draft(
        &mut self,
        conversation: confab_protocol::ConversationId,
        draft: &Draft,
    ) -> Result<Answer, Problem> {
        let active = self.account.as_ref().ok_or_else(signed_out)?;
        self.store.save_draft(active.key, conversation, draft).map_err(convert::failed)?;
        self.flush().await;
        // The list shows drafts. That the other tabs' composers ask again is the shell's business, which knows who saved.
        self.changed_here.push(Topic::Conversations);
        Ok(Answer::Done(Done {}))
    }

    fn end_device(&mut self, asker: Asker, device: confab_protocol::DeviceId) {
        let Some(bearer) = self.bearer() else {
            let _ = asker.send(Err(own(
                "offline",
                "Logging another device out needs the relay. Try again once connected.",
            )));
            return;
        };
        let attempt = account::end_device(self.place.clone(), self.relay.clone(), Some(bearer), device);
        let job = attempt.map(|result| {
            let answer = result.map(|()| Answer::Done(Done {})).map_err(account::Failure::problem);
            let _ = asker.send(answer);
            Finished::Nothing
        });
        self.jobs.push(job.boxed_local());
    }
}
