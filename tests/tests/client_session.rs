//! Sessions of native clients at the real relay.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use confab_client::api::{Answer, Connection, Event, Phase, Request};
use confab_protocol::{DeviceId, MessageId};
use confab_tests::{Person, TestRelay};
use uuid::Uuid;

fn devices(person: &Person) -> Vec<(DeviceId, bool)> {
    match person.ask(Request::Devices) {
        Ok(Answer::Devices(view)) => view.devices.iter().map(|d| (d.id, d.current)).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn wrong_passwords_and_taken_names_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let relay = TestRelay::start(&folder.path().join("relay"));
    let alice = Person::register(folder.path(), &relay.url(), "alice");
    let other = Person::open(&folder.path().join("elsewhere"), &relay.url(), "alice");
    let login = |password: &str| Request::Login {
        username: "alice".into(),
        password: password.into(),
        device_name: String::new(),
    };
    assert_eq!(other.ask(login("wrong password")).unwrap_err().code, "bad_credentials");
    assert_eq!(other.session().phase, Phase::SignedOut);
    let again = Request::Register {
        username: "alice".into(),
        display_name: "Alice".into(),
        password: "long enough".into(),
        device_name: String::new(),
    };
    assert_eq!(other.ask(again).unwrap_err().code, "username_taken");
    assert!(alice.signed_in());
}

#[test]
fn without_a_relay_signing_in_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut relay = TestRelay::start(&folder.path().join("relay"));
    relay.stop();
    let mut alice = Person::open(folder.path(), &relay.url(), "alice");
    assert_eq!(alice.login().unwrap_err().code, "offline");
    assert_eq!(alice.session().phase, Phase::SignedOut);
    assert_eq!(alice.ask(Request::KnownUsers).unwrap_err().code, "signed_out");
}

#[test]
fn logging_out_asks_before_it_loses_something() {
    let folder = tempfile::tempdir().unwrap();
    let mut relay = TestRelay::start(&folder.path().join("relay"));
    let mut alice = Person::register(folder.path(), &relay.url(), "alice");
    let _bob = Person::register(folder.path(), &relay.url(), "bob");
    let talk = alice.direct("bob");
    relay.stop();
    alice.until("offline", |p| p.session().connection != Connection::Online);
    alice.send(talk, "unsent");
    let logout = |discard_unsent| Request::Logout { discard_unsent };
    assert_eq!(alice.ask(logout(false)).unwrap_err().code, "unsent_work");
    assert_eq!(alice.session().unsent, 1);

    relay.start_again();
    alice.done(Request::Reconnect);
    alice.until("sent", |p| p.session().unsent == 0);
    match alice.ask(logout(false)) {
        Ok(Answer::Session(view)) => assert_eq!(view.phase, Phase::SignedOut),
        other => panic!("{other:?}"),
    }
    alice.reopen();
    assert_eq!(alice.session().phase, Phase::SignedOut);
    alice.login().unwrap();
    alice.until("the history again", |p| p.texts(talk) == ["unsent"]);
}

#[test]
fn a_log_out_without_the_relay_is_made_up_for_before_anybody_logs_in_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut relay = TestRelay::start(&folder.path().join("relay"));
    let mut phone = Person::register(folder.path(), &relay.url(), "alice");
    let mut desk = Person::open(&folder.path().join("desk"), &relay.url(), "alice");
    desk.login().unwrap();
    desk.until("online", |p| p.session().connection == Connection::Online);
    relay.stop();
    desk.until("offline", |p| p.session().connection != Connection::Online);
    desk.ask(Request::Logout { discard_unsent: false }).unwrap();
    desk.until_told(
        "that the relay does not know",
        |event| matches!(event, Event::Trouble { problem, .. } if problem.code == "logout_owed"),
    );
    desk.reopen();
    assert_eq!(desk.session().phase, Phase::SignedOut);

    relay.start_again();
    desk.login().unwrap();
    phone.done(Request::Reconnect);
    phone.until("online", |p| p.session().connection == Connection::Online);
    assert_eq!(devices(&phone).len(), 2, "the session of before is not among them");
    assert!(desk.signed_in());
}

#[test]
fn a_device_that_was_logged_out_keeps_its_work_until_the_password_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let relay = TestRelay::start(&folder.path().join("relay"));
    let mut phone = Person::register(folder.path(), &relay.url(), "alice");
    let mut bob = Person::register(folder.path(), &relay.url(), "bob");
    let talk = phone.direct("bob");
    phone.send(talk, "from the phone");
    bob.until("the first message", |p| p.texts(talk).len() == 1);

    let mut desk = Person::open(&folder.path().join("desk"), &relay.url(), "alice");
    desk.login().unwrap();
    desk.until("online", |p| p.session().connection == Connection::Online);
    let all = devices(&desk);
    assert_eq!(all.len(), 2);
    let (lost, _) = all.into_iter().find(|(_, current)| !current).unwrap();
    desk.done(Request::LogOutDevice { device: lost });

    phone.until("a login is needed", |p| p.session().phase == Phase::LoginNeeded);
    let id = MessageId(Uuid::now_v7());
    phone.send_as(id, talk, "written while logged out");
    assert_eq!(phone.texts(talk), ["from the phone", "written while logged out"]);
    phone.reopen();
    phone.until("a login is needed still", |p| p.session().phase == Phase::LoginNeeded);
    assert_eq!(phone.session().unsent, 1);

    phone.login().unwrap();
    phone.until("sent", |p| p.session().unsent == 0);
    bob.until("the second message", |p| p.texts(talk).len() == 2);
    assert_eq!(devices(&desk).len(), 2);
}

#[test]
fn one_folder_serves_two_people_in_turn() {
    let folder = tempfile::tempdir().unwrap();
    let relay = TestRelay::start(&folder.path().join("relay"));
    let mut alice = Person::register(folder.path(), &relay.url(), "alice");
    let bob = Person::register(folder.path(), &relay.url(), "bob");
    let talk = alice.direct("bob");
    alice.send(talk, "mine");
    alice.until("sent", |p| p.session().unsent == 0);
    alice.ask(Request::Logout { discard_unsent: false }).unwrap();

    let carol = Request::Register {
        username: "carol".into(),
        display_name: "Carol".into(),
        password: "the password of carol".into(),
        device_name: String::new(),
    };
    alice.ask(carol).unwrap();
    alice.until("carol is online", |p| p.session().connection == Connection::Online);
    assert_eq!(alice.me().username, "carol");
    assert!(alice.conversations().rows.is_empty());
    assert!(alice.conversation(talk).is_err());
    drop(bob);
}
