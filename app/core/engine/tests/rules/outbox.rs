//! Commands on their way: order, refusals, answers that are lost.

use crate::device::World;
use confab_engine::{Action, Reply};
use confab_protocol::{
    Code, Command, CommandId, ConversationId, ErrorBody, MessageId, Notify, NotifyLevel, Role,
};
use confab_store::view::{MessageState, PendingMember};

fn pair() -> (World, ConversationId) {
    let mut world = World::new(&["Alice", "Bob"]);
    let direct = world.direct(0, 1);
    world.say(0, direct, "first");
    world.settle();
    world.relay.log.clear();
    (world, direct)
}

fn counters(world: &World) -> (u32, u32) {
    let counters = world.devices[0].store.views(world.devices[0].key).counters().unwrap();
    (counters.unsent, counters.failed)
}

#[test]
fn muting_works_offline_and_reaches_the_persons_other_devices() {
    let mut world = World::new(&["Alice", "Bob", "Bob"]);
    let direct = world.direct(0, 1);
    world.say(0, direct, "first");
    world.settle();
    let muted = |world: &World, n: usize, now_ms: u64| {
        let list = world.devices[n].store.views(world.devices[n].key).conversations(false, now_ms).unwrap();
        (list.rows[0].muted, list.unread_conversations, list.stale_at)
    };
    assert_eq!(muted(&world, 1, 5), (false, 1, None));
    world.offline(1);
    let notify = Notify { level: NotifyLevel::All, muted_until: 10 };
    let id = CommandId(world.id(1));
    world.done(1, Action::SetNotify { id, conversation: direct, notify });
    assert_eq!(muted(&world, 1, 5), (true, 0, Some(10)), "while it waits in the outbox");
    assert_eq!(muted(&world, 2, 5), (false, 1, None));
    world.online(1);
    world.settle();
    world.cut(2);
    world.settle();
    assert_eq!(muted(&world, 1, 5), (true, 0, Some(10)));
    assert_eq!(muted(&world, 2, 5), (true, 0, Some(10)));
    assert_eq!(muted(&world, 2, 10), (false, 1, None), "it ends by itself");
    let list = world.devices[2].store.views(world.devices[2].key).conversations(false, 10).unwrap();
    assert_eq!(list.rows[0].notify, Notify::default(), "and leaves nothing of itself");
}

#[test]
fn an_answer_that_is_lost_doubles_nothing() {
    let (mut world, direct) = pair();
    world.say(0, direct, "once");
    world.deliver_up(0);
    world.cut(0);
    world.settle();
    assert_eq!(world.texts(1, direct), ["first", "once"]);
    assert_eq!(world.texts(0, direct), ["first", "once"]);
    assert_eq!(counters(&world), (0, 0));
}

#[test]
fn a_send_names_its_predecessor_and_order_survives_a_pause() {
    let (mut world, direct) = pair();
    world.relay.refuse.push_back(("send".into(), ErrorBody::new(Code::RateLimited, "slow").after_ms(3_000)));
    let ids: Vec<MessageId> = (1..=3).map(|n| world.say(0, direct, &n.to_string())).collect();
    world.settle();
    assert_eq!(world.texts(1, direct), ["first", "1", "2", "3"]);
    assert_eq!(world.relay.log[1].after(), Some(ids[0].into()));
    assert_eq!(world.relay.log[2].after(), Some(ids[1].into()));
    assert_eq!(counters(&world), (0, 0));
}

#[test]
fn after_a_refusal_the_next_goes_on_and_what_depends_on_it_does_not() {
    let (mut world, direct) = pair();
    world.offline(0);
    let bad = world.say(0, direct, "bad");
    let react = CommandId(world.id(0));
    let action =
        Action::React { id: react, conversation: direct, message: bad, emoji: "👍".into(), on: true };
    world.done(0, action);
    world.say(0, direct, "good");
    world.relay.refuse.push_back(("send".into(), ErrorBody::new(Code::Forbidden, "no")));
    world.online(0);
    world.settle();
    assert_eq!(world.texts(1, direct), ["first", "good"]);
    assert_eq!(counters(&world), (0, 2));
    let rows = world.rows(0, direct);
    let row = rows.iter().find(|row| row.id == bad).unwrap();
    assert!(matches!(&row.state, MessageState::Failed { problem } if problem.code == "forbidden"));
    world.done(0, Action::Retry { id: bad.into() });
    world.settle();
    assert_eq!(world.texts(1, direct), ["first", "good", "bad"]);
    assert_eq!(counters(&world), (0, 0), "the reaction came along");
}

#[test]
fn what_was_handed_is_never_rewritten_and_what_was_not_is() {
    let (mut world, direct) = pair();
    world.offline(0);
    let waiting = world.say(0, direct, "typo");
    let id = CommandId(world.id(0));
    let edit = |id, message, text: &str| Action::Edit {
        id,
        conversation: direct,
        message,
        text: text.into(),
        mentions: vec![],
    };
    world.done(0, edit(id, waiting, "fixed"));
    world.online(0);
    world.exchange();
    assert!(matches!(&world.relay.log[0], Command::Send(send) if send.text == "fixed"));
    assert_eq!(world.relay.log.len(), 1);
    let handed = world.say(0, direct, "handed");
    let id = CommandId(world.id(0));
    world.done(0, edit(id, handed, "changed"));
    world.settle();
    assert!(world.relay.log.iter().all(|c| !matches!(c, Command::Send(s) if s.text == "changed")));
    assert_eq!(world.texts(1, direct), ["first", "fixed", "changed"]);
}

#[test]
fn asking_twice_with_one_id_does_nothing_twice() {
    let (mut world, direct) = pair();
    let id = MessageId(world.id(0));
    for _ in 0..2 {
        assert_eq!(world.done(0, crate::device::send(id, direct, "once")), Reply::Done);
        world.exchange();
    }
    world.settle();
    assert_eq!(world.texts(1, direct), ["first", "once"]);
}

#[test]
fn both_open_the_same_direct_conversation_while_offline() {
    let mut world = World::new(&["Alice", "Bob"]);
    world.offline(0);
    world.offline(1);
    let (a, b) = (world.direct(0, 1), world.direct(1, 0));
    assert_eq!(a, b);
    world.say(0, a, "from alice");
    world.say(1, a, "from bob");
    world.online(0);
    world.settle();
    world.online(1);
    world.settle();
    assert_eq!(world.texts(0, a), ["from alice", "from bob"]);
    assert_eq!(world.texts(1, a), world.texts(0, a));
}

#[test]
fn an_expired_token_pauses_the_outbox_and_loses_nothing() {
    let (mut world, direct) = pair();
    world.relay.refuse.push_back(("send".into(), ErrorBody::new(Code::Unauthenticated, "expired")));
    world.say(0, direct, "kept");
    world.settle();
    assert_eq!(world.texts(1, direct), ["first", "kept"]);
    assert_eq!(counters(&world), (0, 0));
}

#[test]
fn changes_of_members_are_shown_while_they_wait_and_vanish_when_they_are_refused() {
    let mut world = World::new(&["Alice", "Bob", "Cem", "Dana"]);
    let group = world.group(0, &[1, 2]);
    world.settle();
    world.offline(0);
    let users: Vec<_> = world.devices.iter().map(|device| device.user.clone()).collect();
    let shown = |world: &World| -> Vec<_> {
        let device = &world.devices[0];
        let view = device.store.views(device.key).members(group).unwrap().unwrap();
        view.members.into_iter().map(|row| (row.user.display_name, row.role, row.pending)).collect()
    };
    let before = shown(&world);
    let id = CommandId(world.id(0));
    world.done(0, Action::AddMembers { id, conversation: group, users: vec![users[3].clone()] });
    let id = CommandId(world.id(0));
    world.done(0, Action::RemoveMember { id, conversation: group, user: users[2].id });
    let id = CommandId(world.id(0));
    world.done(0, Action::SetRole { id, conversation: group, user: users[1].id, role: Role::Admin });
    let row = |name: &str, role, pending| (name.to_owned(), role, pending);
    assert_eq!(
        shown(&world),
        [
            row("Alice", Role::Owner, None),
            row("Bob", Role::Admin, Some(PendingMember::Role)),
            row("Cem", Role::Member, Some(PendingMember::Removing)),
            row("Dana", Role::Member, Some(PendingMember::Adding)),
        ]
    );
    for op in ["add_members", "remove_member", "set_role"] {
        world.relay.refuse.push_back((op.into(), ErrorBody::new(Code::Forbidden, "no")));
    }
    world.online(0);
    world.settle();
    assert_eq!(shown(&world), before);
    assert_eq!(world.devices[0].troubles.len(), 3, "and the person is told");
    let title = &world.relay.room(group).title;
    let refused = &world.devices[0].refused;
    assert!(
        matches!(
            refused.iter().map(|refused| &refused.command).collect::<Vec<_>>()[..],
            [Command::AddMembers(_), Command::RemoveMember(_), Command::SetRole(_)]
        ),
        "of what it was: {refused:?}"
    );
    assert!(refused.iter().all(|refused| refused.name == *title), "{refused:?}");
    let id = CommandId(world.id(0));
    world.done(0, Action::AddMembers { id, conversation: group, users: vec![users[3].clone()] });
    assert_eq!(shown(&world)[3], row("Dana", Role::Member, Some(PendingMember::Adding)));
    world.settle();
    assert_eq!(shown(&world)[3], row("Dana", Role::Member, None));
    assert_eq!(world.devices[0].troubles.len(), 3);
}
