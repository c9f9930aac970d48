//! What a connected device asks.

use super::greet::Session;
use crate::hub::connection::{Connection, Interest};
use crate::hub::queue::Class;
use crate::relay::{FindMode, Relay};
use crate::rules::no_conversation;
use crate::store::chat::{ConversationRow, UserKey};
use crate::store::{Reads, Result as StoreResult};
use crate::sync::{heads, token};
use confab_protocol::error::Retry;
use confab_protocol::frame::{Devices, Nothing, Request, answer, encoded_answer, refusal, stamped};
use confab_protocol::limits;
use confab_protocol::model::{Device, Presence};
use confab_protocol::sync::{
    ChangesRequest, FindUsers, HeadsPage, HeadsRequest, HistoryPage, HistoryRequest, MarkRequest, Renew,
    Renewed, TypingRequest, UsersFound, UsersRequest, WatchRequest, Watched,
};
use confab_protocol::{Code, Command, ConversationId, ErrorBody, UserId};
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// A notice of typing that follows the one before sooner than this is dropped, in milliseconds.
const TYPING_PAUSE_MS: u64 = 300;
/// How often a watch is looked up again because someone left a conversation, or (un)blocked somebody, meanwhile.
const WATCH_TRIES: usize = 4;

type Answer<T> = Result<T, ErrorBody>;

/// Answers one connection's requests, in turn.
pub(super) struct Requests<'a> {
    relay: &'a Relay,
    connection: &'a Arc<Connection>,
    user: UserId,
    key: UserKey,
    pub(super) typed_at: u64,
}

impl<'a> Requests<'a> {
    pub fn new(session: &'a Session) -> Self {
        let connection = &session.connection;
        Self {
            relay: &session.relay,
            connection,
            user: connection.user,
            // Set by the greeting; row 0 is nobody.
            key: connection.rows().map_or(UserKey(0), |(key, _)| key),
            typed_at: 0,
        }
    }

    /// Answers, or hands over to the writer.
    pub async fn handle(&mut self, id: Option<u64>, request: Request) {
        match request {
            Request::Command(command) => self.command(id, command),
            Request::Mark(mark) => self.mark(id, mark),
            Request::Typing(typing) => {
                let typed = Box::pin(self.typing(typing)).await;
                self.reply(id, typed);
            }
            Request::Ping => self.reply(id, Ok(Nothing {})),
            other => Box::pin(self.read(id, other)).await,
        }
    }

    async fn read(&self, id: Option<u64>, request: Request) {
        match request {
            Request::Changes(body) => self.changes(id, body).await,
            Request::History(body) => self.reply_at(id, self.history(body).await),
            Request::Heads(body) => self.reply_at(id, self.heads(body).await),
            Request::Watch(body) => self.reply(id, self.watch(body).await),
            Request::FindUsers(body) => self.reply(id, self.find_users(body).await),
            Request::Users(body) => self.reply(id, self.users(body).await),
            Request::Devices => self.reply(id, self.devices().await),
            Request::Renew(body) => self.reply(id, self.renew(&body)),
            _ => self.reply::<Nothing>(id, Err(ErrorBody::new(Code::Invalid, "This was said already."))),
        }
    }

    /// An answer from the database, stamped with its age.
    fn reply_at<T: Serialize>(&self, id: Option<u64>, result: Answer<(u64, T)>) {
        match (result, id) {
            (Ok((commit, body)), Some(id)) => match answer(id, &body) {
                Ok(text) => self.connection.push(stamped(commit, &text).into(), Class::Answer),
                Err(error) => tracing::error!(%error, "an answer could not be encoded"),
            },
            (Ok(_), None) => {}
            (Err(error), id) => self.reply::<Nothing>(id, Err(error)),
        }
    }

    fn reply<T: Serialize>(&self, id: Option<u64>, result: Answer<T>) {
        let text = match (result, id) {
            (Ok(body), Some(id)) => answer(id, &body),
            (Ok(_), None) => return,
            (Err(error), id) => refusal(id, &error),
        };
        match text {
            Ok(text) => self.connection.push(text.into(), Class::Answer),
            Err(error) => tracing::error!(%error, "an answer could not be encoded"),
        }
    }

    fn command(&self, id: Option<u64>, command: Command) {
        if !self.connection.begin() {
            return self.reply::<Nothing>(id, Err(too_many()));
        }
        if let Err(error) = self.relay.writer.command(Arc::clone(self.connection), id, command) {
            self.connection.answered();
            self.reply::<Nothing>(id, Err(error));
        }
    }

    fn mark(&self, id: Option<u64>, mark: MarkRequest) {
        if !self.connection.begin() {
            return self.reply::<Nothing>(id, Err(too_many()));
        }
        if let Err(error) = self.relay.writer.mark(Arc::clone(self.connection), id, mark) {
            self.connection.answered();
            self.reply::<Nothing>(id, Err(error));
        }
    }

    /// Reads about a conversation, in the transaction that checks that the caller is a member of it.
    async fn as_member<T, F>(&self, conversation: ConversationId, read: F) -> Answer<T>
    where
        T: Send + 'static,
        F: FnOnce(&dyn Reads, &ConversationRow) -> StoreResult<Answer<T>> + Send + 'static,
    {
        let key = self.key;
        self.relay
            .readers
            .read(move |reads| match reads.member_of(key, conversation)? {
                Some(row) => read(reads, &row),
                None => Ok(Err(no_conversation())),
            })
            .await?
    }

    /// The answer is written where the rows are read: it is by far the largest.
    async fn changes(&self, id: Option<u64>, body: ChangesRequest) {
        let Some(id) = id else { return };
        match self.changes_text(id, body).await {
            Ok(text) => self.connection.push(text.into(), Class::Answer),
            Err(error) => self.reply::<Nothing>(Some(id), Err(error)),
        }
    }

    async fn changes_text(&self, id: u64, body: ChangesRequest) -> Answer<String> {
        if body.ranges.as_ref().is_some_and(|ranges| ranges.len() > limits::RANGES) {
            return Err(ErrorBody::new(
                Code::LimitReached,
                format!("At most {} ranges can be asked for at once.", limits::RANGES),
            ));
        }
        let limit = page_rows(body.limit);
        self.as_member(body.conversation, move |reads, row| {
            if body.since > row.rev {
                let message =
                    "This relay has not come as far as the client: a backup was put back. Fetch anew.";
                return Ok(Err(ErrorBody { retry: Retry::Resync, ..ErrorBody::new(Code::Invalid, message) }));
            }
            encoded_answer(row.commit, id, |out| reads.changes(row, &body, limit, out)).map(Ok)
        })
        .await
    }

    async fn history(&self, body: HistoryRequest) -> Answer<(u64, HistoryPage)> {
        if [body.before, body.after, body.around].into_iter().flatten().count() > 1 {
            return Err(ErrorBody::new(
                Code::Invalid,
                "Only one of 'before', 'after' and 'around' can be given.",
            ));
        }
        let limit = page_rows(body.limit);
        self.as_member(body.conversation, move |reads, row| {
            Ok(Ok((row.commit, reads.history(row, &body, limit)?)))
        })
        .await
    }

    async fn heads(&self, body: HeadsRequest) -> Answer<(u64, HeadsPage)> {
        let cursor = token::decode_cursor(&body.next)
            .ok_or_else(|| ErrorBody::new(Code::Invalid, "'next' is not that of a page of heads."))?;
        let (key, commit) = (self.key, self.relay.hub.position().map_or(0, heads::newest));
        let page = self.relay.readers.read(move |reads| heads::page(reads, key, cursor)).await?;
        Ok((commit, page))
    }

    /// Looks up what may be watched, then watches it; again if someone left a conversation or (un)blocked somebody
    /// between the two.
    async fn watch(&self, body: WatchRequest) -> Answer<Watched> {
        if body.users.len() > limits::WATCH_USERS {
            return Err(ErrorBody::new(
                Code::LimitReached,
                format!("At most {} people can be watched at once.", limits::WATCH_USERS),
            ));
        }
        let key = self.key;
        let body = Arc::new(body);
        for _ in 0..WATCH_TRIES {
            let epoch = self.relay.hub.leavings();
            let asked = Arc::clone(&body);
            let (seen, apart, conversation) = self
                .relay
                .readers
                .read(move |reads| {
                    let open = match asked.conversation {
                        Some(id) => reads.member_of(key, id)?.map(|row| row.id),
                        None => None,
                    };
                    Ok((reads.seen(key, &asked.users)?, reads.apart(key)?, open))
                })
                .await?;
            let users = seen.iter().map(|seen| seen.user).collect();
            let mut withheld = body.users.clone();
            withheld.retain(|user| apart.contains(user));
            withheld.sort_unstable();
            withheld.dedup();
            let interest = Interest { users, conversation, apart, withheld };
            if !self.relay.hub.watch(self.connection, interest, epoch) {
                continue;
            }
            let online = self.relay.hub.are_online(seen.iter().map(|seen| seen.user));
            let presence = seen.into_iter().zip(online).map(|(seen, (user, online))| Presence {
                user,
                online,
                last_seen: (!online && seen.last_seen > 0).then_some(seen.last_seen),
            });
            return Ok(Watched { presence: presence.collect() });
        }
        Err(ErrorBody::new(Code::RateLimited, "The relay is busy. Try again in a moment.").after_ms(1_000))
    }

    async fn typing(&mut self, body: TypingRequest) -> Answer<Nothing> {
        let now = self.relay.now();
        if body.on && now.saturating_sub(self.typed_at) < TYPING_PAUSE_MS {
            return Ok(Nothing {});
        }
        if !self.relay.hub.has_open(self.connection, body.conversation) {
            self.as_member(body.conversation, |_, _| Ok(Ok(()))).await?;
        }
        self.typed_at = if body.on { now } else { 0 };
        self.relay.hub.typing(body.conversation, self.user, body.on);
        Ok(Nothing {})
    }

    async fn find_users(&self, body: FindUsers) -> Answer<UsersFound> {
        let exact = match self.relay.options.find {
            FindMode::Off => {
                return Err(ErrorBody::new(Code::Forbidden, "This relay has no directory of people."));
            }
            FindMode::Exact => true,
            FindMode::Open => false,
        };
        if body.query.chars().count() > limits::NAME_CHARS {
            return Ok(UsersFound { users: Vec::new() });
        }
        let read = move |reads: &dyn Reads| reads.find_users(&body.query, exact, limits::FOUND_USERS);
        Ok(UsersFound { users: self.relay.readers.read(read).await? })
    }

    async fn users(&self, body: UsersRequest) -> Answer<UsersFound> {
        if body.users.len() > limits::FOUND_USERS {
            return Err(ErrorBody::new(
                Code::LimitReached,
                format!("At most {} people can be asked for at once.", limits::FOUND_USERS),
            ));
        }
        let key = self.key;
        let users = self.relay.readers.read(move |reads| reads.acquainted(key, &body.users)).await?;
        Ok(UsersFound { users })
    }

    async fn devices(&self) -> Answer<Devices> {
        let key = self.key;
        let rows = self.relay.readers.read(move |reads| reads.devices(key)).await?;
        let idle_ms = self.relay.options.session_idle_ms.unwrap_or(u64::MAX);
        let idle_since = self.relay.now().saturating_sub(idle_ms);
        let online = self.relay.hub.devices(self.user);
        let devices = rows.into_iter().filter(|row| row.last_seen >= idle_since).map(|row| Device {
            id: row.id,
            name: row.name,
            created_at: row.created_at,
            last_seen: row.last_seen,
            current: row.id == self.connection.device,
            online: online.contains(&row.id),
        });
        Ok(Devices { devices: devices.collect() })
    }

    fn renew(&self, body: &Renew) -> Answer<Renewed> {
        let claims = self.relay.tokens.verify(&body.access_token, self.relay.now())?;
        if claims.user != self.user || claims.device != self.connection.device {
            return Err(ErrorBody::new(Code::Unauthenticated, "This access token is of another session."));
        }
        self.connection.expires_at.store(claims.expires_at, Relaxed);
        Ok(Renewed { expires_at: claims.expires_at })
    }
}

fn page_rows(asked: Option<usize>) -> usize {
    asked.unwrap_or(limits::PAGE_ROWS).clamp(1, limits::PAGE_ROWS)
}

fn too_many() -> ErrorBody {
    ErrorBody::new(Code::RateLimited, "Too many requests of this connection wait for their answer.")
        .after_ms(1_000)
}
