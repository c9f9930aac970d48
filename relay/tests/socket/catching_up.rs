//! Catching up: by state and not by log, at the cost of what changed, with nothing between.

use crate::support::*;
use confab_protocol::command::{Delete, Edit, Hide, React, Rename, SetNotify, SetProfile};
use confab_protocol::frame::Request;
use confab_protocol::limits::PAGE_BYTES;
use confab_protocol::sync::Push;
use confab_protocol::sync::{
    ChangesRequest, Delta, HeadsPage, HeadsRequest, HistoryPage, HistoryRequest, MarkRequest,
};
use confab_protocol::{Code, Command, ConversationId, Member, Message, Notify, NotifyLevel};
use std::collections::BTreeMap;
use uuid::Uuid;

fn react(group: ConversationId, message: &confab_protocol::Ack, emoji: &str, on: bool) -> Command {
    let (command, message) = (new_id(), message.command.into());
    Command::React(React { command, after: None, conversation: group, message, emoji: emoji.into(), on })
}

#[tokio::test]
async fn many_changes_to_one_message_cost_one_row() {
    let (_folder, relay) = relay().await;
    let alice = relay.person("alice").await;
    let mut a = relay.connect(&alice).await;
    let group = a.group("Team", &[]).await;
    let sent = a.send_to(group, "hi").await;
    for round in 0..50 {
        a.command(react(group, &sent, "👍", round % 2 == 0)).await.unwrap();
    }
    let last = a.command(react(group, &sent, "🎉", true)).await.unwrap();
    let delta = a.changes(group, sent.rev.unwrap()).await.unwrap();
    assert_eq!((delta.messages.len(), Some(delta.to)), (1, last.rev));
    assert_eq!((delta.messages[0].rev, delta.messages[0].reactions.len()), (delta.to, 1));
}

/// What a client holds that applies what it is told as the protocol says.
#[derive(Default)]
struct Copy {
    rev: u64,
    title: String,
    messages: BTreeMap<u64, Message>,
    members: BTreeMap<String, Member>,
}

impl Copy {
    fn apply(&mut self, delta: Delta) {
        assert!(delta.from <= self.rev, "a gap");
        for message in delta.messages {
            if self.messages.get(&message.seq).is_none_or(|held| held.rev < message.rev) {
                self.messages.insert(message.seq, message);
            }
        }
        for member in delta.members {
            if self.members.get(&member.user.to_string()).is_none_or(|held| held.rev < member.rev) {
                self.members.insert(member.user.to_string(), member);
            }
        }
        if let Some(title) = delta.title {
            self.title = title;
        }
        self.rev = self.rev.max(delta.to);
    }

    async fn catch_up(&mut self, socket: &mut Socket, conversation: ConversationId, limit: usize) {
        loop {
            let request = ChangesRequest { conversation, since: self.rev, ranges: None, limit: Some(limit) };
            let delta: Delta = socket.request(&Request::Changes(request)).await.unwrap();
            let more = delta.more;
            self.apply(delta);
            if !more {
                return;
            }
        }
    }
}

/// A client that resumed in steps of any size equals one that fetched everything anew, and one that heard it live.
#[tokio::test]
async fn resuming_equals_fetching_anew_equals_hearing_it_live() {
    let (_folder, relay) = relay().await;
    let (alice, bob, carol) =
        (relay.person("alice").await, relay.person("bob").await, relay.person("carol").await);
    let (mut a, mut b) = (relay.connect(&alice).await, relay.connect(&bob).await);
    let group = a.group("Team", &[&bob]).await;
    let (mut live, mut stepwise) = (Copy::default(), Copy::default());
    live.catch_up(&mut b, group, 1000).await;
    let mut sent = Vec::new();
    for n in 0..30_usize {
        sent.push(a.send_to(group, &format!("message {n}")).await);
        let target: &confab_protocol::Ack = &sent[n / 2];
        match n % 5 {
            0 => drop(a.command(react(group, target, "👍", true)).await.unwrap()),
            1 => {
                let title = format!("Team {n}");
                let rename = Rename { command: new_id(), after: None, conversation: group, title };
                a.command(Command::Rename(rename)).await.unwrap();
            }
            2 => {
                let message = target.command.into();
                let delete = Delete { command: new_id(), after: None, conversation: group, message };
                a.command(Command::Delete(delete)).await.unwrap();
            }
            3 => {
                let command = if n % 2 == 0 { add(group, &[&carol]) } else { remove(group, &carol) };
                let _ = a.command(command).await;
            }
            _ => stepwise.catch_up(&mut a, group, 1 + n % 7).await,
        }
    }
    stepwise.catch_up(&mut a, group, 3).await;
    let mut anew = Copy::default();
    anew.catch_up(&mut a, group, 1000).await;
    while live.rev < anew.rev {
        let delta = b.delta().await;
        if delta.to > live.rev {
            live.apply(delta);
        }
    }
    for copy in [live, stepwise] {
        assert_eq!((copy.rev, &copy.title), (anew.rev, &anew.title));
        assert_eq!(copy.messages, anew.messages);
        assert_eq!(copy.members, anew.members);
    }
    let seqs: Vec<u64> = anew.messages.keys().copied().collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
}

#[tokio::test]
async fn welcome_lists_only_what_was_touched_since() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let mut a = relay.connect(&alice).await;
    let groups =
        [a.group("One", &[&bob]).await, a.group("Two", &[&bob]).await, a.group("Three", &[&bob]).await];
    let (mut b, welcome) = relay.resume(&bob, None).await;
    assert_eq!(welcome.page.heads.len(), 3);
    let token = welcome.page.token.unwrap();
    let since = |token: &str| {
        let (relay, bob, token) = (&relay, &bob, token.to_owned());
        async move {
            let page = relay.resume(bob, Some(token)).await.1.page;
            assert!(!page.fork);
            let touched: Vec<ConversationId> = page.heads.iter().map(|head| head.conversation).collect();
            (touched, page.token.unwrap(), page.users)
        }
    };
    assert_eq!(since(&token).await.0, []);

    a.send_to(groups[1], "hi").await;
    let (touched, token, _) = since(&token).await;
    assert_eq!(touched, [groups[1]], "another's message");

    let mark = MarkRequest { conversation: groups[2], read: Some(1), delivered: None };
    b.request::<serde_json::Value>(&Request::Mark(mark)).await.unwrap();
    let (touched, token, _) = since(&token).await;
    assert_eq!(touched, [groups[2]], "one's own mark");

    let hide = Hide { command: new_id(), conversation: groups[0], hidden_seq: 1 };
    b.command(Command::Hide(hide)).await.unwrap();
    a.command(remove(groups[1], &bob)).await.unwrap();
    let (mut touched, token, _) = since(&token).await;
    touched.sort();
    assert_eq!(touched, [groups[0], groups[1]], "hiding and removal");

    let profile = SetProfile { command: new_id(), display_name: Some("Alice B".into()), share_read: None };
    a.command(Command::SetProfile(profile)).await.unwrap();
    let (touched, _, users) = since(&token).await;
    assert_eq!((touched.len(), users[0].display_name.as_str()), (0, "Alice B"));
}

#[tokio::test]
async fn of_what_to_be_told_is_the_same_on_all_devices_of_a_person_and_nobody_elses() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let (mut a, mut b) = (relay.connect(&alice).await, relay.connect(&bob).await);
    let group = a.group("Quiet", &[&bob]).await;
    let other = relay.device("bob").await;
    let (mut tablet, welcome) = relay.resume(&other, None).await;
    assert_eq!(welcome.page.heads[0].notify, Notify::default());

    let notify = Notify { level: NotifyLevel::Mentions, muted_until: 1_900_000_000_000 };
    let set = |notify| Command::SetNotify(SetNotify { command: new_id(), conversation: group, notify });
    b.command(set(notify)).await.unwrap();
    let pushed = tablet.push(|push| match push {
        Push::Head { head, .. } if head.conversation == group => Some(head.notify),
        _ => None,
    });
    assert_eq!(pushed.await, notify, "the other device hears of it");
    assert_eq!(relay.resume(&other, None).await.1.page.heads[0].notify, notify, "and finds it later");
    assert_eq!(relay.resume(&alice, None).await.1.page.heads[0].notify, Notify::default());

    let after_all_time = Notify { muted_until: u64::MAX, ..notify };
    assert_eq!(code(b.command(set(after_all_time)).await), Code::Invalid);
    assert_eq!(
        code(
            a.command(Command::SetNotify(SetNotify {
                command: new_id(),
                conversation: ConversationId(Uuid::now_v7()),
                notify,
            }))
            .await
        ),
        Code::NotFound
    );
}

#[tokio::test]
async fn heads_come_in_pages_and_the_last_one_has_the_token_of_the_first() {
    let (_folder, relay) = relay().await;
    let alice = relay.person("alice").await;
    let mut a = relay.connect(&alice).await;
    let mut groups = Vec::new();
    for n in 0..205 {
        groups.push(a.group(&format!("Group {n}"), &[]).await);
    }
    let (mut socket, welcome) = relay.resume(&alice, None).await;
    let mut heads = welcome.page.heads;
    assert!(heads.len() < 205 && welcome.page.token.is_none());
    // Changed after the first page was read, in a conversation that it listed: the token must not cover this.
    a.send_to(groups[0], "meanwhile").await;
    let mut next = welcome.page.next;
    let mut token = None;
    while let Some(cursor) = next {
        let page: HeadsPage = socket.request(&Request::Heads(HeadsRequest { next: cursor })).await.unwrap();
        heads.extend(page.heads);
        (next, token) = (page.next, page.token);
    }
    assert_eq!(heads.iter().map(|head| head.conversation).collect::<Vec<_>>(), groups);
    let (_, again) = relay.resume(&alice, token).await;
    assert_eq!(again.page.heads.iter().map(|head| head.conversation).collect::<Vec<_>>(), groups[..1]);
    let error = socket.request::<HeadsPage>(&Request::Heads(HeadsRequest { next: "nonsense".into() })).await;
    assert_eq!(code(error), Code::Invalid);
}

/// A device connects while others write: what `welcome` states and what is pushed afterwards leave nothing out.
#[tokio::test]
async fn a_device_subscribes_before_it_catches_up() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let mut a = relay.connect(&alice).await;
    let group = a.group("Team", &[&bob]).await;
    let writing = tokio::spawn(async move {
        for n in 0..300 {
            a.send_to(group, &n.to_string()).await;
        }
        a
    });
    for _ in 0..10 {
        let (mut b, welcome) = relay.resume(&bob, None).await;
        let rev = welcome.page.heads[0].rev;
        if rev > 290 {
            break;
        }
        let next = b.delta().await;
        assert!(next.from <= rev, "between welcome at {rev} and the first push from {} is a hole", next.from);
    }
    writing.await.unwrap();
}

#[tokio::test]
async fn pages_of_changes_end_at_their_bounds_and_go_on() {
    let (_folder, relay) = relay().await;
    let alice = relay.person("alice").await;
    let mut a = relay.connect(&alice).await;
    let group = a.group("Team", &[]).await;
    let long = "x".repeat(16 * 1024);
    for _ in 0..40 {
        a.send_to(group, &long).await;
    }
    let first = a.changes(group, 0).await.unwrap();
    let bytes: usize = first.messages.iter().skip(1).map(|m| text(m).len()).sum();
    assert!(first.more && first.lineage.is_none());
    assert!(bytes <= PAGE_BYTES + long.len() && first.messages.len() > 10, "{bytes}");
    assert_eq!(first.to, first.messages.last().unwrap().rev);
    assert_eq!(a.everything(group).await.len(), 41);
}

#[tokio::test]
async fn changes_can_be_asked_for_what_is_held_alone() {
    let (_folder, relay) = relay().await;
    let alice = relay.person("alice").await;
    let mut a = relay.connect(&alice).await;
    let group = a.group("Team", &[]).await;
    let first = a.send_to(group, "first").await;
    for n in 0..20 {
        a.send_to(group, &n.to_string()).await;
    }
    a.command(react(group, &first, "👍", true)).await.unwrap();
    let ranges = Some(vec![(1, Some(3)), (21, None)]);
    let request = ChangesRequest { conversation: group, since: 0, ranges, limit: None };
    let delta: Delta = a.request(&Request::Changes(request.clone())).await.unwrap();
    let mut seqs: Vec<u64> = delta.messages.iter().map(|m| m.seq).collect();
    seqs.sort_unstable();
    assert_eq!(seqs, [1, 2, 3, 21, 22]);
    assert_eq!((delta.more, delta.members.len(), delta.title.as_deref()), (false, 1, Some("Team")));
    let too_many = ChangesRequest { ranges: Some(vec![(1, None); 65]), ..request };
    assert_eq!(code(a.request::<Delta>(&Request::Changes(too_many)).await), Code::LimitReached);
}

#[tokio::test]
async fn history_comes_by_page_in_both_directions_and_around() {
    let (_folder, relay) = relay().await;
    let alice = relay.person("alice").await;
    let mut a = relay.connect(&alice).await;
    let group = a.group("Team", &[]).await;
    for n in 2..=50 {
        a.send_to(group, &n.to_string()).await;
    }
    let none =
        HistoryRequest { conversation: group, before: None, after: None, around: None, limit: Some(10) };
    let cases = [
        (none.clone(), 41, 50),
        (HistoryRequest { before: Some(41), ..none.clone() }, 31, 40),
        (HistoryRequest { before: Some(4), ..none.clone() }, 1, 3),
        (HistoryRequest { after: Some(45), ..none.clone() }, 46, 50),
        (HistoryRequest { after: Some(5), ..none.clone() }, 6, 15),
        (HistoryRequest { around: Some(25), ..none.clone() }, 21, 30),
        (HistoryRequest { around: Some(1), ..none.clone() }, 1, 6),
        (HistoryRequest { around: Some(u64::MAX), ..none.clone() }, 46, 50),
        (HistoryRequest { before: Some(u64::MAX), ..none.clone() }, 41, 50),
        // Nothing there: a range that ends before it begins.
        (HistoryRequest { before: Some(1), ..none.clone() }, 1, 0),
        (HistoryRequest { before: Some(0), ..none.clone() }, 1, 0),
        (HistoryRequest { after: Some(u64::MAX), ..none.clone() }, 51, 50),
    ];
    for (request, from, to) in cases {
        let page: HistoryPage = a.request(&Request::History(request.clone())).await.unwrap();
        let seqs: Vec<u64> = page.messages.iter().map(|m| m.seq).collect();
        if request.before == Some(0) {
            assert!(seqs.is_empty());
            continue;
        }
        assert_eq!(seqs, (from..=to).collect::<Vec<_>>(), "{request:?}");
        assert_eq!(
            (page.from_seq, page.to_seq, page.first_seq, page.last_seq),
            (from, to, 1, 50),
            "{request:?}"
        );
    }
    let two = HistoryRequest { before: Some(3), after: Some(1), ..none };
    assert_eq!(code(a.request::<HistoryPage>(&Request::History(two)).await), Code::Invalid);
}

/// A page states the rev at which it was read: a change after it is told by `changes` since then.
#[tokio::test]
async fn a_page_of_history_says_how_old_it_is() {
    let (_folder, relay) = relay().await;
    let alice = relay.person("alice").await;
    let mut a = relay.connect(&alice).await;
    let group = a.group("Team", &[]).await;
    let sent = a.send_to(group, "helo").await;
    let request =
        HistoryRequest { conversation: group, before: None, after: None, around: None, limit: None };
    let page: HistoryPage = a.request(&Request::History(request)).await.unwrap();
    let edit = Edit {
        command: new_id(),
        after: None,
        conversation: group,
        message: sent.command.into(),
        text: "hello".into(),
        mentions: vec![],
    };
    a.command(Command::Edit(edit)).await.unwrap();
    let delta = a.changes(group, page.rev).await.unwrap();
    assert_eq!((delta.messages.len(), text(&delta.messages[0])), (1, "hello"));
}

/// Texts that take six bytes a character in a frame. Found by a client whose library refuses frames over the limit.
#[tokio::test]
async fn pages_stay_within_the_frame_limit_whatever_the_texts_are() {
    let (_folder, relay) = relay().await;
    let alice = relay.person("alice").await;
    let mut a = relay.connect(&alice).await;
    let text = format!("x{}", "\u{1}".repeat(confab_protocol::limits::TEXT_BYTES - 1));
    let mut groups = Vec::new();
    for _ in 0..16 {
        let group = a.group("Team", &[]).await;
        a.send_to(group, &text).await;
        groups.push(group);
    }
    for _ in 0..15 {
        a.send_to(groups[0], &text).await;
    }
    let most = confab_protocol::limits::RELAY_FRAME_BYTES;
    let request =
        HistoryRequest { conversation: groups[0], before: None, after: None, around: None, limit: None };
    let page: HistoryPage = a.request(&Request::History(request)).await.unwrap();
    assert!(page.messages.len() >= 2 && serde_json::to_string(&page).unwrap().len() < most);
    let delta = a.changes(groups[0], 0).await.unwrap();
    assert!(delta.more && serde_json::to_string(&delta).unwrap().len() < most);
    let (_again, welcome) = relay.resume(&alice, None).await;
    assert!(welcome.page.next.is_some());
    assert!(serde_json::to_string(&welcome).unwrap().len() < most);
}

#[tokio::test]
async fn foreign_and_absent_conversations_answer_alike() {
    let (_folder, relay) = relay().await;
    let (alice, eve) = (relay.person("alice").await, relay.person("eve").await);
    let (mut a, mut e) = (relay.connect(&alice).await, relay.connect(&eve).await);
    let foreign = a.group("Secret", &[]).await;
    let secret = a.send_to(foreign, "secret").await;
    let mut answers = Vec::new();
    for conversation in [foreign, ConversationId(Uuid::now_v7())] {
        let message = secret.command.into();
        let commands = [
            send(conversation, "hi"),
            add(conversation, &[&eve]),
            remove(conversation, &alice),
            Command::Rename(Rename { command: new_id(), after: None, conversation, title: "Mine".into() }),
            Command::Delete(Delete { command: new_id(), after: None, conversation, message }),
            Command::Leave(confab_protocol::command::Leave { command: new_id(), after: None, conversation }),
            Command::Hide(Hide { command: new_id(), conversation, hidden_seq: 1 }),
        ];
        let mut errors = Vec::new();
        for command in commands {
            errors.push(e.command(command).await.unwrap_err());
        }
        errors.push(e.changes(conversation, 0).await.unwrap_err());
        let history = HistoryRequest { conversation, before: None, after: None, around: None, limit: None };
        errors.push(e.request::<HistoryPage>(&Request::History(history)).await.unwrap_err());
        let mark = MarkRequest { conversation, read: Some(1), delivered: None };
        errors.push(e.request::<serde_json::Value>(&Request::Mark(mark)).await.unwrap_err());
        let typing = confab_protocol::sync::TypingRequest { conversation, on: true };
        errors.push(e.request::<serde_json::Value>(&Request::Typing(typing)).await.unwrap_err());
        assert!(errors.iter().all(|error| error.code == Code::NotFound), "{errors:?}");
        answers.push(errors);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(a.everything(foreign).await.len(), 2);
}
