//! Sending, and what comes of it.

use crate::support::*;
use confab_protocol::ConversationId;

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
