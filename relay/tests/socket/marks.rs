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
