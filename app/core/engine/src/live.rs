//! What is of the moment: who is there, who types. Nothing of it is stored.

use crate::engine::{Ctx, Engine};
use crate::io::{Present, Topic};
use crate::requests::Asked;
use confab_protocol::frame::Request;
use confab_protocol::sync::{TypingRequest, WatchRequest};
use confab_protocol::{ConversationId, Presence, UserId};
use std::collections::BTreeMap;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Live {
    watch: WatchRequest,
    /// The relay knows `watch`.
    said: bool,
    presence: BTreeMap<UserId, Presence>,
    /// Who types, since when and until when it counts.
    typing: BTreeMap<(ConversationId, UserId), (u64, u64)>,
    /// Where one was last said to be typing, and when.
    mine: Option<(ConversationId, u64)>,
}

impl Live {
    /// The socket is gone: nothing is known any more.
    pub fn reset(&mut self) {
        self.said = false;
        self.presence.clear();
        self.typing.clear();
        self.mine = None;
    }

    /// Whom one shares a conversation with has changed, or a block was lifted. The relay left out silently what was none of one's business
    /// when it was told, so it is told again.
    pub fn say_again(&mut self) {
        if self.watch != WatchRequest::default() {
            self.said = false;
        }
    }

    /// When something changes by itself.
    pub fn deadline(&self) -> Option<u64> {
        self.typing.values().map(|&(_, until)| until).min()
    }

    /// The open conversation.
    pub fn open(&self) -> Option<ConversationId> {
        self.watch.conversation
    }

    pub fn present(&self, now: u64) -> Present {
        let mut typing: Vec<_> = self.typing.iter().filter(|(_, (_, until))| *until > now).collect();
        typing.sort_by_key(|(_, (since, _))| *since);
        Present {
            users: self.presence.values().copied().collect(),
            typing: typing.into_iter().map(|(&key, _)| key).collect(),
        }
    }
}

impl Engine {
    pub(crate) fn watch(
        &mut self,
        ctx: &mut Ctx<'_>,
        conversation: Option<ConversationId>,
        mut users: Vec<UserId>,
    ) {
        users.sort_unstable();
        users.dedup();
        users.truncate(self.limits.watch_users);
        let watch = WatchRequest { users, conversation };
        if watch == self.live.watch {
            return;
        }
        self.live.presence.retain(|user, _| watch.users.binary_search(user).is_ok());
        self.live.typing.retain(|(place, _), _| Some(*place) == conversation);
        self.live.watch = watch;
        self.live.said = false;
        self.catchup.dirty = true;
        ctx.changed(Topic::Presence);
    }

    /// Tells the relay what is watched, if it does not know.
    pub(crate) fn say_watch(&mut self, ctx: &mut Ctx<'_>) {
        if self.live.said {
            return;
        }
        self.live.said = true;
        let request = Request::Watch(self.live.watch.clone());
        self.ask(ctx, &request, Asked::Watch);
    }

    pub(crate) fn presence(&mut self, ctx: &mut Ctx<'_>, presence: Vec<Presence>) {
        for one in presence {
            // An answer to an earlier `watch` may still name others.
            if self.live.watch.users.binary_search(&one.user).is_ok() {
                self.live.presence.insert(one.user, one);
            }
        }
        ctx.changed(Topic::Presence);
    }

    pub(crate) fn others_typing(&mut self, ctx: &mut Ctx<'_>, place: ConversationId, user: UserId, on: bool) {
        if Some(place) != self.live.watch.conversation {
            return;
        }
        let now = ctx.ms();
        if on {
            let until = now + self.limits.typing_ttl_ms;
            self.live.typing.entry((place, user)).or_insert((now, until)).1 = until;
        } else {
            self.live.typing.remove(&(place, user));
        }
        ctx.changed(Topic::Presence);
    }

    /// Who wrote has stopped typing.
    pub(crate) fn has_written(&mut self, ctx: &mut Ctx<'_>, place: ConversationId, user: UserId) {
        if self.live.typing.remove(&(place, user)).is_some() {
            ctx.changed(Topic::Presence);
        }
    }

    pub(crate) fn forget_typing(&mut self, ctx: &mut Ctx<'_>) {
        let now = ctx.ms();
        let before = self.live.typing.len();
        self.live.typing.retain(|_, (_, until)| *until > now);
        if self.live.typing.len() != before {
            ctx.changed(Topic::Presence);
        }
    }

    /// One is typing: said at once, then repeated only now and then.
    pub(crate) fn typing(&mut self, ctx: &mut Ctx<'_>, conversation: ConversationId, on: bool) {
        let now = ctx.ms();
        let lately = self.live.mine.is_some_and(|(place, at)| {
            place == conversation && now < at.saturating_add(self.limits.typing_repeat_ms)
        });
        if on == lately && (on || self.live.mine.is_none_or(|(place, _)| place != conversation)) {
            return;
        }
        self.live.mine = on.then_some((conversation, now));
        self.tell(ctx, &Request::Typing(TypingRequest { conversation, on }));
    }
}
