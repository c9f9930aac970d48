//! The rules alone: cases that say what is meant, and properties that hold whatever is asked.

use super::groups::{self, Candidate};
use super::messages::{self, Blocks};
use super::{Change, Place, Ruling, Seat, reactions};
use confab_protocol::command::{
    AddMembers, CreateGroup, Delete, Edit, Leave, React, RemoveMember, Rename, Send, SetRole,
};
use confab_protocol::{
    Code, CommandId, Content, ConversationId, Kind, Message, MessageId, Reaction, Role, SystemEvent, UserId,
    limits,
};
use proptest::prelude::*;
use std::collections::HashMap;
use uuid::Uuid;

/// People by number: 0 is nobody.
fn user(n: u8) -> UserId {
    UserId(Uuid::from_u128(u128::from(n)))
}

fn group_id() -> ConversationId {
    ConversationId(Uuid::now_v7())
}

type Seats = HashMap<UserId, Seat<()>>;

fn seats(roles: &[Option<Role>]) -> Seats {
    let seat = |role| Seat { role, key: (), share_read: true };
    roles.iter().enumerate().map(|(at, role)| (user(at as u8 + 1), seat(*role))).collect()
}

fn place(kind: Kind, seats: &Seats) -> Place<'_, ()> {
    Place { kind, title: "Team", members: seats.values().filter(|seat| seat.role.is_some()).count(), seats }
}

fn new_id() -> CommandId {
    CommandId(Uuid::now_v7())
}

fn text(sender: u8, body: &str) -> Message {
    Message {
        id: MessageId(Uuid::now_v7()),
        seq: 4,
        rev: 9,
        sender: user(sender),
        at: 1,
        edited_at: None,
        reply_to: None,
        content: Some(Content::Text { text: body.into(), mentions: vec![] }),
        reactions: vec![],
    }
}

fn send(body: &str) -> Send {
    Send {
        command: new_id(),
        after: None,
        conversation: group_id(),
        direct_with: None,
        text: body.into(),
        mentions: vec![],
        reply_to: None,
    }
}

fn react(emoji: &str, on: bool) -> React {
    React {
        command: new_id(),
        after: None,
        conversation: group_id(),
        message: MessageId(Uuid::nil()),
        emoji: emoji.into(),
        on,
    }
}

fn code(ruling: Ruling) -> Code {
    ruling.unwrap_err().code
}

const OWNER: Option<Role> = Some(Role::Owner);
const ADMIN: Option<Role> = Some(Role::Admin);
const MEMBER: Option<Role> = Some(Role::Member);

#[test]
fn a_blocked_pair_writes_edits_and_reacts_no_more_but_may_delete_and_take_back() {
    let seats = seats(&[MEMBER, MEMBER]);
    let place = place(Kind::Direct, &seats);
    let mut mine = text(1, "hi");
    mine.reactions.push(Reaction { emoji: "👍".into(), users: vec![user(1)] });
    for blocks in [Blocks { by_peer: true, by_caller: false }, Blocks { by_peer: false, by_caller: true }] {
        assert_eq!(code(messages::send(&place, user(1), &send("hi"), None, blocks)), Code::Forbidden);
        let edit = Edit {
            command: new_id(),
            after: None,
            conversation: group_id(),
            message: mine.id,
            text: "you!".into(),
            mentions: vec![],
        };
        assert_eq!(code(messages::edit(&place, user(1), &edit, Some(&mine), blocks, 5)), Code::Forbidden);
        assert_eq!(
            code(reactions::react(&place, user(1), &react("🎉", true), Some(&mine), blocks)),
            Code::Forbidden
        );
        assert!(reactions::react(&place, user(1), &react("👍", false), Some(&mine), blocks).is_ok());
    }
    let delete = Delete { command: new_id(), after: None, conversation: group_id(), message: mine.id };
    assert!(messages::delete(&place, user(1), &delete, Some(&mine)).is_ok());
    assert_eq!(code(messages::delete(&place, user(2), &delete, Some(&mine))), Code::Forbidden);
}

#[test]
fn a_tombstone_keeps_nothing_but_its_place() {
    let seats = seats(&[OWNER, MEMBER]);
    let mut message = text(2, "secret");
    message.edited_at = Some(3);
    message.reactions.push(Reaction { emoji: "👍".into(), users: vec![user(1)] });
    let delete = Delete { command: new_id(), after: None, conversation: group_id(), message: message.id };
    let change = messages::delete(&place(Kind::Group, &seats), user(1), &delete, Some(&message)).unwrap();
    let stone = change.rewrite.unwrap();
    assert_eq!((stone.content.is_none(), stone.edited_at, stone.reactions.len()), (true, None, 0));
    assert_eq!((stone.id, stone.seq, stone.sender), (message.id, message.seq, message.sender));
    let again = messages::delete(&place(Kind::Group, &seats), user(1), &delete, Some(&stone)).unwrap();
    assert!(again.is_empty());
}

#[test]
fn reactions_have_their_bounds() {
    let seats = seats(&[MEMBER]);
    let place = place(Kind::Group, &seats);
    let of = |emoji: &str, count: u8| Reaction {
        emoji: emoji.into(),
        users: (10..10 + count).map(user).collect(),
    };
    let mut full = text(1, "hi");
    full.reactions = (0..limits::REACTION_KINDS as u32)
        .map(|n| of(&char::from_u32(0x1F600 + n).unwrap().to_string(), 1))
        .collect();
    let none = Blocks::default();
    assert_eq!(
        code(reactions::react(&place, user(1), &react("👍", true), Some(&full), none)),
        Code::LimitReached
    );
    assert!(reactions::react(&place, user(1), &react("\u{1F600}", true), Some(&full), none).is_ok());
    full.reactions = vec![of("👍", 240), of("🎉", 240), of("👀", 20)];
    assert_eq!(
        code(reactions::react(&place, user(1), &react("👍", true), Some(&full), none)),
        Code::LimitReached
    );
    let whole = Message { content: None, ..text(1, "") };
    assert_eq!(
        code(reactions::react(&place, user(1), &react("👍", true), Some(&whole), none)),
        Code::NotFound
    );
}

#[test]
fn direct_conversations_have_no_members_to_manage() {
    let seats = seats(&[MEMBER, MEMBER]);
    let place = place(Kind::Direct, &seats);
    let (command, conversation) = (new_id(), group_id());
    let leave = Leave { command, after: None, conversation };
    assert_eq!(code(groups::leave(&place, user(1), &leave)), Code::Invalid);
    let rename = Rename { command, after: None, conversation, title: "Us".into() };
    assert_eq!(code(groups::rename(&place, user(1), &rename)), Code::Invalid);
    let add = AddMembers { command, after: None, conversation, users: vec![user(3)] };
    assert_eq!(groups::wanted(&place, user(1), &add).unwrap_err().code, Code::Invalid);
}

#[test]
fn a_group_is_bounded() {
    let full: Vec<Option<Role>> = std::iter::once(OWNER).chain((1..250).map(|_| MEMBER)).collect();
    let mut seats = seats(&full);
    for n in 0..(limits::MEMBERS - full.len()) as u128 {
        seats.insert(UserId(Uuid::from_u128(1_000 + n)), Seat { role: MEMBER, key: (), share_read: true });
    }
    let place = place(Kind::Group, &seats);
    let add = |users| AddMembers { command: new_id(), after: None, conversation: group_id(), users };
    assert_eq!(groups::wanted(&place, user(1), &add(vec![user(251)])).unwrap_err().code, Code::LimitReached);
    assert_eq!(groups::wanted(&place, user(1), &add(vec![user(2), user(3)])), Ok(vec![]), "members already");
}

fn any_role() -> impl Strategy<Value = Option<Role>> {
    prop_oneof![Just(None), Just(MEMBER), Just(ADMIN)]
}

/// Someone asks for something about someone.
#[derive(Clone, Debug)]
enum Ask {
    Add(Vec<u8>),
    Remove(u8),
    Leave,
    Role(u8, Role),
    Rename(String),
    Send(String),
}

fn any_ask() -> impl Strategy<Value = (u8, Ask)> {
    let who = 1_u8..9;
    let ask = prop_oneof![
        prop::collection::vec(1_u8..9, 0..4).prop_map(Ask::Add),
        (1_u8..9).prop_map(Ask::Remove),
        Just(Ask::Leave),
        (1_u8..9, prop_oneof![Just(Role::Member), Just(Role::Admin), Just(Role::Owner)])
            .prop_map(|(n, r)| Ask::Role(n, r)),
        ".{0,6}".prop_map(Ask::Rename),
        ".{0,6}".prop_map(Ask::Send),
    ];
    (who, ask)
}

fn rule(seats: &Seats, caller: UserId, ask: &Ask) -> Ruling {
    let place = place(Kind::Group, seats);
    let (command, after, conversation) = (new_id(), None, group_id());
    match ask {
        Ask::Add(users) => {
            let users = users.iter().map(|n| user(*n)).collect();
            let wanted = groups::wanted(&place, caller, &AddMembers { command, after, conversation, users })?;
            let candidates: Vec<Candidate> = wanted
                .into_iter()
                .map(|user| Candidate { user, exists: true, blocks_caller: false })
                .collect();
            groups::add(&candidates)
        }
        Ask::Remove(n) => {
            groups::remove(&place, caller, &RemoveMember { command, after, conversation, user: user(*n) })
        }
        Ask::Leave => groups::leave(&place, caller, &Leave { command, after, conversation }),
        Ask::Role(n, role) => {
            let set = SetRole { command, after, conversation, user: user(*n), role: *role };
            groups::set_role(&place, caller, &set)
        }
        Ask::Rename(title) => {
            groups::rename(&place, caller, &Rename { command, after, conversation, title: title.clone() })
        }
        Ask::Send(body) => messages::send(&place, caller, &send(body), None, Blocks::default()),
    }
}

fn apply(seats: &mut Seats, change: &Change) {
    for (user, role) in &change.roles {
        seats.insert(*user, Seat { role: *role, key: (), share_read: true });
    }
}

proptest! {
    /// Whatever is asked by whomever: there is one owner until nobody is left, who is no member changes nothing, and a
    /// plain member changes nobody's place but their own.
    #[test]
    fn a_group_stays_in_order(roles in prop::collection::vec(any_role(), 0..6), asks in prop::collection::vec(any_ask(), 1..40)) {
        let roles: Vec<Option<Role>> = std::iter::once(OWNER).chain(roles).collect();
        let mut seats = seats(&roles);
        for (who, ask) in asks {
            let caller = user(who);
            let before = seats.get(&caller).and_then(|seat| seat.role);
            let Ok(change) = rule(&seats, caller, &ask) else { continue };
            prop_assert!(before.is_some(), "{:?} by one who is no member", ask);
            if before == MEMBER {
                prop_assert!(change.roles.iter().all(|(user, role)| *user == caller && role.is_none()));
                prop_assert!(change.title.is_none());
            }
            // What happens to a group stands in its history, and nothing stands there that did not happen.
            let tells = matches!(&change.post, Some(post) if matches!(post.content, Content::System { .. }));
            prop_assert_eq!(tells, !change.roles.is_empty() || change.title.is_some());
            apply(&mut seats, &change);
            let owners = seats.values().filter(|seat| seat.role == OWNER).count();
            let members = seats.values().filter(|seat| seat.role.is_some()).count();
            prop_assert_eq!(owners, usize::from(members > 0), "after {:?}", ask);
        }
    }

    /// Reactions stay a set: nobody twice under one emoji, no emoji without anybody, and taking back undoes putting.
    #[test]
    fn reactions_are_sets(asks in prop::collection::vec((1_u8..6, 0_usize..4, any::<bool>()), 1..60)) {
        let seats = seats(&[MEMBER; 5]);
        let place = place(Kind::Group, &seats);
        let mut message = text(1, "hi");
        for (who, which, on) in asks {
            let emoji = ["👍", "🎉", "❤️", "👩‍💻"][which];
            let change = reactions::react(&place, user(who), &react(emoji, on), Some(&message), Blocks::default()).unwrap();
            if let Some(rewrite) = change.rewrite {
                message = rewrite;
            }
            let has = message.reactions.iter().any(|r| r.emoji == emoji && r.users.contains(&user(who)));
            prop_assert_eq!(has, on);
            for reaction in &message.reactions {
                let distinct: std::collections::HashSet<_> = reaction.users.iter().collect();
                prop_assert!(!reaction.users.is_empty() && distinct.len() == reaction.users.len());
            }
        }
    }

    /// A new group has its creator as the owner and everyone once, whoever is named how often.
    #[test]
    fn a_new_group_holds_everyone_once(named in prop::collection::vec(1_u8..9, 0..20)) {
        let create = CreateGroup {
            command: new_id(),
            conversation: group_id(),
            title: "Team".into(),
            members: named.iter().map(|n| user(*n)).collect(),
        };
        let wanted = groups::wanted_at_first(user(1), &create).unwrap();
        let candidates: Vec<Candidate> =
            wanted.into_iter().map(|user| Candidate { user, exists: true, blocks_caller: false }).collect();
        let change = groups::create(user(1), &create, &candidates).unwrap();
        let mut distinct: Vec<UserId> = change.roles.iter().map(|(user, _)| *user).collect();
        prop_assert_eq!(change.roles[0], (user(1), OWNER));
        distinct.sort();
        distinct.dedup();
        prop_assert_eq!(distinct.len(), change.roles.len());
        let is_created = matches!(change.post.unwrap().content, Content::System { event: SystemEvent::Created { .. } });
        prop_assert!(is_created);
    }
}
