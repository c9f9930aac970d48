//! Delivered and read marks: merged, kept over a kill, said again until they are answered.

use crate::device::World;
use confab_engine::{Action, Input};
use confab_protocol::ConversationId;
use confab_protocol::frame::Request;

/// Alice and Bob, who hold one message of Alice's; Bob has told that he holds it.
fn pair() -> (World, ConversationId) {
    let mut world = World::new(&["Alice", "Bob"]);
    let direct = world.direct(0, 1);
    world.say(0, direct, "first");
    world.settle();
    assert_eq!(delivered(&world, direct), [1]);
    world.relay.asked.clear();
    (world, direct)
}

/// To how many others each message was delivered, as Alice sees it.
fn delivered(world: &World, direct: ConversationId) -> Vec<u32> {
    world.rows(0, direct).iter().map(|row| row.receipt.delivered).collect()
}

/// The marks that the relay was told: delivered and read.
fn told(world: &World) -> Vec<(Option<u64>, Option<u64>)> {
    let marks = world.relay.asked.iter().filter_map(|asked| match asked {
        Request::Mark(mark) => Some((mark.delivered, mark.read)),
        _ => None,
    });
    marks.collect()
}

#[test]
fn read_marks_are_one_merged_row() {
    let mut world = World::new(&["Alice", "Bob"]);
    let direct = world.direct(0, 1);
    for n in 0..5 {
        world.say(0, direct, &n.to_string());
    }
    world.settle();
    world.relay.asked.clear();
    world.offline(1);
    for seq in [1, 4, 2, 3] {
        world.done(1, Action::MarkRead { conversation: direct, seq });
    }
    world.online(1);
    world.settle();
    assert_eq!(told(&world), [(None, Some(4))]);
    assert_eq!(world.rows(0, direct)[3].receipt.read, 1);
    assert_eq!(world.rows(0, direct)[4].receipt.read, 0);
}

#[test]
fn what_arrived_before_the_network_went_is_told_when_it_is_back_whatever_was_killed() {
    let (mut world, direct) = pair();
    world.say(0, direct, "second");
    // No time passes, so the mark is still gathered when the network goes.
    world.exchange();
    assert_eq!(world.texts(1, direct), ["first", "second"]);
    world.offline(1);
    world.settle();
    world.kill(1);
    world.start(1);
    world.settle();
    assert_eq!((delivered(&world, direct), told(&world)), (vec![1, 0], vec![]));
    world.online(1);
    world.settle();
    assert_eq!(delivered(&world, direct), [1, 1]);
    assert_eq!(told(&world), [(Some(2), None)], "once");
}

#[test]
fn a_mark_whose_answer_was_lost_is_told_again_and_found_by_who_was_away() {
    let (mut world, direct) = pair();
    world.say(0, direct, "second");
    world.exchange();
    world.offline(0);
    // The mark goes out, its answer is cut off.
    world.mono += 1_000;
    world.relay.now += 1_000;
    world.input(1, Input::Wake);
    world.deliver_up(1);
    world.cut(1);
    assert_eq!(told(&world), [(Some(2), None)]);
    world.settle();
    assert_eq!(told(&world), [(Some(2), None); 2]);
    assert_eq!(delivered(&world, direct), [1, 0], "alice cannot know yet");
    world.online(0);
    world.settle();
    assert_eq!(delivered(&world, direct), [1, 1]);
}
