//! Who is signed in: at the start, by a password, and until they sign out.

use super::{Active, Asker, Core, Finished};
use crate::account::{self, Credentials, Failure};
use crate::api::{Answer, Phase, SessionView, Storage, Topic};
use crate::convert::{connection, failed, own};
use crate::platform::Platform;
use confab_engine::{Input, Link};
use confab_protocol::http::Session;
use confab_store::view::Problem;
use futures::FutureExt;

impl<P: Platform> Core<P> {
    /// Goes on with the account that was in use. The screens have it at once; the network comes later.
    pub(crate) async fn begin(&mut self) {
        let mut accounts = self.store.accounts();
        if accounts.as_ref().is_err_and(confab_store::StoreError::is_damage) && self.mend() {
            accounts = self.store.accounts();
        }
        let current = match accounts {
            Ok(accounts) => accounts.into_iter().find(|a| a.current && a.relay == self.relay),
            Err(error) => return self.trouble(failed(error)),
        };
        match current {
            Some(account) => {
                if !self.painted {
                    let pause = self.place.sleep(self.place.first_paint_ms());
                    self.jobs.push(pause.map(|()| Finished::Unpainted).boxed_local());
                }
                let secret = format!("{} {}", self.relay, account.user.id);
                let engine = self.new_engine();
                self.account = Some(Active { key: account.key, secret, engine, access: None });
                self.start_engine(None).await;
                if self.place.secrets().is_none() {
                    self.keep_cookie();
                } else {
                    self.look_what_is_owed().await;
                }
            }
            // Whoever logged out stays logged out, though the relay does not know yet and the cookie still opens.
            None if self.look_what_is_owed().await => {}
            // The cookie of a session may have outlived the database.
            None if self.place.secrets().is_none() && self.place.storage() != Storage::Persistent => {
                let attempt = account::refresh(self.place.clone(), self.relay.clone(), String::new());
                let job = attempt.map(|result| Finished::SignedIn { asker: None, result });
                self.jobs.push(job.boxed_local());
            }
            None => {}
        }
    }

    /// The first inputs of an engine: that it begins, what the screens show, and a token if there is one.
    pub(super) async fn start_engine(&mut self, token: Option<Input<'static>>) {
        let mut inputs = Vec::new();
        if self.paused {
            inputs.push(Input::Pause);
        }
        inputs.push(Input::Start);
        inputs.extend(token);
        self.feed(inputs).await;
        let watch = self.watches.action();
        self.act(None, watch).await;
    }

    pub(super) fn sign_in(&mut self, asker: Asker, with: Credentials) {
        let attempt = account::sign_in(self.place.clone(), self.relay.clone(), with, self.owed_turn.clone());
        let job = attempt.map(|result| Finished::SignedIn { asker: Some(asker), result });
        self.jobs.push(job.boxed_local());
    }

    pub(super) async fn signed_in(&mut self, asker: Option<Asker>, result: Result<Session, Failure>) {
        let answer = match result {
            Ok(session) => self.adopt(&session).await,
            Err(failure) => Err(failure.problem()),
        };
        if let Some(asker) = asker {
            let answer =
                answer.and_then(|()| self.session_view()).map(|view| Answer::Session(Box::new(view)));
            let _ = asker.send(answer);
        }
    }

    /// A fresh session: of the account in use, which goes on where it stopped, or of another.
    async fn adopt(&mut self, session: &Session) -> Result<(), Problem> {
        // Whoever logs in sees a screen; there is nothing held here that it waits for.
        self.painted();
        let secret = format!("{} {}", self.relay, session.user.id);
        // First, so that a crash in between costs no more than another login.
        account::keep(&*self.place, &secret, session)?;
        let key = self.store.sign_in(&self.relay, &session.user, session.device).map_err(failed)?;
        self.flush().await;
        let same = self.account.as_ref().is_some_and(|active| active.key == key);
        if same {
            let token = self.token(session);
            self.feed(vec![token]).await;
        } else {
            self.drop_account();
            let engine = self.new_engine();
            self.account = Some(Active { key, secret, engine, access: None });
            let token = self.token(session);
            self.start_engine(Some(token)).await;
        }
        self.changed_here.push(Topic::All);
        Ok(())
    }

    pub(super) fn sign_out(&mut self, asker: Asker, discard_unsent: bool) {
        let Some(active) = &self.account else {
            let _ = asker.send(self.session_view().map(|view| Answer::Session(Box::new(view))));
            return;
        };
        let unsent = match self.store.views(active.key).counters() {
            Ok(counters) => counters.unsent + counters.failed,
            Err(error) => {
                let _ = asker.send(Err(failed(error)));
                return;
            }
        };
        if unsent > 0 && !discard_unsent {
            let message = "Something here has not been sent yet. Logging out would lose it.";
            let _ = asker.send(Err(own("unsent_work", message)));
            return;
        }
        let bearer = self.bearer();
        let attempt =
            account::sign_out(self.place.clone(), self.relay.clone(), active.secret.clone(), bearer);
        self.jobs.push(attempt.map(|told| Finished::SignedOut { asker, told }).boxed_local());
    }

    pub(super) async fn signed_out(&mut self, asker: Asker, told: Result<(), Failure>) {
        // First, so that nothing that stops this in between leaves a way back in.
        let untold = match told {
            Ok(()) => None,
            Err(failure) => Some(self.untold_logout(failure).await),
        };
        let answer = self.forget_account();
        self.flush().await;
        self.changed_here.push(Topic::All);
        if let (Ok(()), Some(problem)) = (&answer, untold) {
            self.trouble(problem);
            self.settle();
        }
        let answer = answer.and_then(|()| self.session_view()).map(|view| Answer::Session(Box::new(view)));
        let _ = asker.send(answer);
    }

    /// What to tell of a log-out that the relay does not know of. The data goes from here as asked.
    async fn untold_logout(&mut self, failure: Failure) -> Problem {
        let later = matches!(failure, Failure::Later(_));
        let why = failure.problem().message;
        match self.owe().await {
            Ok(()) if later => own(
                "logout_owed",
                format!("You are logged out here. The relay is told as soon as it can be reached: {why}"),
            ),
            noted => {
                let why = noted.err().unwrap_or(why);
                own(
                    "logout_untold",
                    format!("You are logged out here, but the relay could not be told: {why}"),
                )
            }
        }
    }

    fn forget_account(&mut self) -> Result<(), Problem> {
        let Some(active) = &self.account else { return Ok(()) };
        let (key, secret) = (active.key, active.secret.clone());
        self.store.sign_out(key).map_err(failed)?;
        if let Some(secrets) = self.place.secrets() {
            secrets.remove(&secret).map_err(|message| own("storage", message))?;
        }
        self.drop_account();
        Ok(())
    }

    fn drop_account(&mut self) {
        self.renew_engine();
        self.account = None;
        self.indexing = false;
        for (_, asker) in std::mem::take(&mut self.tickets) {
            let _ = asker.send(Err(own("signed_out", "You have been logged out.")));
        }
    }

    /// The access token, as long as it is good for a little longer.
    pub(super) fn bearer(&self) -> Option<String> {
        let access = self.account.as_ref()?.access.as_ref()?;
        (access.expires_ms > self.place.mono_ms().saturating_add(1_000)).then(|| access.token.clone())
    }

    pub(super) fn session_view(&self) -> Result<SessionView, Problem> {
        let storage = self.place.storage();
        let Some(active) = &self.account else {
            return Ok(SessionView {
                phase: Phase::SignedOut,
                user: None,
                device: None,
                relay: self.relay.clone(),
                connection: connection(Link::Offline),
                retry_at: None,
                problem: None,
                behind: 0,
                unsent: 0,
                failed: 0,
                storage,
                share_read: true,
                blocked: vec![],
            });
        };
        let status = active.engine.status(self.now());
        let views = self.store.views(active.key);
        let counters = views.counters().map_err(failed)?;
        let me = views.me().map_err(failed)?;
        Ok(SessionView {
            phase: if status.login_needed { Phase::LoginNeeded } else { Phase::SignedIn },
            user: Some(me.user),
            device: status.device.or(me.device),
            relay: self.relay.clone(),
            connection: connection(status.link),
            retry_at: status.retry_at_wall_ms,
            problem: status.problem.map(Problem::from),
            behind: counters.behind,
            unsent: counters.unsent,
            failed: counters.failed,
            storage,
            share_read: me.share_read,
            blocked: me.blocked,
        })
    }
}
