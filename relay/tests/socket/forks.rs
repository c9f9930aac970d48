//! What a device has seen, beside what the relay has: crashes, restored backups, tokens of other histories.

use crate::support::*;
use confab_protocol::command::{Block, Hide, Leave, SetNotify, SetProfile};
use confab_protocol::sync::Seen;
use confab_protocol::{Code, Command, Notify, NotifyLevel, Retry};
use confab_relay::backup::{backup, restore};

/// A client that has seen more than the relay has: a backup was put back.
#[tokio::test]
async fn a_client_ahead_of_the_relay_is_told_to_fetch_anew() {
    let (_folder, relay) = relay().await;
    let alice = relay.person("alice").await;
    let mut a = relay.connect(&alice).await;
    let group = a.group("Team", &[]).await;
    let error = a.changes(group, 1_000).await.unwrap_err();
    assert_eq!((error.code, error.retry), (Code::Invalid, Retry::Resync));
}

#[tokio::test]
async fn tokens_of_other_histories_are_forks_and_those_of_earlier_runs_are_not() {
    let (folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let mut a = relay.connect(&alice).await;
    let group = a.group("Team", &[&bob]).await;
    let (_, welcome) = relay.resume(&bob, None).await;
    let earlier = welcome.page.token.unwrap();
    drop(a);
    relay.stop().await;

    let relay = TestRelay::start(folder.path()).await;
    let (_, welcome) = relay.resume(&bob, Some(earlier.clone())).await;
    assert!(!welcome.page.fork, "a restart is no fork");
    assert!(welcome.page.heads.is_empty(), "and costs nothing");
    for unknown in ["", "nonsense", &"A".repeat(32), &format!("{}{}", &earlier[..22], "_".repeat(10))] {
        let (_, welcome) = relay.resume(&bob, Some(unknown.into())).await;
        assert!(welcome.page.fork, "{unknown}");
        assert_eq!(welcome.page.heads[0].conversation, group, "a fork lists everything");
    }
    relay.stop().await;
}

/// A backup is taken, the relay goes on, the backup is put back: tokens from after it are forks, the same revs have
/// other lineages, and what vanished can be sent again under its id.
#[tokio::test]
async fn a_restored_backup_is_seen_as_a_fork() {
    let (folder, relay) = relay().await;
    let alice = relay.person("alice").await;
    let mut a = relay.connect(&alice).await;
    let group = a.group("Team", &[]).await;
    let old_token = relay.resume(&alice, None).await.1.page.token;
    let database = folder.path().join("confab.db");
    let copy = folder.path().join("copy.db");
    backup(&database, &copy).unwrap();

    let before = a.send_to(group, "after the backup, in the same run").await;
    assert_eq!(before.seq, Some(2));
    let lost = send(group, "also lost");
    let first = a.command(lost.clone()).await.unwrap().delta.unwrap();
    let (_, welcome) = relay.resume(&alice, None).await;
    let token = welcome.page.token;
    drop(a);
    relay.stop().await;
    restore(folder.path(), &database, &copy).unwrap();

    let relay = TestRelay::start(folder.path()).await;
    let (mut a, welcome) = relay.resume(&alice, token).await;
    assert!(welcome.page.fork);
    let (_, welcome) = relay.resume(&alice, old_token).await;
    assert!(!welcome.page.fork, "the backup has all that this token speaks of");
    a.send_to(group, "another history").await;
    let ack = a.command(lost).await.unwrap();
    assert_eq!((ack.seq, ack.rev, ack.replayed), (Some(3), Some(first.to), false));
    assert_ne!(ack.delta.unwrap().lineage, first.lineage, "the same rev of another history");
}

/// Whatever a device was told, by pushes, acknowledgements or pages, since its token: it knows a relay that was killed
/// and has it all from one whose files were put back, with and without `relay restore`.
#[tokio::test]
async fn what_a_device_has_seen_tells_a_crash_from_a_fork() {
    let (folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let mut a = relay.connect(&alice).await;
    let group = a.group("Team", &[&bob]).await;
    let (mut b, welcome) = relay.resume(&bob, None).await;
    let (run, token) = (welcome.run, welcome.page.token);
    let database = folder.path().join("confab.db");
    let copy = folder.path().join("copy.db");
    a.send_to(group, "in the backup").await;
    b.delta().await;
    let before = Seen { run, commit: b.commit };
    backup(&database, &copy).unwrap();
    a.send_to(group, "after the backup").await;
    b.delta().await;
    let pushed = Seen { run, commit: b.commit };
    assert!(before.commit < pushed.commit);
    assert_eq!(a.commit, pushed.commit, "the acknowledgement states the same");
    let mut other = relay.resume(&bob, None).await.0;
    other.changes(group, 0).await.unwrap();
    assert!(other.commit >= pushed.commit, "and so do pages");
    drop((a, b, other));
    relay.stop().await;

    let relay = TestRelay::start(folder.path()).await;
    for seen in [before, pushed] {
        assert!(!relay.fork(&bob, token.clone(), seen).await, "a restart is no fork");
    }
    let later = relay.resume(&bob, None).await.1;
    let (later_token, later) = (later.page.token, Seen { run: later.run, commit: 0 });
    relay.stop().await;

    // By hand, into another folder: the relay that starts there knows of nothing but what lies there.
    let moved = tempfile::TempDir::new().unwrap();
    std::fs::copy(&copy, moved.path().join("confab.db")).unwrap();
    std::fs::copy(folder.path().join("secret"), moved.path().join("secret")).unwrap();
    let relay = TestRelay::start(moved.path()).await;
    assert!(!relay.fork(&bob, token.clone(), before).await, "it has all that this device has seen");
    assert!(relay.fork(&bob, token.clone(), pushed).await, "a push brought more than the backup has");
    assert!(relay.fork(&bob, token, later).await, "the backup does not know that run");
    assert!(relay.fork(&bob, later_token, before).await);
    relay.stop().await;
}

/// Else a backup from just before would pass for the past, and what the device was told would be lost in silence.
#[tokio::test]
async fn acknowledgements_without_a_delta_state_their_commit_too() {
    let (_folder, relay) = relay().await;
    let (alice, bob) = (relay.person("alice").await, relay.person("bob").await);
    let (mut a, mut b) = (relay.connect(&alice).await, relay.connect(&bob).await);
    let group = a.group("Team", &[&bob]).await;
    b.settle().await;
    let notify = Notify { level: NotifyLevel::Nothing, muted_until: 0 };
    let commands = [
        Command::Hide(Hide { command: new_id(), conversation: group, hidden_seq: 1 }),
        Command::SetNotify(SetNotify { command: new_id(), conversation: group, notify }),
        Command::Block(Block { command: new_id(), user: alice.user, blocked: true }),
        Command::SetProfile(SetProfile { command: new_id(), display_name: None, share_read: Some(false) }),
        Command::Leave(Leave { command: new_id(), after: None, conversation: group }),
    ];
    for command in commands {
        let before = b.commit;
        b.command(command.clone()).await.unwrap();
        assert!(b.commit > before, "{command:?}");
        let stated = std::mem::take(&mut b.commit);
        assert!(b.command(command).await.unwrap().replayed);
        assert_eq!(b.commit, 0, "what is sent again stores nothing");
        b.commit = stated;
    }
}
