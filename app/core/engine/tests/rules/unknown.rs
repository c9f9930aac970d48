//! Conversations that the relay does not know yet, or of which it tells before it has listed them.

use crate::device::World;
use confab_engine::Action;
use confab_protocol::{Code, Command, CommandId, ConversationId, ErrorBody, Notify, NotifyLevel};
use confab_store::view::RefusedCreation;

fn listed(world: &World, n: usize) -> Vec<ConversationId> {
    let device = &world.devices[n];
    device.store.views(device.key).conversations(true, 0).unwrap().rows.iter().map(|row| row.id).collect()
}

fn creation(world: &World, n: usize, id: ConversationId) -> (Option<RefusedCreation>, u32) {
    let device = &world.devices[n];
    let header = device.store.views(device.key).header(id, 0).unwrap().unwrap();
    (header.creation, header.row.failed)
}

fn mute(world: &mut World, conversation: ConversationId) -> Action {
    let notify = Notify { level: NotifyLevel::Nothing, muted_until: 0 };
    Action::SetNotify { id: CommandId(world.id(0)), conversation, notify }
}

#[test]
fn a_direct_conversation_in_which_nobody_has_written_leaves_the_list_when_it_is_hidden() {
    let mut world = World::new(&["Alice", "Bob"]);
    let direct = world.direct(0, 1);
    assert_eq!(listed(&world, 0), [direct]);
    let action = mute(&mut world, direct);
    let ticket = world.act(0, action);
    assert_eq!(world.devices[0].answers[&ticket].as_ref().unwrap_err().code, "unwritten");
    let hide = Action::Hide { id: CommandId(world.id(0)), conversation: direct, hidden: true };
    world.done(0, hide);
    world.settle();
    assert_eq!(listed(&world, 0), []);
    assert!(
        world.relay.log.is_empty() && world.devices[0].troubles.is_empty(),
        "the relay never hears of it"
    );
    assert_eq!(world.direct(0, 1), direct, "and it can be opened again");
    assert_eq!(listed(&world, 0), [direct]);
}

#[test]
fn what_waits_to_be_sent_is_not_hidden_away() {
    let mut world = World::new(&["Alice", "Bob"]);
    world.offline(0);
    let group = world.group(0, &[1]);
    let hide = Action::Hide { id: CommandId(world.id(0)), conversation: group, hidden: true };
    let ticket = world.act(0, hide);
    assert_eq!(world.devices[0].answers[&ticket].as_ref().unwrap_err().code, "unsent_here");
    assert_eq!(listed(&world, 0), [group]);
}

#[test]
fn a_group_that_is_muted_before_the_relay_knows_it_is_muted_once_it_does() {
    let mut world = World::new(&["Alice", "Bob"]);
    world.offline(0);
    let group = world.group(0, &[1]);
    let action = mute(&mut world, group);
    world.done(0, action);
    world.online(0);
    world.settle();
    let ops: Vec<_> = world.relay.log.iter().map(|c| matches!(c, Command::SetNotify(_))).collect();
    assert_eq!(ops, [false, true], "after the group itself");
    let alice = world.devices[0].user.id;
    assert_eq!(world.relay.room(group).notify[&alice].level, NotifyLevel::Nothing);
    assert!(world.devices[0].troubles.is_empty());
}

#[test]
fn a_group_that_was_refused_says_so_and_can_be_tried_again_or_discarded() {
    let mut world = World::new(&["Alice", "Bob"]);
    for again in [true, false] {
        world.relay.refuse.push_back(("create_group".into(), ErrorBody::new(Code::Forbidden, "no")));
        let group = world.group(0, &[1]);
        world.say(0, group, "hello");
        world.settle();
        let (refused, failed) = creation(&world, 0, group);
        let refused = refused.unwrap();
        assert_eq!((refused.problem.code.as_str(), failed), ("forbidden", 2), "itself and its message");
        if again {
            world.done(0, Action::Retry { id: refused.command });
            world.settle();
            assert_eq!(creation(&world, 0, group), (None, 0));
            assert_eq!(world.texts(1, group), ["hello"]);
        } else {
            world.done(0, Action::Discard { id: refused.command });
            assert!(!listed(&world, 0).contains(&group));
        }
        let device = &world.devices[0];
        assert_eq!(device.store.views(device.key).counters().unwrap().failed, 0);
    }
}

/// More conversations than a page of heads holds, at the first log-in: what is told of one on a later page is not a reason
/// to begin anew.
#[test]
fn what_is_told_of_a_conversation_before_its_head_comes_is_owed_to_it() {
    for late_head in [false, true] {
        let mut world = World::new(&["Alice", "Bob", "Bob"]);
        let mut groups = Vec::new();
        for _ in 0..3 {
            groups.push(world.group(0, &[1]));
            world.settle();
        }
        world.relay.page_heads = 1;
        world.kill(2);
        let device = &mut world.devices[2];
        device.store = confab_store::Store::in_memory().unwrap();
        let id = confab_protocol::DeviceId(uuid::Uuid::from_u128(3));
        device.key = device.store.sign_in("http://relay", &device.user.clone(), id).unwrap();
        world.start(2);
        world.deliver_up(2);
        world.deliver_down(2);
        let socket = world.devices[2].socket;
        // The last page's answer is read before the message is written and comes after it.
        let last = *groups.last().unwrap();
        if late_head {
            world.deliver_up(2);
            world.deliver_down(2);
            world.deliver_up(2);
        }
        world.say(0, last, "meanwhile");
        world.deliver_up(0);
        if late_head {
            let queue = &mut world.relay.lines.get_mut(&2).unwrap().queue;
            let push = queue.pop_back().unwrap();
            assert!(push.contains("meanwhile"), "{push}");
            queue.push_front(push);
        }
        world.settle();
        assert_eq!(world.devices[2].socket, socket, "the connection stands");
        for group in &groups {
            assert_eq!(world.rows(2, *group).len(), world.relay.room(*group).messages.len());
        }
        let device = &mut world.devices[2];
        assert!(
            confab_engine::Cache::account(&mut device.store.begin(device.key).unwrap())
                .unwrap()
                .token
                .is_some()
        );
    }
}
