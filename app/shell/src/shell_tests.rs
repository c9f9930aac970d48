use super::*;
use crate::vault::KeychainError;
use confab_client::api::{Connection, Phase, SessionView, Storage};
use confab_client::native::DATABASE;
use confab_protocol::{ConversationId, MessageId, User, UserId};
use confab_store::view::ConversationsView;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use tokio::runtime::Runtime;
use uuid::Uuid;

/// There is no keychain.
struct Nowhere;

impl Keychain for Nowhere {
    fn get(&self) -> Result<Option<Vec<u8>>, KeychainError> {
        Err(KeychainError::Missing("no keychain here".into()))
    }

    fn put(&self, _secret: &[u8]) -> Result<(), KeychainError> {
        Err(KeychainError::Missing("no keychain here".into()))
    }
}

/// Nobody is there.
const RELAY: &str = "http://127.0.0.1:9";

fn open(folder: &Path) -> (Runtime, Shell, Receiver<Told>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (tell, told) = channel();
    let shell = Shell::open(
        folder.to_owned(),
        Box::new(Nowhere),
        SystemView::default(),
        runtime.handle().clone(),
        move |t| {
            let _ = tell.send(t);
        },
    );
    (runtime, shell.unwrap(), told)
}

fn add(runtime: &Runtime, shell: &Shell, relay: &str) -> Result<AccountNumber, Problem> {
    let asked = runtime.block_on(shell.request(ShellRequest::AddAccount { relay: relay.into() }));
    match asked? {
        ShellAnswer::View(view) => Ok(view.selected.unwrap()),
        other => panic!("{other:?}"),
    }
}

fn selected_on_disk(folder: &Path) -> Option<u64> {
    let bytes = std::fs::read(folder.join("accounts.json")).unwrap();
    serde_json::from_slice::<serde_json::Value>(&bytes).unwrap()["selected"].as_u64()
}

#[test]
fn an_empty_place_that_is_asked_for_again_is_selected_and_not_followed_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (runtime, shell, _told) = open(folder.path());
    let first = add(&runtime, &shell, RELAY).unwrap();
    let other = add(&runtime, &shell, "http://127.0.0.2:9").unwrap();
    // Each follower is a task for as long as its client lives.
    let followers = || runtime.metrics().num_alive_tasks();
    let before = followers();
    assert_eq!(selected_on_disk(folder.path()), Some(other.into()));
    assert_eq!(add(&runtime, &shell, RELAY).unwrap(), first);
    assert_eq!(followers(), before);
    assert_eq!(selected_on_disk(folder.path()), Some(first.into()));
    shell.close();
}

#[test]
fn a_place_that_could_not_be_kept_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let (runtime, shell, _told) = open(folder.path());
    // A folder in the way of the list.
    let list = folder.path().join("accounts.json");
    std::fs::create_dir_all(list.join("in the way")).unwrap();
    assert_eq!(add(&runtime, &shell, RELAY).unwrap_err().code, "storage");
    assert!(shell.view().accounts.is_empty());
    std::fs::remove_dir_all(&list).unwrap();
    add(&runtime, &shell, RELAY).unwrap();
    assert_eq!(shell.view().accounts.len(), 1);
    shell.close();
}

#[test]
fn the_notices_of_an_account_go_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let (runtime, shell, told) = open(folder.path());
    let gone = add(&runtime, &shell, RELAY).unwrap();
    let stays = add(&runtime, &shell, "http://127.0.0.2:9").unwrap();
    let conversations: Vec<_> = (1..=2).map(|n| ConversationId(Uuid::from_u128(n))).collect();
    for (account, conversation) in conversations.iter().flat_map(|one| [(gone, *one), (stays, *one)]) {
        shell.hear(account, incoming(conversation));
    }
    let _ = told.try_iter().count();
    runtime.block_on(shell.request(ShellRequest::RemoveAccount { account: gone })).unwrap();
    let all: Vec<_> = conversations.iter().map(|one| About { account: gone, conversation: *one }).collect();
    assert_eq!(seen(&told), all);
    shell.close();
}

fn seen(told: &Receiver<Told>) -> Vec<About> {
    told.try_iter().filter_map(|told| if let Told::Seen(about) = told { Some(about) } else { None }).collect()
}

fn incoming(conversation: ConversationId) -> Event {
    Event::Incoming {
        conversation,
        title: "Harbour crew".into(),
        message: MessageId(Uuid::from_u128(7)),
        sender_name: "Éva".into(),
        text: "The tide is early".into(),
        mention: false,
        notify: true,
    }
}

#[test]
fn a_place_whose_rescue_was_interrupted_is_not_forgotten() {
    for interrupted in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let (runtime, shell, _told) = open(folder.path());
        let account = add(&runtime, &shell, RELAY).unwrap();
        shell.close();
        drop((shell, runtime));
        let database = folder.path().join("accounts").join(account.to_string()).join(DATABASE);
        assert!(database.exists());
        if interrupted {
            // As between the two renames of a rescue.
            std::fs::rename(&database, database.with_file_name(format!("{DATABASE}.rescue"))).unwrap();
        }
        let (_runtime, shell, _told) = open(folder.path());
        assert_eq!(shell.view().accounts.len(), usize::from(interrupted));
        assert_eq!(database.exists(), interrupted);
        shell.close();
    }
}

#[test]
fn of_two_settings_the_one_asked_for_last_stands_whichever_is_waited_for_first() {
    let folder = tempfile::tempdir().unwrap();
    let (runtime, shell, _told) = open(folder.path());
    let zoom = |zoom| {
        shell.request(ShellRequest::Set {
            settings: SettingsPatch { zoom: Some(zoom), ..SettingsPatch::default() },
        })
    };
    let (first, last) = (zoom(1.1), zoom(1.25));
    runtime.block_on(last).unwrap();
    runtime.block_on(first).unwrap();
    assert!((shell.settings().zoom - 1.25).abs() < f64::EPSILON, "{}", shell.settings().zoom);
}

fn session(user: Option<User>) -> SessionView {
    SessionView {
        phase: if user.is_some() { Phase::SignedIn } else { Phase::SignedOut },
        user,
        device: None,
        relay: RELAY.into(),
        connection: Connection::Offline,
        retry_at: None,
        problem: None,
        behind: 0,
        unsent: 0,
        failed: 0,
        storage: Storage::Persistent,
        share_read: true,
        blocked: Vec::new(),
    }
}

#[test]
fn whoever_logged_out_leaves_no_notice_standing() {
    let folder = tempfile::tempdir().unwrap();
    let (runtime, shell, told) = open(folder.path());
    let account = add(&runtime, &shell, RELAY).unwrap();
    let user = User {
        id: UserId(Uuid::from_u128(1)),
        username: "eva".into(),
        display_name: "Éva".into(),
        deleted: false,
    };
    shell.signed(account, &session(Some(user.clone())));
    let conversation = ConversationId(Uuid::from_u128(1));
    shell.hear(account, incoming(conversation));
    shell.signed(account, &session(Some(user)));
    assert_eq!(seen(&told), []);
    shell.signed(account, &session(None));
    assert_eq!(seen(&told), [About { account, conversation }]);
    shell.close();
}

#[test]
fn what_is_read_elsewhere_is_withdrawn_when_the_list_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let (runtime, shell, told) = open(folder.path());
    let account = add(&runtime, &shell, RELAY).unwrap();
    let conversation = ConversationId(Uuid::from_u128(1));
    shell.hear(account, incoming(conversation));
    // Nothing of it is in the list: for the notice that is as if it had been read.
    let read = ConversationsView { rows: Vec::new(), unread_conversations: 0, stale_at: None };
    shell.read_elsewhere(account, &read);
    assert_eq!(seen(&told), [About { account, conversation }]);
    shell.close();
}

#[test]
fn an_account_whose_screen_has_gone_is_notified_of_again() {
    let folder = tempfile::tempdir().unwrap();
    let (runtime, shell, _told) = open(folder.path());
    let shown = add(&runtime, &shell, RELAY).unwrap();
    let other = add(&runtime, &shell, "http://127.0.0.2:9").unwrap();
    let conversation = ConversationId(Uuid::from_u128(1));
    let watch = |account, conversation| {
        drop(shell.ask(account, Request::Watch { conversation, users: Vec::new() }));
        shell.inside().attention.open
    };
    let about = About { account: shown, conversation };
    assert_eq!(watch(shown, Some(conversation)), Some(about));
    assert_eq!(watch(other, None), Some(about), "another account's screen");
    assert_eq!(watch(shown, None), None);
    shell.close();
}

#[test]
fn on_a_full_disk_another_account_is_shown_all_the_same_and_whoever_asked_hears_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let (runtime, shell, told) = open(folder.path());
    let first = add(&runtime, &shell, RELAY).unwrap();
    let other = add(&runtime, &shell, "http://127.0.0.2:9").unwrap();
    // A folder in the way of the list.
    std::fs::create_dir_all(folder.path().join("accounts.new")).unwrap();
    let ask = |request| {
        let _ = told.try_iter().count();
        let asked = runtime.block_on(shell.request(request));
        let changed = told.try_iter().any(|told| matches!(told, Told::Shell(ShellEvent::Changed)));
        (asked.unwrap_err().code, changed, shell.view().selected)
    };
    let storage = |selected| ("storage".to_owned(), true, Some(selected));
    assert_eq!(ask(ShellRequest::Select { account: first }), storage(first));
    // A place there that is empty is selected instead of a new one.
    let relay = "http://127.0.0.2:9".to_owned();
    assert_eq!(ask(ShellRequest::AddAccount { relay }), storage(other));
    assert_eq!(ask(ShellRequest::RemoveAccount { account: first }), storage(other));
    assert_eq!(shell.view().accounts.len(), 1);
    shell.close();
}

#[test]
fn a_damaged_database_that_was_set_aside_outlives_its_account() {
    let folder = tempfile::tempdir().unwrap();
    let (runtime, shell, _told) = open(folder.path());
    let account = add(&runtime, &shell, RELAY).unwrap();
    shell.close();
    drop((shell, runtime));
    let database = folder.path().join("accounts").join(account.to_string()).join(DATABASE);
    let damaged = "this is no database ".repeat(1000);
    std::fs::write(&database, &damaged).unwrap();
    let aside = database.with_file_name(format!("{DATABASE}.damaged-1"));
    // It is found damaged at the first of these starts; nobody is in the new one at any of the others.
    for _ in 0..3 {
        let (_runtime, shell, _told) = open(folder.path());
        assert_eq!(shell.view().accounts.len(), 1);
        assert_eq!(std::fs::read_to_string(&aside).unwrap(), damaged);
        shell.close();
    }
    let (runtime, shell, _told) = open(folder.path());
    runtime.block_on(shell.request(ShellRequest::RemoveAccount { account })).unwrap();
    assert!(!database.parent().unwrap().exists());
    let kept = folder.path().join("damaged").join(account.to_string()).join(aside.file_name().unwrap());
    assert_eq!(std::fs::read_to_string(kept).unwrap(), damaged);
    shell.close();
}
