//! Following an account's client: its events passed on, its session learned, what is unread counted.

use crate::api::AccountNumber;
use crate::badge::Badge;
use crate::notices::{About, Incoming};
use crate::shell::{Shell, Told};
use confab_client::Handle;
use confab_client::api::{Answer, Event, Request, SessionView, Topic};
use confab_store::view::{ConversationsView, Problem};
use futures::StreamExt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// Unread conversations are counted at most this often; a flood of messages costs a handful of counts.
const COUNT_PAUSE: Duration = Duration::from_millis(300);

/// They are counted at least this often: a clock that was set back must not keep a muting for ever.
const COUNT_AGAIN: Duration = Duration::from_secs(3_600);

/// What an event makes worth asking again.
#[derive(Clone, Copy, Default)]
pub(crate) struct News {
    session: bool,
    list: bool,
}

impl Shell {
    /// Passes an account's events on and keeps its badge current, until its client ends.
    pub(crate) fn follow(&self, account: AccountNumber, handle: Handle) {
        let shell = self.clone();
        self.runtime.spawn(async move {
            let mut events = handle.listen();
            shell.learn_session(account, &handle).await;
            let mut due = shell.count(account, &handle).await;
            loop {
                match tokio::time::timeout_at(due, events.next()).await {
                    Ok(None) => return,
                    Ok(Some(event)) => {
                        let news = shell.hear(account, event);
                        if news.session {
                            shell.learn_session(account, &handle).await;
                        }
                        if news.list {
                            // What comes meanwhile is told at once and counted together.
                            due = due.min(Instant::now() + COUNT_PAUSE);
                        }
                    }
                    Err(_) => due = shell.count(account, &handle).await,
                }
            }
        });
    }

    pub(crate) fn hear(&self, account: AccountNumber, event: Event) -> News {
        let mut news = News::default();
        match &event {
            Event::Changed { topics } => {
                for topic in topics {
                    news.session |= matches!(topic, Topic::Session | Topic::All);
                    news.list |= matches!(topic, Topic::Conversations | Topic::All);
                }
            }
            Event::Incoming { conversation, title, sender_name, text, notify: true, .. } => {
                let about = About { account, conversation: *conversation };
                let notice = {
                    let mut inside = self.inside();
                    let account_name = inside.accounts.name_among_several(account);
                    let (settings, attention) = (inside.settings.get().clone(), inside.attention);
                    let account_name = account_name.as_deref();
                    let message = Incoming { about, title, sender: sender_name, text, account_name };
                    inside.notices.incoming(message, &settings, attention)
                };
                if let Some(notice) = notice {
                    (self.tell)(Told::Notice(notice));
                }
            }
            Event::Incoming { .. } | Event::Trouble { .. } => {}
        }
        (self.tell)(Told::Client(account, event));
        news
    }

    async fn learn_session(&self, account: AccountNumber, handle: &Handle) {
        if let Ok(Answer::Session(session)) = handle.request(Request::Session).await {
            self.learned(account, &session);
        }
    }

    fn learned(&self, account: AccountNumber, session: &SessionView) {
        let told = self.inside().accounts.session(account, session);
        self.tell_learned(account, session, told);
    }

    /// The same of an answer to a window, which whoever follows the client may have overtaken.
    pub(crate) fn signed(&self, account: AccountNumber, session: &SessionView) {
        let told = self.inside().accounts.signed(account, session);
        self.tell_learned(account, session, told);
    }

    fn tell_learned(&self, account: AccountNumber, session: &SessionView, told: Result<bool, Problem>) {
        if session.user.is_none() {
            // Whoever logged out leaves nothing of their messages standing on the screen.
            self.forget_notices(account);
        }
        match told {
            Ok(false) => {}
            Ok(true) => self.changed(),
            Err(problem) => {
                self.changed();
                (self.tell)(Told::Client(account, Event::Trouble { problem, refused: None }));
            }
        }
    }

    /// Counts what is unread and withdraws the notices of what was read elsewhere; gives when to count again even if
    /// nothing happens, because a muting ends.
    async fn count(&self, account: AccountNumber, handle: &Handle) -> Instant {
        let mut again = COUNT_AGAIN;
        let badge = match handle.request(Request::Conversations { hidden: false }).await {
            Ok(Answer::Conversations(view)) => {
                if let Some(stale_at) = view.stale_at {
                    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                    again = again.min(Duration::from_millis(stale_at).saturating_sub(now)).max(COUNT_PAUSE);
                }
                self.read_elsewhere(account, &view);
                Badge::from(&view)
            }
            _ => Badge::default(),
        };
        let news = self.inside().accounts.badge(account, badge);
        if news {
            self.changed();
        }
        Instant::now() + again
    }

    /// Every message that was told of is in this list already: nothing is told while it is asked for.
    pub(crate) fn read_elsewhere(&self, account: AccountNumber, view: &ConversationsView) {
        let unread = view.rows.iter().filter(|row| row.unread > 0).map(|row| row.id).collect();
        let read = self.inside().notices.unread(account, &unread);
        self.tell_seen(read);
    }
}
