//! Sending: exactly once, in one order, acknowledged after the commit.

use crate::support::*;
use confab_protocol::command::{Block, Delete, Edit, React, Send};
use confab_protocol::sync::Push;
use confab_protocol::{Code, Command, Content, ConversationId, Retry, UserId};
use uuid::Uuid;

#[tokio::test]
async fn two_people_talk() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let (mut a, mut b) = (relay.connect(&alice).await, relay.connect(&bob).await);

    let ack = a.command(direct(&alice, &bob, "hello bob")).await.unwrap();
    assert_eq!((ack.seq, ack.rev, ack.replayed), (Some(1), Some(3), false));
    let own = ack.delta.unwrap();
    assert_eq!((own.from, own.to, own.members.len()), (0, 3, 2));

    let conversation = ConversationId::direct(alice.user, bob.user);
    let head = b.head().await;
    assert_eq!((head.conversation, head.rev, head.unread, head.peer), (conversation, 3, 1, Some(alice.user)));
    let delta = b.delta().await;
    assert_eq!(delta, own);
    assert_eq!(text(&delta.messages[0]), "hello bob");

    b.command(direct(&bob, &alice, "hello alice")).await.unwrap();
    let delta = a.delta().await;
    assert_eq!((delta.from, delta.to, delta.messages[0].seq), (3, 4, 2));
    assert_eq!(a.everything(conversation).await, b.everything(conversation).await);
    relay.stop().await;
}

/// The answer was lost and the client sends again, on another socket.
#[tokio::test]
async fn a_send_that_comes_again_is_stored_once_and_gets_its_first_result() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let (mut a, mut b) = (relay.connect(&alice).await, relay.connect(&bob).await);
    let command = direct(&alice, &bob, "once");
    let first = a.command(command.clone()).await.unwrap();
    let conversation = ConversationId::direct(alice.user, bob.user);
    // Meanwhile the message gets a newer rev, which is not its first result.
    let edit = Edit {
        command: new_id(),
        after: None,
        conversation,
        message: command.id().into(),
        text: "once!".into(),
        mentions: vec![],
    };
    a.command(Command::Edit(edit)).await.unwrap();
    drop(a);
    let mut a = relay.connect(&alice).await;
    let mut again = command.clone();
    again.set_after(Some(new_id()));
    for command in [command, again] {
        let ack = a.command(command).await.unwrap();
        assert_eq!((ack.seq, ack.rev, ack.replayed, ack.delta), (first.seq, first.rev, true, None));
    }
    assert_eq!(b.everything(conversation).await.len(), 1);
}

/// The same frame twice before either is answered: both are in one batch.
#[tokio::test]
async fn a_send_doubled_within_a_batch_is_stored_once() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let mut a = relay.connect(&alice).await;
    let command = direct(&alice, &bob, "once");
    let request = confab_protocol::frame::Request::Command(command);
    let (one, two) = (a.ask(&request).await, a.ask(&request).await);
    let first: confab_protocol::Ack = a.answer(one).await.unwrap();
    let second: confab_protocol::Ack = a.answer(two).await.unwrap();
    assert_eq!((first.seq, first.replayed), (Some(1), false));
    assert_eq!((second.seq, second.rev, second.replayed), (Some(1), first.rev, true));
}

#[tokio::test]
async fn an_accepted_command_answers_with_its_result_though_the_sender_was_removed_since() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let (mut a, mut b) = (relay.connect(&alice).await, relay.connect(&bob).await);
    let group = a.group("Team", &[&bob]).await;
    let command = send(group, "before");
    let first = b.command(command.clone()).await.unwrap();
    a.command(remove(group, &bob)).await.unwrap();
    let ack = b.command(command).await.unwrap();
    assert_eq!((ack.seq, ack.replayed), (first.seq, true));
    assert_eq!(code(b.command(send(group, "after")).await), Code::NotFound);
}

#[tokio::test]
async fn an_id_that_was_used_for_something_else_is_refused() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let (mut a, mut b) = (relay.connect(&alice).await, relay.connect(&bob).await);
    let group = a.group("Team", &[&bob]).await;
    let first = message(group, "first");
    a.command(Command::Send(first.clone())).await.unwrap();
    let other = Send { text: "second".into(), ..first.clone() };
    assert_eq!(code(a.command(Command::Send(other)).await), Code::IdReused);
    assert_eq!(code(b.command(Command::Send(first.clone())).await), Code::IdReused, "another's id");
    let delete =
        Delete { command: first.command, after: None, conversation: group, message: first.command.into() };
    assert_eq!(code(a.command(Command::Delete(delete.clone())).await), Code::IdReused, "another op");
    let delete = Delete { command: new_id(), ..delete };
    a.command(Command::Delete(delete.clone())).await.unwrap();
    let reuse = Send { command: delete.command, ..message(group, "third") };
    assert_eq!(code(a.command(Command::Send(reuse)).await), Code::IdReused, "the id of a command");
    assert_eq!(a.everything(group).await.len(), 2, "the group's creation and the tombstone");
}

#[tokio::test]
async fn a_refused_command_is_judged_anew() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let (mut a, mut b) = (relay.connect(&alice).await, relay.connect(&bob).await);
    let block = |blocked| Command::Block(Block { command: new_id(), user: alice.user, blocked });
    b.command(block(true)).await.unwrap();
    let command = direct(&alice, &bob, "hello?");
    assert_eq!(code(a.command(command.clone()).await), Code::Forbidden);
    let conversation = ConversationId::direct(alice.user, bob.user);
    assert_eq!(code(a.changes(conversation, 0).await), Code::NotFound, "a refusal leaves no trace");
    b.command(block(false)).await.unwrap();
    let ack = a.command(command).await.unwrap();
    assert_eq!((ack.seq, ack.replayed), (Some(1), false));
}

/// The first of two sends was lost on the way: the second must not overtake it.
#[tokio::test]
async fn a_send_whose_predecessor_is_missing_waits_for_it() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let (mut a, mut b) = (relay.connect(&alice).await, relay.connect(&bob).await);
    let group = a.group("Team", &[&bob]).await;
    let first = message(group, "first");
    let second = Send { after: Some(first.command), ..message(group, "second") };
    let error = a.command(Command::Send(second.clone())).await.unwrap_err();
    assert_eq!((error.code, error.retry), (Code::PredecessorMissing, Retry::Later));
    // Another person's command of that id does not count.
    let stolen = Send { after: Some(first.command), ..message(group, "mine") };
    a.command(Command::Send(first)).await.unwrap();
    assert_eq!(code(b.command(Command::Send(stolen)).await), Code::PredecessorMissing);
    a.command(Command::Send(second)).await.unwrap();
    let texts: Vec<_> = a.everything(group).await.iter().skip(1).map(|m| text(m).to_owned()).collect();
    assert_eq!(texts, ["first", "second"]);
}

/// Both write first, each while offline, and meet in the same conversation.
#[tokio::test]
async fn a_direct_conversation_opened_from_both_sides_is_one() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let (mut a, mut b) = (relay.connect(&alice).await, relay.connect(&bob).await);
    let (from_a, from_b) = tokio::join!(
        a.command(direct(&alice, &bob, "from alice")),
        b.command(direct(&bob, &alice, "from bob"))
    );
    let mut seqs = [from_a.unwrap().seq, from_b.unwrap().seq];
    seqs.sort();
    assert_eq!(seqs, [Some(1), Some(2)]);
    let conversation = ConversationId::direct(alice.user, bob.user);
    assert_eq!(a.everything(conversation).await, b.everything(conversation).await);
}

#[tokio::test]
async fn notes_to_oneself_are_a_conversation_of_one() {
    let (_folder, relay) = relay().await;
    let alice = relay.person("alice").await;
    let mut a = relay.connect(&alice).await;
    a.command(direct(&alice, &alice, "remember")).await.unwrap();
    let (_, welcome) = relay.resume(&alice, None).await;
    let head = &welcome.page.heads[0];
    assert_eq!((head.members, head.peer, head.unread), (1, Some(alice.user), 0));
}

#[tokio::test]
async fn nobody_claims_the_id_of_others_direct_conversation() {
    let (_folder, relay) = relay().await;
    let (alice, bob, eve) =
        (relay.person("alice").await, relay.person("bob").await, relay.person("eve").await);
    let mut e = relay.connect(&eve).await;
    let theirs = ConversationId::direct(alice.user, bob.user);
    let forged = Send { direct_with: Some(bob.user), ..message(theirs, "hi") };
    assert_eq!(code(e.command(Command::Send(forged)).await), Code::Invalid);
    let forged = confab_protocol::command::CreateGroup {
        command: new_id(),
        conversation: theirs,
        title: "Trap".into(),
        members: vec![],
    };
    assert_eq!(code(e.command(Command::CreateGroup(forged)).await), Code::Invalid);
    let nobody = UserId(Uuid::now_v7());
    let to_nobody =
        Send { direct_with: Some(nobody), ..message(ConversationId::direct(eve.user, nobody), "anyone?") };
    assert_eq!(code(e.command(Command::Send(to_nobody)).await), Code::NotFound);
    let mut a = relay.connect(&alice).await;
    assert_eq!(a.command(direct(&alice, &bob, "hi")).await.unwrap().seq, Some(1));
}

/// The acknowledgement is the sender's own push: its other devices get the delta, its own does not get it twice.
#[tokio::test]
async fn the_acknowledgement_stands_for_the_senders_own_push() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let phone = relay.device("alice").await;
    let (mut a, mut p) = (relay.connect(&alice).await, relay.connect(&phone).await);
    let group = a.group("Team", &[&bob]).await;
    let own = a.send_to(group, "hi").await.delta.unwrap();
    assert_eq!(p.delta().await.from, 0, "the group");
    assert_eq!(p.delta().await, own);
    a.settle().await;
    assert!(!a.pushes.iter().any(|push| matches!(push, Push::Delta(_))), "{:?}", a.pushes);
}

/// Many write at once: everyone sees every message once, in one order, and the revs chain without a hole.
#[tokio::test]
async fn concurrent_senders_leave_no_hole_and_one_order() {
    const EACH: usize = 40;
    let (_folder, relay) = relay().await;
    let people = [relay.person("alice").await, relay.person("bob").await, relay.person("carol").await];
    let mut first = relay.connect(&people[0]).await;
    let group = first.group("Team", &[&people[1], &people[2]]).await;
    let mut reader = relay.connect(&relay.device("bob").await).await;
    let mut rev = reader.changes(group, 0).await.unwrap().to;
    let mut tasks = Vec::new();
    for person in &people {
        let mut socket = relay.connect(person).await;
        tasks.push(tokio::spawn(async move {
            let mut ids = Vec::new();
            for n in 0..EACH {
                let request = confab_protocol::frame::Request::Command(send(group, &n.to_string()));
                ids.push(socket.ask(&request).await);
            }
            let mut last = 0;
            for id in ids {
                let ack: confab_protocol::Ack = socket.answer(id).await.unwrap();
                assert!(ack.seq > Some(last), "one's own sends keep their order");
                last = ack.seq.unwrap();
            }
        }));
    }
    let mut seq = 1;
    while seq < 1 + 3 * EACH as u64 {
        let delta = reader.delta().await;
        assert_eq!(delta.from, rev, "pushes chain");
        rev = delta.to;
        for message in delta.messages {
            seq += 1;
            assert_eq!((message.seq, message.rev), (seq, rev));
        }
    }
    for task in tasks {
        task.await.unwrap();
    }
    let stored = reader.everything(group).await;
    assert_eq!(stored.iter().map(|m| m.seq).collect::<Vec<_>>(), (1..=seq).collect::<Vec<_>>());
}

#[tokio::test]
async fn replies_name_a_message_of_the_same_conversation() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let mut a = relay.connect(&alice).await;
    let (one, two) = (a.group("One", &[&bob]).await, a.group("Two", &[&bob]).await);
    let there = a.send_to(one, "there").await;
    let reply = Send { reply_to: Some(there.command.into()), ..message(one, "yes") };
    let ack = a.command(Command::Send(reply.clone())).await.unwrap();
    let reply_to = ack.delta.unwrap().messages[0].reply_to.unwrap();
    assert_eq!((reply_to.id, Some(reply_to.seq)), (there.command.into(), there.seq));
    let elsewhere = Send { command: new_id(), conversation: two, ..reply };
    assert_eq!(code(a.command(Command::Send(elsewhere)).await), Code::NotFound);
}

#[tokio::test]
async fn mentions_count_for_members_only() {
    let (_folder, relay) = relay().await;
    let (alice, bob, eve) =
        (relay.person("alice").await, relay.person("bob").await, relay.person("eve").await);
    let mut a = relay.connect(&alice).await;
    let group = a.group("Team", &[&bob]).await;
    let mention = Send { mentions: vec![bob.user, eve.user, bob.user], ..message(group, "@bob @eve") };
    let ack = a.command(Command::Send(mention)).await.unwrap();
    let Some(Content::Text { mentions, .. }) = &ack.delta.as_ref().unwrap().messages[0].content else {
        panic!()
    };
    assert_eq!(*mentions, [bob.user]);
    let (_, welcome) = relay.resume(&bob, None).await;
    assert_eq!(Some(welcome.page.heads[0].mention_seq), ack.seq);
    let (_, welcome) = relay.resume(&eve, None).await;
    assert!(welcome.page.heads.is_empty());
}

#[tokio::test]
async fn edits_reactions_and_tombstones() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let (mut a, mut b) = (relay.connect(&alice).await, relay.connect(&bob).await);
    let group = a.group("Team", &[&bob]).await;
    let sent = a.send_to(group, "helo").await;
    let id = sent.command.into();
    let edit = |text: &str| {
        Command::Edit(Edit {
            command: new_id(),
            after: None,
            conversation: group,
            message: id,
            text: text.into(),
            mentions: vec![],
        })
    };
    let react = |emoji: &str, on| {
        Command::React(React {
            command: new_id(),
            after: None,
            conversation: group,
            message: id,
            emoji: emoji.into(),
            on,
        })
    };
    assert_eq!(code(b.command(edit("mine")).await), Code::Forbidden);
    let edited = a.command(edit("hello")).await.unwrap().delta.unwrap();
    assert!(edited.messages[0].edited_at.is_some() && text(&edited.messages[0]) == "hello");
    b.command(react("👍", true)).await.unwrap();
    let again = b.command(react("👍", true)).await.unwrap();
    assert_eq!(again.delta.unwrap().messages, [], "nothing changes");
    a.command(react("👍", true)).await.unwrap();
    b.command(react("👍", false)).await.unwrap();
    let all = a.everything(group).await;
    let reactions = &all[1].reactions;
    assert_eq!((reactions[0].emoji.as_str(), &reactions[0].users[..]), ("👍", &[alice.user][..]));

    let delete =
        |by| Command::Delete(Delete { command: new_id(), after: None, conversation: group, message: by });
    assert_eq!(code(b.command(delete(id)).await), Code::Forbidden, "a plain member, another's message");
    let theirs = b.send_to(group, "rude").await;
    a.command(delete(theirs.command.into())).await.unwrap();
    a.command(delete(id)).await.unwrap();
    assert_eq!(code(a.command(edit("back")).await), Code::NotFound);
    assert_eq!(code(a.command(react("👍", true)).await), Code::NotFound);
    for message in &a.everything(group).await[1..] {
        assert_eq!((&message.content, message.reactions.len(), message.edited_at), (&None, 0, None));
    }
}
