use super::{Bench, NOW, changes, message, page};
use crate::store::Store;
use crate::store::accounts::NewUser;
use crate::store::chat::Left;
use confab_protocol::{CommandId, Content, Kind, Message, Reaction, Role, RunId, SystemEvent, UserId};
use uuid::Uuid;

pub(super) fn messages_read_back_as_they_were_written(store: &dyn Store) {
    let bench = Bench::new(store);
    let (alice, a, _) = bench.person("alice");
    let (bob, b, _) = bench.person("bob");
    let mut row = bench.conversation(Kind::Group, &[a, b]);
    let mut written = bench.write(&mut row, alice, &["", "a\u{1}\"\\ \u{1F600}", &"x".repeat(16 * 1024)]);
    row.seq += 1;
    row.rev += 1;
    let mut full = message(&row, bob, "@alice");
    full.reply_to = Some(confab_protocol::model::ReplyTo { id: written[0].id, seq: 1 });
    full.content = Some(Content::Text { text: "@alice".into(), mentions: vec![alice, bob] });
    row.seq += 1;
    row.rev += 1;
    let mut event = message(&row, bob, "");
    event.content = Some(Content::System { event: SystemEvent::Added { users: vec![alice, bob] } });
    bench.batch(|writes| {
        writes.insert_message(row.key, &full, Some([4; 16])).unwrap();
        writes.insert_message(row.key, &event, None).unwrap();
        full.edited_at = Some(NOW + 1);
        full.rev = row.rev + 1;
        full.reactions = vec![
            Reaction { emoji: "👩‍💻".into(), users: vec![bob, alice] },
            Reaction { emoji: "👍".into(), users: vec![alice] },
        ];
        writes.save_message(row.key, &full).unwrap();
        written[0].content = None;
        written[0].rev = row.rev + 2;
        writes.save_message(row.key, &written[0]).unwrap();
        row.rev += 2;
        writes.save_conversation(&row).unwrap();
    });
    written.extend([full, event]);
    let read = bench.reader().history(&row, &page(row.id), 100).unwrap();
    assert_eq!(read.messages, written);
    let mut by_rev = written.clone();
    by_rev.sort_by_key(|message| message.rev);
    assert_eq!(changes(&*bench.reader(), &row, 0, None, 100).messages, by_rev);
    assert_eq!(bench.writes.message(row.key, written[3].id).unwrap().as_ref(), Some(&written[3]));
    let other = bench.conversation(Kind::Group, &[a]);
    assert_eq!(bench.writes.message(other.key, written[3].id).unwrap(), None, "not of that conversation");
}

pub(super) fn ids_are_unique_for_ever(store: &dyn Store) {
    let bench = Bench::new(store);
    let (alice, a, _) = bench.person("alice");
    let mut row = bench.conversation(Kind::Group, &[a]);
    let written = bench.write(&mut row, alice, &["one"]);
    let doubled = Message { seq: 2, rev: 9, ..written[0].clone() };
    bench.writes.begin().unwrap();
    assert!(bench.writes.insert_message(row.key, &doubled, None).is_err());
    bench.writes.rollback();
    let known = bench.writes.known_command(written[0].id.into()).unwrap().unwrap();
    assert_eq!((known.user, known.fingerprint), (a, Some([3; 16])));
    assert_eq!((known.seq, known.rev), (Some(1), Some(written[0].rev)));
    // The first result stays though the row moves on.
    bench.batch(|writes| {
        writes.save_message(row.key, &Message { rev: 99, ..written[0].clone() }).unwrap();
        writes.record_command(CommandId(Uuid::from_u128(5)), a, [5; 16], Some(7)).unwrap();
    });
    assert_eq!(bench.writes.known_command(written[0].id.into()).unwrap().unwrap().rev, known.rev);
    let command = bench.writes.known_command(CommandId(Uuid::from_u128(5))).unwrap().unwrap();
    assert_eq!((command.fingerprint, command.seq, command.rev), (Some([5; 16]), None, Some(7)));
    assert_eq!(bench.writes.known_command(CommandId(Uuid::from_u128(6))).unwrap(), None);
}

pub(super) fn what_is_undone_leaves_no_trace(store: &dyn Store) {
    let bench = Bench::new(store);
    let (alice, a, _) = bench.person("alice");
    let mut row = bench.conversation(Kind::Group, &[a]);
    let run = RunId(Uuid::from_u128(1));
    let before = bench.writes.run_end(run).unwrap().unwrap();
    bench.writes.begin().unwrap();
    row.seq = 1;
    row.rev += 1;
    bench.writes.insert_message(row.key, &message(&row, alice, "gone"), None).unwrap();
    bench.writes.take_commits(before + 1).unwrap();
    bench.writes.rollback();
    assert_eq!(bench.writes.run_end(run).unwrap(), Some(before));

    // A user who was undone does not lend their row to the next one.
    bench.writes.begin().unwrap();
    let user = |n: u128, name: &str| NewUser {
        id: UserId(Uuid::from_u128(n)),
        username: name.into(),
        display_name: name.into(),
        password: String::new(),
        created_at: NOW,
    };
    bench.writes.savepoint().unwrap();
    assert!(bench.writes.add_user(&user(70, "ghost")).unwrap());
    let ghost = bench.writes.user(UserId(Uuid::from_u128(70))).unwrap().unwrap();
    bench.writes.save_member(row.key, ghost.key, Some(Role::Member), 50, 2, &Left::default()).unwrap();
    bench.writes.undo();
    bench.writes.savepoint().unwrap();
    assert!(bench.writes.add_user(&user(71, "carol")).unwrap());
    bench.writes.release().unwrap();
    bench.writes.commit().unwrap();
    assert!(bench.writes.user(UserId(Uuid::from_u128(70))).unwrap().is_none());
    let members: Vec<UserId> = bench.writes.members(row.key).unwrap().iter().map(|m| m.user).collect();
    assert_eq!(members, [alice]);
}

pub(super) fn a_read_sees_one_state(store: &dyn Store) {
    let bench = Bench::new(store);
    let (alice, a, _) = bench.person("alice");
    let mut row = bench.conversation(Kind::Group, &[a]);
    let reads = bench.reader();
    reads.begin_read().unwrap();
    assert_eq!(reads.member_of(a, row.id).unwrap().unwrap().seq, 0);
    reads.end_read();
    bench.write(&mut row, alice, &["new"]);
    reads.begin_read().unwrap();
    assert_eq!(reads.member_of(a, row.id).unwrap().unwrap().seq, 1);
    reads.end_read();
}
