//! Delivered and read marks: they grow, heal themselves, and are shared where they are welcome.

use crate::support::*;
use confab_protocol::command::SetProfile;
use confab_protocol::frame::Request;
use confab_protocol::limits::RECEIPT_MEMBERS;
use confab_protocol::sync::{MarkRequest, Push};
use confab_protocol::{Command, ConversationId, Head, Mark};

async fn mark(socket: &mut Socket, conversation: ConversationId, read: Option<u64>, delivered: Option<u64>) {
    let request = Request::Mark(MarkRequest { conversation, read, delivered });
    socket.request::<serde_json::Value>(&request).await.unwrap();
}

async fn marks(socket: &mut Socket) -> Vec<Mark> {
    socket
        .push(|push| match push {
            Push::Marks { marks, .. } => Some(marks.clone()),
            _ => None,
        })
        .await
}

async fn head(relay: &TestRelay, person: &Person) -> Head {
    relay.resume(person, None).await.1.page.heads.remove(0)
}

#[tokio::test]
async fn marks_only_grow_and_never_pass_the_newest_message() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let (mut a, mut b) = (relay.connect(&alice).await, relay.connect(&bob).await);
    let group = a.group("Team", &[&bob]).await;
    for n in 0..3 {
        a.send_to(group, &n.to_string()).await;
    }
    assert_eq!(head(&relay, &bob).await.unread, 3);
    mark(&mut b, group, Some(3), None).await;
    mark(&mut b, group, Some(2), Some(1)).await;
    let seen = head(&relay, &bob).await;
    assert_eq!((seen.read, seen.delivered, seen.unread), (3, 3, 1));
    mark(&mut b, group, Some(u64::MAX), None).await;
    let seen = head(&relay, &bob).await;
    assert_eq!((seen.read, seen.delivered, seen.unread), (4, 4, 0));
    assert_eq!(head(&relay, &alice).await.marks, [Mark { user: bob.user, read: 4, delivered: 4 }]);
}

#[tokio::test]
async fn marks_take_no_rev_and_reach_the_others() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let (mut a, mut b) = (relay.connect(&alice).await, relay.connect(&bob).await);
    let group = a.group("Team", &[&bob]).await;
    let sent = a.send_to(group, "hi").await;
    mark(&mut b, group, None, Some(2)).await;
    assert_eq!(marks(&mut a).await, [Mark { user: bob.user, read: 0, delivered: 2 }]);
    mark(&mut b, group, Some(2), None).await;
    assert_eq!(marks(&mut a).await, [Mark { user: bob.user, read: 2, delivered: 2 }]);
    assert_eq!(a.changes(group, 0).await.unwrap().to, sent.rev.unwrap());
}

#[tokio::test]
async fn ones_own_other_devices_learn_what_was_read_here() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let phone = relay.device("bob").await;
    let (mut a, mut b, mut p) =
        (relay.connect(&alice).await, relay.connect(&bob).await, relay.connect(&phone).await);
    let group = a.group("Team", &[&bob]).await;
    a.send_to(group, "hi").await;
    assert_eq!(p.head().await.conversation, group);
    mark(&mut b, group, Some(2), None).await;
    let head = p.head().await;
    assert_eq!((head.read, head.unread), (2, 0));
    b.settle().await;
    assert!(!b.pushes.iter().any(|push| matches!(push, Push::Marks { .. })));
}

/// Who does not tell is not told either; one's own devices know in any case.
#[tokio::test]
async fn read_marks_are_shared_only_between_those_who_share() {
    let (_folder, relay) = relay().await;
    let (alice, bob, carol) =
        (relay.person("alice").await, relay.person("bob").await, relay.person("carol").await);
    let (mut a, mut b, mut c) =
        (relay.connect(&alice).await, relay.connect(&bob).await, relay.connect(&carol).await);
    let group = a.group("Team", &[&bob, &carol]).await;
    a.send_to(group, "hi").await;
    let quiet = SetProfile { command: new_id(), display_name: None, share_read: Some(false) };
    b.command(Command::SetProfile(quiet)).await.unwrap();

    mark(&mut b, group, Some(2), None).await;
    let hidden = Mark { user: bob.user, read: 0, delivered: 2 };
    assert_eq!(marks(&mut a).await, [hidden]);
    assert_eq!(marks(&mut c).await, [hidden]);
    mark(&mut c, group, Some(2), None).await;
    assert_eq!(marks(&mut a).await, [Mark { user: carol.user, read: 2, delivered: 2 }]);
    assert_eq!(marks(&mut b).await, [Mark { user: carol.user, read: 0, delivered: 2 }], "nor is bob told");

    let seen = head(&relay, &bob).await;
    assert!((seen.read, seen.marks.iter().all(|mark| mark.read == 0)) == (2, true), "{seen:?}");
    assert!(head(&relay, &alice).await.marks.contains(&hidden));
}

async fn share_read(socket: &mut Socket, on: bool) {
    let profile = SetProfile { command: new_id(), display_name: None, share_read: Some(on) };
    socket.command(Command::SetProfile(profile)).await.unwrap();
}

/// Devices that are there are told, those that are away find the conversation touched, and all come to what a new device
/// sees. Who does not share is told nothing, for nothing changes for them.
#[tokio::test]
async fn when_someone_begins_or_ceases_to_share_all_devices_come_to_what_a_new_one_sees() {
    let (_folder, relay) = relay().await;
    let (alice, bob, carol) =
        (relay.person("alice").await, relay.person("bob").await, relay.person("carol").await);
    let tablet = relay.device("bob").await;
    let (mut a, mut b, mut t, mut c) = (
        relay.connect(&alice).await,
        relay.connect(&bob).await,
        relay.connect(&tablet).await,
        relay.connect(&carol).await,
    );
    share_read(&mut c, false).await;
    let group = a.group("Team", &[&bob, &carol]).await;
    a.send_to(group, "hi").await;
    let by_user = |mut marks: Vec<Mark>| {
        marks.sort_by_key(|mark| mark.user);
        marks
    };
    let of = |person: &Person, read| Mark { user: person.user, read, delivered: 2 };
    for (socket, delivered) in [(&mut a, None), (&mut b, None), (&mut c, Some(2))] {
        mark(socket, group, delivered.is_none().then_some(2), delivered).await;
    }
    for shares in [false, true] {
        let (_, away) = relay.resume(&alice, None).await;
        for socket in [&mut a, &mut b, &mut t, &mut c] {
            socket.settle().await;
            socket.pushes.clear();
        }
        share_read(&mut b, shares).await;
        let shown = if shares { 2 } else { 0 };
        assert_eq!(marks(&mut a).await, [of(&bob, shown)]);
        let theirs = by_user(vec![of(&alice, shown), of(&carol, 0)]);
        assert_eq!(by_user(marks(&mut b).await), theirs);
        assert_eq!(by_user(marks(&mut t).await), theirs);
        c.settle().await;
        assert!(!c.pushes.iter().any(|push| matches!(push, Push::Marks { .. })), "{:?}", c.pushes);
        let heads = relay.resume(&alice, away.page.token).await.1.page.heads;
        assert_eq!(heads.len(), 1, "touched");
        assert!(heads[0].marks.contains(&of(&bob, shown)), "{heads:?}");
        assert_eq!(head(&relay, &alice).await.marks, heads[0].marks);
        assert_eq!(by_user(head(&relay, &bob).await.marks), theirs);
    }
}

/// More conversations than one batch takes, beside one that is too large to show marks.
#[tokio::test]
async fn all_conversations_that_show_marks_learn_who_shares() {
    const GROUPS: usize = 150;
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let (mut a, mut b) = (relay.connect(&alice).await, relay.connect(&bob).await);
    let mut crowd = vec![bob.clone()];
    for n in 0..RECEIPT_MEMBERS {
        crowd.push(relay.person(&format!("person{n}")).await);
    }
    let large = a.group("All", &crowd.iter().collect::<Vec<_>>()).await;
    let mut groups = std::collections::BTreeSet::new();
    for n in 0..GROUPS {
        let group = a.group(&n.to_string(), &[&bob]).await;
        mark(&mut b, group, Some(1), None).await;
        groups.insert(group);
    }
    mark(&mut b, large, Some(1), None).await;
    a.settle().await;
    a.pushes.clear();
    let (_, away) = relay.resume(&alice, None).await;
    share_read(&mut b, false).await;
    for _ in 0..GROUPS {
        let told = a.push(|push| match push {
            Push::Marks { conversation, .. } => Some(*conversation),
            _ => None,
        });
        assert!(groups.remove(&told.await));
    }
    let heads = relay.resume(&alice, away.page.token).await.1.page.heads;
    assert_eq!(heads.len(), GROUPS);
    assert!(heads.iter().all(|head| head.conversation != large));
}

#[tokio::test]
async fn sending_does_not_mark_as_read_and_ones_own_do_not_count() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let (mut a, mut b) = (relay.connect(&alice).await, relay.connect(&bob).await);
    let group = a.group("Team", &[&bob]).await;
    a.send_to(group, "one").await;
    let two = a.send_to(group, "two").await;
    b.send_to(group, "three").await;
    assert_eq!(head(&relay, &bob).await.unread, 2);
    let delete = confab_protocol::command::Delete {
        command: new_id(),
        after: None,
        conversation: group,
        message: two.command.into(),
    };
    a.command(Command::Delete(delete)).await.unwrap();
    assert_eq!(head(&relay, &bob).await.unread, 1, "a tombstone does not count");
}

#[tokio::test]
async fn unread_is_counted_to_its_limit() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let mut a = relay.connect(&alice).await;
    let group = a.group("Team", &[&bob]).await;
    let mut ids = Vec::new();
    for n in 0..120 {
        ids.push(a.ask(&Request::Command(send(group, &n.to_string()))).await);
    }
    for id in ids {
        a.answer::<confab_protocol::Ack>(id).await.unwrap();
    }
    assert_eq!(head(&relay, &bob).await.unread, confab_protocol::limits::UNREAD);
}

/// In the largest group that shares marks they are told and stand in heads; in one that has a member more they do neither.
#[tokio::test]
async fn marks_are_shared_up_to_a_number_of_members() {
    let (_folder, relay) = relay().await;
    let alice = relay.person("alice").await;
    let mut people = Vec::new();
    for n in 0..RECEIPT_MEMBERS {
        people.push(relay.person(&format!("person{n}")).await);
    }
    let bob = people[0].clone();
    let members: Vec<&Person> = people.iter().collect();
    for shared in [true, false] {
        let (mut a, mut b) = (relay.connect(&alice).await, relay.connect(&bob).await);
        // With herself that is one more.
        let invited = if shared { &members[..RECEIPT_MEMBERS - 1] } else { &members };
        let group = a.group("All", invited).await;
        let seq = a.send_to(group, "hi").await.seq.unwrap();
        mark(&mut b, group, Some(seq), Some(seq)).await;
        // Bob's own other devices know in any case.
        let own = find(&relay, &bob, group).await;
        assert_eq!((own.read, own.delivered, own.unread), (seq, seq, 0));
        let seen = find(&relay, &alice, group).await;
        let told = Mark { user: bob.user, read: seq, delivered: seq };
        a.settle().await;
        let pushed = a.pushes.iter().any(|push| match push {
            Push::Marks { marks, .. } => marks.contains(&told),
            _ => false,
        });
        assert_eq!(seen.members, if shared { RECEIPT_MEMBERS } else { RECEIPT_MEMBERS + 1 } as u32);
        assert_eq!((seen.marks.contains(&told), pushed), (shared, shared));
        if !shared {
            assert_eq!(seen.marks, []);
        }
    }
}

async fn find(relay: &TestRelay, person: &Person, conversation: ConversationId) -> Head {
    let heads = relay.resume(person, None).await.1.page.heads;
    heads.into_iter().find(|head| head.conversation == conversation).unwrap()
}
