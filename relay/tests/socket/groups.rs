//! Groups: roles, adding, removing, leaving, and what each is told.

use crate::support::*;
use confab_protocol::command::{AddMembers, Block, CreateGroup, Leave, Rename, SetRole};
use confab_protocol::sync::Push;
use confab_protocol::{Code, Command, Content, ConversationId, Role, SystemEvent, UserId};
use uuid::Uuid;

fn leave(group: ConversationId) -> Command {
    Command::Leave(Leave { command: new_id(), after: None, conversation: group })
}

fn set_role(group: ConversationId, person: &Person, role: Role) -> Command {
    Command::SetRole(SetRole { command: new_id(), after: None, conversation: group, user: person.user, role })
}

fn event(message: &confab_protocol::Message) -> SystemEvent {
    match &message.content {
        Some(Content::System { event }) => event.clone(),
        other => panic!("no event: {other:?}"),
    }
}

async fn removed(socket: &mut Socket) -> ConversationId {
    socket
        .push(|push| match push {
            Push::Removed { conversation } => Some(*conversation),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn what_happens_to_a_group_stands_in_its_history() {
    let (_folder, relay) = relay().await;
    let (alice, bob, carol) =
        (relay.person("alice").await, relay.person("bob").await, relay.person("carol").await);
    let (mut a, mut c) = (relay.connect(&alice).await, relay.connect(&carol).await);
    let group = a.group("Team", &[&bob]).await;
    let rename = Rename { command: new_id(), after: None, conversation: group, title: "Crew".into() };
    for command in [
        Command::Rename(rename),
        add(group, &[&carol, &bob]),
        set_role(group, &bob, Role::Admin),
        remove(group, &bob),
    ] {
        a.command(command).await.unwrap();
    }
    c.command(leave(group)).await.unwrap();
    let events: Vec<SystemEvent> = a.everything(group).await.iter().map(event).collect();
    assert_eq!(
        events,
        [
            SystemEvent::Created { title: "Team".into() },
            SystemEvent::Renamed { title: "Crew".into() },
            SystemEvent::Added { users: vec![carol.user] },
            SystemEvent::RoleChanged { user: bob.user, role: Role::Admin },
            SystemEvent::Removed { user: bob.user },
            SystemEvent::Left,
        ]
    );
    let (_, welcome) = relay.resume(&alice, None).await;
    let head = &welcome.page.heads[0];
    assert_eq!((head.title.as_str(), head.members, head.seq), ("Crew", 1, 6));
}

#[tokio::test]
async fn roles_say_who_may_do_what() {
    let (_folder, relay) = relay().await;
    let (owner, admin, member) =
        (relay.person("olga").await, relay.person("adam").await, relay.person("mia").await);
    let stranger = relay.person("stan").await;
    let mut o = relay.connect(&owner).await;
    let (mut a, mut m) = (relay.connect(&admin).await, relay.connect(&member).await);
    let group = o.group("Team", &[&admin, &member]).await;
    o.command(set_role(group, &admin, Role::Admin)).await.unwrap();
    let rename =
        || Command::Rename(Rename { command: new_id(), after: None, conversation: group, title: "X".into() });

    for command in
        [rename(), add(group, &[&stranger]), remove(group, &admin), set_role(group, &admin, Role::Member)]
    {
        assert_eq!(code(m.command(command).await), Code::Forbidden);
    }
    for command in [remove(group, &owner), set_role(group, &member, Role::Admin)] {
        assert_eq!(code(a.command(command).await), Code::Forbidden);
    }
    a.command(rename()).await.unwrap();
    a.command(remove(group, &member)).await.unwrap();
    assert_eq!(code(o.command(leave(group)).await), Code::Forbidden, "the owner hands over first");
    assert_eq!(code(o.command(set_role(group, &member, Role::Owner)).await), Code::NotFound, "not a member");
    let ack = o.command(set_role(group, &admin, Role::Owner)).await.unwrap();
    let roles: Vec<_> = ack.delta.unwrap().members.iter().map(|m| (m.user, m.role)).collect();
    assert_eq!(roles, [(admin.user, Some(Role::Owner)), (owner.user, Some(Role::Admin))]);
    o.command(leave(group)).await.unwrap();
    a.command(leave(group)).await.unwrap();
    assert_eq!(code(a.changes(group, 0).await), Code::NotFound, "nobody is left");
}

/// Both commands wait in one batch: the removal comes first, so what the removed one does after it is refused.
#[tokio::test]
async fn rules_see_the_earlier_commands_of_the_same_batch() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let mut a = relay.connect(&alice).await;
    let group = a.group("Team", &[]).await;
    for _ in 0..10 {
        let steps = [
            add(group, &[&bob]),
            send(group, "welcome"),
            remove(group, &bob),
            set_role(group, &bob, Role::Admin),
        ];
        let mut ids = Vec::new();
        for step in steps {
            ids.push(a.ask(&confab_protocol::frame::Request::Command(step)).await);
        }
        let mut revs = Vec::new();
        for id in &ids[..3] {
            revs.push(a.answer::<confab_protocol::Ack>(*id).await.unwrap().delta.unwrap());
        }
        assert_eq!(code(a.answer::<confab_protocol::Ack>(ids[3]).await), Code::NotFound);
        assert_eq!((revs[0].to, revs[1].to), (revs[1].from, revs[2].from));
    }
}

#[tokio::test]
async fn a_new_member_gets_a_head_and_sees_all_history() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let (mut a, mut b) = (relay.connect(&alice).await, relay.connect(&bob).await);
    let group = a.group("Team", &[]).await;
    a.send_to(group, "before bob").await;
    a.command(add(group, &[&bob])).await.unwrap();
    let head = b.head().await;
    assert_eq!((head.conversation, head.role, head.seq, head.unread), (group, Some(Role::Member), 3, 1));
    assert_eq!(b.delta().await.to, head.rev, "the push that follows leads to the head");
    assert_eq!(b.everything(group).await, a.everything(group).await);
}

#[tokio::test]
async fn a_removed_member_is_told_and_served_nothing_more() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let (mut a, mut b) = (relay.connect(&alice).await, relay.connect(&bob).await);
    let group = a.group("Team", &[&bob]).await;
    a.send_to(group, "for bob").await;
    while b.delta().await.messages.iter().all(|m| m.seq < 2) {}
    let rev = b.changes(group, 0).await.unwrap().to;
    a.command(remove(group, &bob)).await.unwrap();
    a.send_to(group, "not for bob").await;
    let rename = Rename { command: new_id(), after: None, conversation: group, title: "Secret".into() };
    a.command(Command::Rename(rename)).await.unwrap();
    assert_eq!(removed(&mut b).await, group);
    b.settle().await;
    assert!(!b.pushes.iter().any(|push| matches!(push, Push::Delta(_))), "{:?}", b.pushes);
    assert_eq!(code(b.changes(group, rev).await), Code::NotFound);

    let (_, welcome) = relay.resume(&bob, None).await;
    let head = &welcome.page.heads[0];
    assert_eq!((head.role, head.rev, head.seq, head.title.as_str()), (None, rev, 2, "Team"));
    assert_eq!((&head.last, head.members, head.unread, &head.marks[..]), (&None, 0, 0, &[][..]));

    // Back in: on from the old rev, with everything between.
    a.command(add(group, &[&bob])).await.unwrap();
    let delta = b.changes(group, rev).await.unwrap();
    assert_eq!(delta.title.as_deref(), Some("Secret"));
    assert!(delta.messages.iter().any(|m| m.seq == 4));
}

#[tokio::test]
async fn leaving_is_told_to_ones_other_devices_and_the_others() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let phone = relay.device("bob").await;
    let (mut a, mut b, mut p) =
        (relay.connect(&alice).await, relay.connect(&bob).await, relay.connect(&phone).await);
    let group = a.group("Team", &[&bob]).await;
    let ack = b.command(leave(group)).await.unwrap();
    assert_eq!((ack.delta, ack.replayed), (None, false));
    assert_eq!(removed(&mut p).await, group);
    let delta = a.delta().await;
    assert_eq!((delta.members[0].user, delta.members[0].role), (bob.user, None));
    b.settle().await;
    assert!(!b.pushes.iter().any(|push| matches!(push, Push::Removed { .. })), "the answer says it");
}

#[tokio::test]
async fn who_has_blocked_someone_is_not_added_by_them() {
    let (_folder, relay) = relay().await;
    let (alice, bob, carol) =
        (relay.person("alice").await, relay.person("bob").await, relay.person("carol").await);
    let (mut a, mut b) = (relay.connect(&alice).await, relay.connect(&bob).await);
    b.command(Command::Block(Block { command: new_id(), user: alice.user, blocked: true })).await.unwrap();
    let group = a.group("Team", &[]).await;
    assert_eq!(code(a.command(add(group, &[&carol, &bob])).await), Code::Forbidden);
    let (_, welcome) = relay.resume(&carol, None).await;
    assert!(welcome.page.heads.is_empty(), "the whole command is refused");
    let (_, welcome) = relay.resume(&bob, None).await;
    assert_eq!(welcome.blocked, [alice.user]);
}

#[tokio::test]
async fn bounds_and_nonsense_are_refused_without_a_trace() {
    let (_folder, relay) = relay().await;
    let alice = relay.person("alice").await;
    let mut a = relay.connect(&alice).await;
    let group = a.group("Team", &[]).await;
    let create = CreateGroup {
        command: new_id(),
        conversation: ConversationId(Uuid::now_v7()),
        title: "New".into(),
        members: vec![],
    };
    let many: Vec<UserId> = (0..201).map(|_| UserId(Uuid::now_v7())).collect();
    let cases = [
        (Command::CreateGroup(CreateGroup { title: " \u{200B}".into(), ..create.clone() }), Code::Invalid),
        (Command::CreateGroup(CreateGroup { title: "x".repeat(129), ..create.clone() }), Code::Invalid),
        (
            Command::CreateGroup(CreateGroup {
                conversation: ConversationId(Uuid::new_v4()),
                ..create.clone()
            }),
            Code::Invalid,
        ),
        (Command::CreateGroup(CreateGroup { conversation: group, ..create.clone() }), Code::IdReused),
        (Command::CreateGroup(CreateGroup { members: many.clone(), ..create.clone() }), Code::LimitReached),
        (Command::CreateGroup(CreateGroup { members: many[..1].to_vec(), ..create.clone() }), Code::NotFound),
        (
            Command::AddMembers(AddMembers {
                command: new_id(),
                after: None,
                conversation: group,
                users: many,
            }),
            Code::LimitReached,
        ),
    ];
    for (command, expected) in cases {
        assert_eq!(code(a.command(command.clone()).await), expected, "{command:?}");
    }
    assert_eq!(code(a.changes(create.conversation, 0).await), Code::NotFound);
    a.command(Command::CreateGroup(create)).await.unwrap();
    assert_eq!(a.everything(group).await.len(), 1);
}
