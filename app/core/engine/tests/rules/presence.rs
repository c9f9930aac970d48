//! Whom one wants to know to be there.

use crate::device::World;
use confab_engine::Action;
use confab_protocol::CommandId;
use confab_protocol::frame::Request;

fn watches(world: &World) -> usize {
    world.relay.asked.iter().filter(|request| matches!(request, Request::Watch(_))).count()
}

#[test]
fn what_is_watched_is_told_again_once_a_block_is_lifted() {
    let mut world = World::new(&["Alice", "Bob"]);
    let room = world.direct(0, 1);
    world.say(0, room, "hello");
    world.settle();
    let user = world.devices[1].user.id;
    world.act(0, Action::Watch { conversation: Some(room), users: vec![user] });
    world.settle();
    let told = watches(&world);
    let block = |world: &mut World, blocked: bool| {
        let id = CommandId(world.id(0));
        world.done(0, Action::Block { id, user, blocked });
        world.settle();
    };
    block(&mut world, true);
    assert_eq!(watches(&world), told, "the relay knows it from the block");
    block(&mut world, false);
    assert_eq!(watches(&world), told + 1);
}
