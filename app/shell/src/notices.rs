//! What to notify of: one notice a conversation, none for what is in view.

use crate::api::AccountNumber;
use crate::settings::Settings;
use confab_protocol::ConversationId;
use std::collections::{BTreeMap, BTreeSet};

/// Most conversations that are counted at once; beyond it the counts begin anew.
const MOST: usize = 256;
/// Most characters of a text in a notice.
const TEXT_CHARS: usize = 200;

/// A conversation of an account: what notices are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct About {
    /// The account.
    pub account: AccountNumber,
    /// The conversation.
    pub conversation: ConversationId,
}

/// A notice to show, in place of any former one about the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What a click opens.
    pub about: About,
    /// In bold. Plain text.
    pub title: String,
    /// Beneath it. Plain text.
    pub body: String,
    /// Messages that came since it was looked at last.
    pub count: u32,
}

/// A message that came.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// Where.
    pub about: About,
    /// The conversation's title.
    pub title: &'a str,
    /// Who.
    pub sender: &'a str,
    /// The beginning of the text.
    pub text: &'a str,
    /// The account's name, where there are several.
    pub account_name: Option<&'a str>,
}

/// What the person sees at this moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attention {
    /// The window has the focus.
    pub focused: bool,
    /// What it shows.
    pub open: Option<About>,
}

impl Attention {
    /// An account's screens show this conversation, or none any more. What another account's show stays.
    pub fn watch(&mut self, account: AccountNumber, conversation: Option<ConversationId>) {
        match conversation {
            Some(conversation) => self.open = Some(About { account, conversation }),
            None if self.open.is_some_and(|open| open.account == account) => self.open = None,
            None => {}
        }
    }
}

/// The words of notices that say nothing of what was written.
const HIDDEN_TITLE: &str = "Confab";
const HIDDEN_BODY: &str = "New message";

/// Decides. Holds how many messages of each conversation were told of.
#[derive(Debug, Default)]
pub struct Notices {
    counts: BTreeMap<About, u32>,
}

impl Notices {
    /// The notice for a message, if it deserves one.
    pub fn incoming(
        &mut self,
        message: Incoming<'_>,
        settings: &Settings,
        attention: Attention,
    ) -> Option<Notice> {
        let about = message.about;
        if !settings.notify || (attention.focused && attention.open == Some(about)) {
            return None;
        }
        if self.counts.len() >= MOST && !self.counts.contains_key(&about) {
            self.counts.clear();
        }
        let count = self.counts.entry(about).or_default();
        *count = count.saturating_add(1);
        let count = *count;
        let (title, body) = if settings.notify_text {
            let place = if message.title.is_empty() { message.sender } else { message.title };
            let title =
                message.account_name.map_or_else(|| place.to_owned(), |name| format!("{place} ({name})"));
            let line = shortened(message.text);
            // In a direct conversation the title is the sender's name already.
            let body = if place == message.sender { line } else { format!("{}: {line}", message.sender) };
            (title, if count > 1 { format!("{body}\n{count} new messages") } else { body })
        } else {
            let body = if count > 1 { format!("{count} new messages") } else { HIDDEN_BODY.to_owned() };
            (HIDDEN_TITLE.to_owned(), body)
        };
        Some(Notice { about, title, body, count })
    }

    /// The person looked at it: the next message is the first again. `true` if a notice may be standing.
    pub fn seen(&mut self, about: About) -> bool {
        self.counts.remove(&about).is_some()
    }

    /// Of an account's conversations only these have something unread: what was told of in others has been read elsewhere.
    /// Gives what notices may be standing about.
    pub fn unread(&mut self, account: AccountNumber, unread: &BTreeSet<ConversationId>) -> Vec<About> {
        let read = |about: &About| about.account == account && !unread.contains(&about.conversation);
        self.take(read)
    }

    /// An account is gone. Gives what notices may be standing about.
    pub fn forget(&mut self, account: AccountNumber) -> Vec<About> {
        self.take(|about| about.account == account)
    }

    fn take(&mut self, which: impl Fn(&About) -> bool) -> Vec<About> {
        self.counts.extract_if(.., |about, _| which(about)).map(|(about, _)| about).collect()
    }
}

fn shortened(text: &str) -> String {
    let mut chars = text.chars();
    let mut line: String = chars.by_ref().take(TEXT_CHARS).collect();
    if chars.next().is_some() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn about(account: u32, conversation: u128) -> About {
        About { account, conversation: ConversationId(Uuid::from_u128(conversation)) }
    }

    fn message(about: About) -> Incoming<'static> {
        Incoming {
            about,
            title: "Harbour crew",
            sender: "Éva",
            text: "The tide is early",
            account_name: None,
        }
    }

    const AWAY: Attention = Attention { focused: false, open: None };

    #[test]
    fn notices_are_grouped_by_conversation_and_count() {
        let mut notices = Notices::default();
        let settings = Settings::default();
        let first = notices.incoming(message(about(1, 1)), &settings, AWAY).unwrap();
        assert_eq!((first.title.as_str(), first.body.as_str()), ("Harbour crew", "Éva: The tide is early"));
        let second = notices.incoming(message(about(1, 1)), &settings, AWAY).unwrap();
        assert_eq!((second.count, second.body.as_str()), (2, "Éva: The tide is early\n2 new messages"));
        // The same conversation of another account is another one.
        assert_eq!(notices.incoming(message(about(2, 1)), &settings, AWAY).unwrap().count, 1);
        assert!(notices.seen(about(1, 1)));
        assert!(!notices.seen(about(1, 1)));
        assert_eq!(notices.incoming(message(about(1, 1)), &settings, AWAY).unwrap().count, 1);
    }

    #[test]
    fn what_is_in_view_is_not_told_of_unless_nobody_looks() {
        let mut notices = Notices::default();
        let settings = Settings::default();
        let looking = Attention { focused: true, open: Some(about(1, 1)) };
        assert_eq!(notices.incoming(message(about(1, 1)), &settings, looking), None);
        assert!(notices.incoming(message(about(1, 2)), &settings, looking).is_some());
        assert!(notices.incoming(message(about(2, 1)), &settings, looking).is_some());
        let away = Attention { focused: false, ..looking };
        assert!(notices.incoming(message(about(1, 1)), &settings, away).is_some());
        let quiet = Settings { notify: false, ..Settings::default() };
        assert_eq!(notices.incoming(message(about(1, 2)), &quiet, AWAY), None);
    }

    #[test]
    fn what_was_read_elsewhere_is_done_with_and_the_next_message_is_the_first_again() {
        let mut notices = Notices::default();
        let settings = Settings::default();
        for about in [about(1, 1), about(1, 1), about(1, 2), about(2, 1)] {
            notices.incoming(message(about), &settings, AWAY).unwrap();
        }
        let unread = [about(1, 2).conversation, about(1, 3).conversation].into();
        assert_eq!(notices.unread(1, &unread), [about(1, 1)]);
        assert_eq!(notices.unread(1, &unread), []);
        assert_eq!(notices.incoming(message(about(1, 1)), &settings, AWAY).unwrap().count, 1);
        assert_eq!(notices.incoming(message(about(1, 2)), &settings, AWAY).unwrap().count, 2);
        assert_eq!(notices.incoming(message(about(2, 1)), &settings, AWAY).unwrap().count, 2);
    }

    #[test]
    fn an_account_that_shows_nothing_any_more_leaves_alone_what_another_shows() {
        let mut attention = Attention::default();
        attention.watch(1, Some(about(1, 7).conversation));
        attention.watch(2, None);
        assert_eq!(attention.open, Some(about(1, 7)));
        attention.watch(1, None);
        assert_eq!(attention.open, None);
    }

    #[test]
    fn a_discreet_notice_names_nobody() {
        let mut notices = Notices::default();
        let settings = Settings { notify_text: false, ..Settings::default() };
        for _ in 0..2 {
            let notice = notices.incoming(message(about(1, 1)), &settings, AWAY).unwrap();
            let shown = format!("{} {}", notice.title, notice.body);
            assert!(
                !shown.contains("Éva") && !shown.contains("tide") && !shown.contains("Harbour"),
                "{shown}"
            );
        }
    }

    #[test]
    fn a_direct_conversation_says_its_name_once_and_long_texts_are_cut() {
        let mut notices = Notices::default();
        let long = "ä".repeat(1000);
        let direct =
            Incoming { title: "Éva", text: &long, account_name: Some("robin"), ..message(about(1, 1)) };
        let notice = notices.incoming(direct, &Settings::default(), AWAY).unwrap();
        assert_eq!(notice.title, "Éva (robin)");
        assert_eq!(notice.body.chars().count(), TEXT_CHARS + 1);
    }

    #[test]
    fn the_counts_are_bounded() {
        let mut notices = Notices::default();
        for conversation in 0..10_000 {
            notices.incoming(message(about(1, conversation)), &Settings::default(), AWAY).unwrap();
        }
        assert!(notices.counts.len() <= MOST);
        let held = notices.counts.len();
        assert_eq!(notices.forget(2), []);
        assert_eq!(notices.forget(1).len(), held);
        assert!(notices.counts.is_empty());
    }
}
