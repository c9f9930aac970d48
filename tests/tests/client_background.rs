//! An app that goes to the background, as phones have it, with the real relay on the other side.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use confab_client::api::{Answer, Connection, Request};
use confab_tests::{Person, TestRelay};

fn online(watcher: &Person) -> bool {
    match watcher.ask(Request::Presence) {
        Ok(Answer::Presence(view)) => view.users.iter().any(|one| one.online),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_socket_is_handed_back_and_everything_is_there_on_coming_back() {
    let folder = tempfile::tempdir().unwrap();
    let relay = TestRelay::start(&folder.path().join("relay"));
    let mut alice = Person::register(folder.path(), &relay.url(), "alice");
    let mut bob = Person::register(folder.path(), &relay.url(), "bob");
    let talk = alice.direct("bob");
    alice.done(Request::Watch { conversation: Some(talk), users: vec![bob.me().id] });
    alice.send(talk, "one");
    bob.until("the message", |p| p.texts(talk) == ["one"]);
    alice.until("bob is there", online);

    // What was sent just before still goes out.
    bob.send(talk, "two");
    bob.pause();
    alice.until("bob's last word", |p| p.texts(talk) == ["one", "two"]);
    alice.until("bob is gone", |p| !online(p));
    bob.until("no connection", |p| p.session().connection == Connection::Offline);
    assert_eq!(bob.session().retry_at, None, "nor a try for one");

    alice.send(talk, "three");
    alice.until("stored", |p| p.unsent() == 0);
    // In a notification one can answer without opening the app.
    bob.send(talk, "four");
    assert_eq!(bob.texts(talk), ["one", "two", "four"]);

    bob.resume();
    bob.until("all of it", |p| p.texts(talk) == ["one", "two", "three", "four"] && p.unsent() == 0);
    alice.until("each once", |p| p.texts(talk) == ["one", "two", "three", "four"]);
    alice.until("bob is back", online);
}

#[test]
fn an_app_that_is_opened_in_the_background_waits() {
    let folder = tempfile::tempdir().unwrap();
    let relay = TestRelay::start(&folder.path().join("relay"));
    let mut alice = Person::register(folder.path(), &relay.url(), "alice");
    alice.pause();
    alice.until("no connection", |p| p.session().connection == Connection::Offline);
    // A new session in the background does not open a socket either.
    alice.login().unwrap();
    assert_eq!(alice.session().connection, Connection::Offline);
    alice.resume();
    alice.until("online", |p| p.session().connection == Connection::Online);
}
