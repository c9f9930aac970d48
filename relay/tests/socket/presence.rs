//! Presence and typing: to those who asked, among those who share a conversation.

use crate::process::Process;
use crate::support::*;
use confab_protocol::command::Block;
use confab_protocol::frame::{Devices, Request};
use confab_protocol::sync::{
    FindUsers, Push, TypingRequest, UsersFound, UsersRequest, WatchRequest, Watched,
};
use confab_protocol::{Code, Command, ConversationId, Presence, UserId};

async fn watch(socket: &mut Socket, users: &[&Person], open: Option<ConversationId>) -> Vec<Presence> {
    let users = users.iter().map(|person| person.user).collect();
    let request = Request::Watch(WatchRequest { users, conversation: open });
    socket.request::<Watched>(&request).await.unwrap().presence
}

async fn presence(socket: &mut Socket) -> Presence {
    socket
        .push(|push| match push {
            Push::Presence { presence } => Some(presence[0]),
            _ => None,
        })
        .await
}

async fn typing(socket: &mut Socket, conversation: ConversationId, on: bool) {
    let request = Request::Typing(TypingRequest { conversation, on });
    socket.request::<serde_json::Value>(&request).await.unwrap();
}

fn typed(push: &Push) -> Option<(UserId, bool)> {
    match push {
        Push::Typing { user, on, .. } => Some((*user, *on)),
        _ => None,
    }
}

#[tokio::test]
async fn someone_is_online_while_any_device_is_and_away_a_moment_after_the_last() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let phone = relay.device("bob").await;
    let mut a = relay.connect(&alice).await;
    a.group("Team", &[&bob]).await;
    assert!(!watch(&mut a, &[&bob], None).await[0].online);

    let b = relay.connect(&bob).await;
    assert_eq!(presence(&mut a).await, Presence { user: bob.user, online: true, last_seen: None });
    let p = relay.connect(&phone).await;
    drop(b);
    a.settle().await;
    assert!(watch(&mut a, &[&bob], None).await[0].online, "the phone is still there");
    drop(p);
    let away = presence(&mut a).await;
    assert!(!away.online && away.last_seen.is_some(), "{away:?}");
    let now = watch(&mut a, &[&bob], None).await[0];
    assert_eq!((now.online, now.last_seen), (false, away.last_seen));
}

#[tokio::test]
async fn presence_is_told_to_nobody_who_shares_no_conversation() {
    let (_folder, relay) = relay().await;
    let (alice, eve) = (relay.person("alice").await, relay.person("eve").await);
    let _a = relay.connect(&alice).await;
    let mut e = relay.connect(&eve).await;
    assert_eq!(watch(&mut e, &[&alice], None).await, []);
    let request = Request::Users(UsersRequest { users: vec![alice.user, eve.user] });
    let users = e.request::<UsersFound>(&request).await.unwrap().users;
    assert_eq!(users.iter().map(|user| user.id).collect::<Vec<_>>(), [eve.user], "nor is the profile");
}

/// The relay dies; whoever was connected is shown as last seen when it was last alive, not as online for ever.
#[tokio::test]
async fn a_relay_that_was_killed_leaves_true_times() {
    let folder = tempfile::TempDir::new().unwrap();
    let mut relay = Process::start(folder.path());
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let (mut a, b) = (relay.connect(&alice).await, relay.connect(&bob).await);
    a.group("Team", &[&bob]).await;
    assert!(watch(&mut a, &[&bob], None).await[0].online);
    let before = now_ms();
    relay.kill();
    let killed = now_ms();
    drop((a, b));
    // As if he had been connected for an hour: only the relay's own time of life can tell that he was there since.
    let db = rusqlite::Connection::open(folder.path().join("confab.db")).unwrap();
    assert_eq!(db.execute("UPDATE users SET last_seen = last_seen - 3600000", []).unwrap(), 2);
    drop(db);
    let relay = Process::start(folder.path());
    let mut a = relay.connect(&alice).await;
    let seen = watch(&mut a, &[&bob], None).await[0];
    let at = seen.last_seen.expect("a time");
    // It notes that it is alive twice a minute.
    assert!(!seen.online && at + 60_000 > before && at <= killed, "{seen:?} {before} {killed}");
}

fn now_ms() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as u64
}

#[tokio::test]
async fn typing_reaches_those_who_have_the_conversation_open() {
    let (_folder, relay) = relay().await;
    let (alice, bob, carol, eve) = (
        relay.person("alice").await,
        relay.person("bob").await,
        relay.person("carol").await,
        relay.person("eve").await,
    );
    let mut a = relay.connect(&alice).await;
    let (mut b, mut c, mut e) =
        (relay.connect(&bob).await, relay.connect(&carol).await, relay.connect(&eve).await);
    let group = a.group("Team", &[&bob, &carol]).await;
    watch(&mut b, &[], Some(group)).await;
    watch(&mut a, &[], Some(group)).await;
    assert_eq!(watch(&mut e, &[], Some(group)).await, [], "no member: left out silently");
    typing(&mut a, group, true).await;
    assert_eq!(b.push(typed).await, (alice.user, true));
    typing(&mut a, group, false).await;
    assert_eq!(b.push(typed).await, (alice.user, false));
    for socket in [&mut a, &mut c, &mut e] {
        socket.settle().await;
        assert!(!socket.pushes.iter().any(|push| typed(push).is_some()));
    }
    assert_eq!(
        code(
            e.request::<serde_json::Value>(&Request::Typing(TypingRequest { conversation: group, on: true }))
                .await
        ),
        Code::NotFound
    );
}

/// Bob has the conversation open and watches alice; after his removal he hears neither.
#[tokio::test]
async fn removal_ends_typing_and_presence() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let (mut a, mut b) = (relay.connect(&alice).await, relay.connect(&bob).await);
    let group = a.group("Team", &[&bob]).await;
    assert_eq!(watch(&mut b, &[&alice], Some(group)).await.len(), 1);
    a.command(remove(group, &bob)).await.unwrap();
    typing(&mut a, group, true).await;
    b.settle().await;
    assert!(!b.pushes.iter().any(|push| typed(push).is_some()), "{:?}", b.pushes);
    assert_eq!(watch(&mut b, &[&alice], Some(group)).await, []);
}

#[tokio::test]
async fn devices_are_listed_with_the_present_ones() {
    let (_folder, relay) = relay().await;
    let alice = relay.person("alice").await;
    let phone = relay.device("alice").await;
    let mut a = relay.connect(&alice).await;
    let devices = a.request::<Devices>(&Request::Devices).await.unwrap().devices;
    let mut listed: Vec<_> = devices.iter().map(|d| (d.id, d.current, d.online)).collect();
    listed.sort();
    let mut expected = vec![(alice.device, true, true), (phone.device, false, false)];
    expected.sort();
    assert_eq!(listed, expected);
}

#[tokio::test]
async fn people_are_found_by_parts_of_their_names() {
    let (_folder, relay) = relay().await;
    relay.person("maria.lopez").await;
    let body = serde_json::json!({"username": "jose", "display_name": "José Ångström 山田太郎", "password": "correct horse battery"});
    relay.post("register", body).await;
    let body = serde_json::json!({"username": "yan", "display_name": "ЯНА Петрова", "password": "correct horse battery"});
    relay.post("register", body).await;
    let alice = relay.person("alice").await;
    let mut a = relay.connect(&alice).await;
    for (query, expected) in [
        ("maria", "maria.lopez"),
        ("MARIA.L", "maria.lopez"),
        ("lopez", "maria.lopez"),
        ("jos", "jose"),
        ("j", "jose"),
        ("ngstr", "jose"),
        ("山田太", "jose"),
        ("太郎", "jose"),
        ("ÅN", "jose"),
        ("an", "jose"),
        ("JOSÉ", "jose"),
        ("jose  angstrom", "jose"),
        ("lo", "maria.lopez"),
        ("Ян", "yan"),
        ("яна", "yan"),
        ("п", "yan"),
        ("ЕТРО", "yan"),
    ] {
        let request = Request::FindUsers(FindUsers { query: query.into() });
        let found = a.request::<UsersFound>(&request).await.unwrap().users;
        assert_eq!(
            found.iter().map(|user| user.username.as_str()).collect::<Vec<_>>(),
            [expected],
            "{query}"
        );
    }
    for query in ["", "  ", "zzz", "%", "_", "\"", "* OR name", "\0", &"x".repeat(5000)] {
        let request = Request::FindUsers(FindUsers { query: query.into() });
        assert_eq!(a.request::<UsersFound>(&request).await.unwrap().users, [], "{query:?}");
    }
}

#[tokio::test]
async fn the_directory_can_be_exact_or_off() {
    use confab_relay::config::{Config, Directory};
    for directory in [Directory::Exact, Directory::Off] {
        let folder = tempfile::TempDir::new().unwrap();
        let relay = TestRelay::with(Config { directory, ..Config::local(folder.path()) }).await;
        let alice = relay.person("alice").await;
        relay.person("bob").await;
        let mut a = relay.connect(&alice).await;
        let part = Request::FindUsers(FindUsers { query: "bo".into() });
        let whole = Request::FindUsers(FindUsers { query: "Bob".into() });
        if directory == Directory::Off {
            assert_eq!(code(a.request::<UsersFound>(&whole).await), Code::Forbidden);
        } else {
            assert_eq!(a.request::<UsersFound>(&part).await.unwrap().users, []);
            assert_eq!(a.request::<UsersFound>(&whole).await.unwrap().users.len(), 1);
        }
    }
}

fn blocking(user: &Person, blocked: bool) -> Command {
    Command::Block(Block { command: new_id(), user: user.user, blocked })
}

/// Alice blocks bob; both stay in a group. From then on neither learns whether the other is there, when they were, or
/// that they type; carol learns it of both. The directory does not give the block away.
#[tokio::test]
async fn who_is_blocked_sees_neither_presence_nor_typing() {
    let (_folder, relay) = relay().await;
    let (alice, bob, carol) =
        (relay.person("alice").await, relay.person("bob").await, relay.person("carol").await);
    let (mut a, mut b, mut c) =
        (relay.connect(&alice).await, relay.connect(&bob).await, relay.connect(&carol).await);
    let group = a.group("Team", &[&bob, &carol]).await;
    assert_eq!(watch(&mut b, &[&alice, &carol], Some(group)).await.len(), 2);
    assert_eq!(watch(&mut a, &[&bob], Some(group)).await.len(), 1);
    assert_eq!(watch(&mut c, &[&alice, &bob], Some(group)).await.len(), 2);
    typing(&mut a, group, true).await;
    assert_eq!(b.push(typed).await, (alice.user, true));

    a.command(blocking(&bob, true)).await.unwrap();
    let away = |user: &Person| Presence { user: user.user, online: false, last_seen: None };
    assert_eq!(presence(&mut b).await, away(&alice), "as if she had gone, and no time is told");
    assert_eq!(presence(&mut a).await, away(&bob));
    assert_eq!(c.push(typed).await, (alice.user, true), "from before the block");
    for on in [false, true] {
        typing(&mut a, group, on).await;
        assert_eq!(c.push(typed).await, (alice.user, on));
    }
    typing(&mut b, group, true).await;
    assert_eq!(c.push(typed).await, (bob.user, true));
    // She goes and comes again.
    drop(a);
    assert!(!presence(&mut c).await.online);
    let mut a = relay.connect(&alice).await;
    assert!(presence(&mut c).await.online);
    b.settle().await;
    assert!(!b.pushes.iter().any(|push| typed(push).is_some()), "{:?}", b.pushes);
    assert!(!b.pushes.iter().any(|push| matches!(push, Push::Presence { .. })), "{:?}", b.pushes);
    // Nor by asking again, on this socket or another.
    let mut again = relay.connect(&bob).await;
    for socket in [&mut b, &mut again] {
        let seen = watch(socket, &[&alice, &carol], Some(group)).await;
        assert_eq!(seen.iter().map(|seen| seen.user).collect::<Vec<_>>(), [carol.user]);
    }
    assert_eq!(watch(&mut a, &[&bob], Some(group)).await, [], "nor does she");
    typing(&mut a, group, false).await;
    typing(&mut a, group, true).await;
    again.settle().await;
    assert!(!again.pushes.iter().any(|push| typed(push).is_some()), "{:?}", again.pushes);
    let request = Request::FindUsers(FindUsers { query: "alice".into() });
    assert_eq!(b.request::<UsersFound>(&request).await.unwrap().users.len(), 1, "the profile is found");

    a.command(blocking(&bob, false)).await.unwrap();
    assert!(watch(&mut b, &[&alice], Some(group)).await[0].online);
    typing(&mut a, group, false).await;
    assert_eq!(b.push(typed).await, (alice.user, false));
}

/// Bob watches alice. She blocks him, he blocks her; each takes it back. Only when both have, each is told of the other
/// again, who had watched before as well as who asked meanwhile.
#[tokio::test]
async fn when_neither_blocks_the_other_any_more_both_are_told_without_asking() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let (mut a, mut b) = (relay.connect(&alice).await, relay.connect(&bob).await);
    let group = a.group("Team", &[&bob]).await;
    let here = |user: &Person| Presence { user: user.user, online: true, last_seen: None };
    assert_eq!(watch(&mut b, &[&alice], Some(group)).await, [here(&alice)]);
    a.command(blocking(&bob, true)).await.unwrap();
    assert!(!presence(&mut b).await.online);
    // She asks while he is blocked.
    assert_eq!(watch(&mut a, &[&bob], Some(group)).await, []);
    b.command(blocking(&alice, true)).await.unwrap();
    a.command(blocking(&bob, false)).await.unwrap();
    typing(&mut a, group, true).await;
    for socket in [&mut a, &mut b] {
        socket.settle().await;
        let told =
            socket.pushes.iter().any(|push| matches!(push, Push::Presence { .. } | Push::Typing { .. }));
        assert!(!told, "{:?}", socket.pushes);
    }
    b.command(blocking(&alice, false)).await.unwrap();
    assert_eq!(presence(&mut a).await, here(&bob));
    assert_eq!(presence(&mut b).await, here(&alice));
    typing(&mut a, group, false).await;
    assert_eq!(b.push(typed).await, (alice.user, false));
    drop(a);
    assert!(!presence(&mut b).await.online, "and of what follows");
}

/// Bob watches alice, is blocked, and leaves the only conversation that they share: that she takes the block back tells
/// him nothing.
#[tokio::test]
async fn an_unblocked_person_who_shares_no_conversation_is_told_nothing() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let (mut a, mut b) = (relay.connect(&alice).await, relay.connect(&bob).await);
    let group = a.group("Team", &[&bob]).await;
    assert_eq!(watch(&mut b, &[&alice], Some(group)).await.len(), 1);
    a.command(blocking(&bob, true)).await.unwrap();
    assert!(!presence(&mut b).await.online);
    a.command(remove(group, &bob)).await.unwrap();
    a.command(blocking(&bob, false)).await.unwrap();
    b.settle().await;
    assert!(!b.pushes.iter().any(|push| matches!(push, Push::Presence { .. })), "{:?}", b.pushes);
}
