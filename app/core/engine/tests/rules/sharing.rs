//! Who tells whom what has come.

use crate::device::World;
use confab_engine::Action;
use confab_protocol::limits::RECEIPT_MEMBERS;
use confab_protocol::{CommandId, ConversationId};

/// A group of Alice, Bob and so many others that there are `members`; the others have no devices here.
fn group_of(world: &mut World, members: usize) -> ConversationId {
    let mut invited = vec![world.devices[1].user.clone()];
    for n in 2..members {
        invited.push(world.relay.add_user(100 + n as u128, &format!("Person {n}")));
    }
    let (id, conversation) = (CommandId(world.id(0)), ConversationId(world.id(0)));
    world.done(0, Action::CreateGroup { id, conversation, title: "All".into(), members: invited });
    world.settle();
    conversation
}

/// What Bob's device has told the relay: delivered and read.
fn told_by_bob(world: &World, room: ConversationId) -> (u64, u64) {
    world.relay.room(room).marks.get(&world.devices[1].user.id).copied().unwrap_or_default()
}

#[test]
fn what_was_delivered_is_told_in_the_largest_group_that_shares_it() {
    let mut world = World::new(&["Alice", "Bob"]);
    let room = group_of(&mut world, RECEIPT_MEMBERS);
    world.say(0, room, "hello");
    world.settle();
    assert_eq!(world.texts(1, room), ["hello"]);
    let seq = world.relay.room(room).last_seq();
    assert_eq!(told_by_bob(&world, room).0, seq);
}

#[test]
fn what_was_delivered_is_not_told_in_a_larger_one_and_what_was_read_is() {
    let mut world = World::new(&["Alice", "Bob"]);
    let room = group_of(&mut world, RECEIPT_MEMBERS + 1);
    world.say(0, room, "hello");
    world.settle();
    assert_eq!(world.texts(1, room), ["hello"]);
    assert_eq!(told_by_bob(&world, room), (0, 0));
    // One's own other devices need to know.
    let seq = world.relay.room(room).last_seq();
    world.act(1, Action::MarkRead { conversation: room, seq });
    world.settle();
    assert_eq!(told_by_bob(&world, room).1, seq);
}
