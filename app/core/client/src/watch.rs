//! What the screens show, put together: the relay is told one thing for all tabs and windows of a device.

use confab_engine::Action;
use confab_protocol::{ConversationId, UserId, limits};
use std::collections::{BTreeMap, BTreeSet};

/// A tab or window. The shell numbers them.
pub type Screen = u32;

/// What every screen shows.
#[derive(Default)]
pub struct Watches {
    screens: BTreeMap<Screen, (Option<ConversationId>, Vec<UserId>)>,
    /// The screen that spoke last: typing is told of one conversation, and that is where the person looks.
    last: Option<Screen>,
}

impl Watches {
    /// A screen shows something else now.
    pub fn set(&mut self, screen: Screen, conversation: Option<ConversationId>, users: Vec<UserId>) {
        self.screens.insert(screen, (conversation, users));
        self.last = Some(screen);
    }

    /// A screen is gone. `false` if it showed nothing.
    pub fn remove(&mut self, screen: Screen) -> bool {
        if self.last == Some(screen) {
            self.last = None;
        }
        self.screens.remove(&screen).is_some()
    }

    /// All of it as the engine wants to hear it.
    pub fn action(&self) -> Action {
        let spoke_last = self.last.and_then(|screen| self.screens.get(&screen));
        let conversation = spoke_last
            .and_then(|(conversation, _)| *conversation)
            .or_else(|| self.screens.values().find_map(|(conversation, _)| *conversation));
        let users: BTreeSet<UserId> = self.screens.values().flat_map(|(_, users)| users).copied().collect();
        Action::Watch { conversation, users: users.into_iter().take(limits::WATCH_USERS).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn user(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    fn conversation(n: u128) -> ConversationId {
        ConversationId(Uuid::from_u128(n))
    }

    #[test]
    fn all_screens_are_put_together_and_the_last_to_speak_has_its_conversation() {
        let mut watches = Watches::default();
        watches.set(1, Some(conversation(1)), vec![user(1), user(2)]);
        watches.set(2, Some(conversation(2)), vec![user(2), user(3)]);
        let both = vec![user(1), user(2), user(3)];
        assert_eq!(watches.action(), Action::Watch { conversation: Some(conversation(2)), users: both });

        assert!(watches.remove(2));
        let one = Action::Watch { conversation: Some(conversation(1)), users: vec![user(1), user(2)] };
        assert_eq!(watches.action(), one);
        assert!(!watches.remove(2));
    }
}
