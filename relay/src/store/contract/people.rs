use super::{Bench, NOW};
use crate::store::Store;
use crate::store::chat::{ConversationKey, Left};
use confab_protocol::{Kind, Mark, Message, Notify, NotifyLevel, RunId, limits};
use uuid::Uuid;

pub(super) fn heads_tell_each_member_their_own(store: &dyn Store) {
    let bench = Bench::new(store);
    let (alice, a, _) = bench.person("alice");
    let (bob, b, _) = bench.person("bob");
    let (_, stranger, _) = bench.person("stan");
    let mut row = bench.conversation(Kind::Direct, &[a, b]);
    let written = bench.write(&mut row, alice, &["one", "two", "three"]);
    bench.batch(|writes| {
        let two = Message { content: None, ..written[1].clone() };
        writes.save_message(row.key, &two).unwrap();
        assert_eq!(
            writes.advance_mark(row.key, b, 1, 2, 2).unwrap(),
            Some(Mark { user: bob, read: 1, delivered: 2 })
        );
        assert_eq!(writes.advance_mark(row.key, b, 1, 1, 3).unwrap(), None, "marks only grow");
        writes.set_mention(row.key, b, 3).unwrap();
        writes.set_mention(row.key, b, 2).unwrap();
        writes.set_hidden(row.key, b, 2, 3).unwrap();
        let notify = Notify { level: NotifyLevel::Mentions, muted_until: 9 };
        writes.set_notify(row.key, b, notify, 3).unwrap();
    });
    let reads = bench.reader();
    let mine = reads.head(b, row.key).unwrap().unwrap();
    assert_eq!((mine.read, mine.delivered, mine.unread), (1, 2, 1), "the tombstone does not count");
    assert_eq!((mine.mention_seq, mine.hidden_seq, mine.peer), (3, 2, Some(alice)));
    assert_eq!(mine.notify, Notify { level: NotifyLevel::Mentions, muted_until: 9 });
    assert_eq!(mine.lineage, "ffffffffffffffff");
    assert_eq!(mine.last.as_ref(), Some(&written[2]));
    let theirs = reads.head(a, row.key).unwrap().unwrap();
    assert_eq!((theirs.unread, theirs.peer), (0, Some(bob)));
    assert_eq!(theirs.notify, Notify::default(), "it is nobody else's");
    assert_eq!(theirs.marks, [Mark { user: bob, read: 1, delivered: 2 }]);
    bench.batch(|writes| writes.save_profile(b, "BOB", false, 4).unwrap());
    let theirs = reads.head(a, row.key).unwrap().unwrap();
    assert_eq!(theirs.marks, [Mark { user: bob, read: 0, delivered: 2 }], "bob does not tell any more");
    assert_eq!(reads.head(stranger, row.key).unwrap(), None);
    assert!(reads.member_of(b, row.id).unwrap().is_some());
    assert!(reads.member_of(stranger, row.id).unwrap().is_none());
}

pub(super) fn unread_stops_at_its_limit(store: &dyn Store) {
    let bench = Bench::new(store);
    let (alice, a, _) = bench.person("alice");
    let (_, b, _) = bench.person("bob");
    let mut row = bench.conversation(Kind::Group, &[a, b]);
    bench.write(&mut row, alice, &["x"; limits::UNREAD as usize + 20]);
    assert_eq!(bench.reader().head(b, row.key).unwrap().unwrap().unread, limits::UNREAD);
    assert_eq!(bench.reader().head(a, row.key).unwrap().unwrap().unread, 0);
}

pub(super) fn a_run_that_died_leaves_true_times(store: &dyn Store) {
    let bench = Bench::new(store);
    let (alice, a, device) = bench.person("alice");
    let (bob, b, phone) = bench.person("bob");
    bench.conversation(Kind::Group, &[a, b]);
    let session = |user, device| bench.reader().caller(user, device).unwrap().unwrap().session;
    let (hers, his) = (session(alice, device), session(bob, phone));
    bench.batch(|writes| {
        writes.set_present(hers, a).unwrap();
        writes.set_present(his, b).unwrap();
        writes.set_gone(his, b, NOW + 1_000).unwrap();
        writes.set_alive(NOW + 30_000).unwrap();
    });
    bench.batch(|writes| writes.begin_run(RunId(Uuid::from_u128(9)), NOW + 90_000).unwrap());
    let seen = |user, by| bench.reader().seen(by, &[user]).unwrap()[0].last_seen;
    assert_eq!((seen(alice, b), seen(bob, a)), (NOW + 30_000, NOW + 1_000));
    assert_eq!(bench.reader().devices(a).unwrap()[0].last_seen, NOW + 30_000);
}

pub(super) fn strangers_learn_nothing_of_each_other(store: &dyn Store) {
    let bench = Bench::new(store);
    let (alice, a, _) = bench.person("alice");
    let (bob, b, _) = bench.person("bob");
    let (eve, e, _) = bench.person("eve");
    let row = bench.conversation(Kind::Group, &[a, b]);
    let reads = bench.reader();
    let everyone = [alice, bob, eve];
    let ids = |users: Vec<confab_protocol::User>| users.iter().map(|u| u.id).collect::<Vec<_>>();
    assert_eq!(ids(reads.acquainted(a, &everyone).unwrap()), [alice, bob]);
    assert_eq!(ids(reads.acquainted(e, &everyone).unwrap()), [eve]);
    assert_eq!(reads.seen(e, &everyone).unwrap(), []);
    assert_eq!(reads.seen(a, &[bob, eve]).unwrap().len(), 1);
    bench.batch(|writes| writes.save_profile(b, "Bobby", true, 8).unwrap());
    assert_eq!(ids(reads.profiles_changed(a, 7).unwrap()), [bob]);
    assert_eq!(ids(reads.profiles_changed(a, 8).unwrap()), []);
    assert_eq!(ids(reads.profiles_changed(e, 7).unwrap()), []);
    // One who left is no longer seen, but those who stayed still know the name beside the old messages.
    bench.batch(|writes| writes.save_member(row.key, b, None, 9, 9, &Left::default()).unwrap());
    assert_eq!(reads.seen(a, &[bob]).unwrap(), []);
    assert_eq!(ids(reads.acquainted(a, &[bob]).unwrap()), [bob]);
    assert_eq!(ids(reads.acquainted(b, &[alice]).unwrap()), []);
    assert_eq!(bench.writes.acquaintances(a).unwrap(), [alice]);
}

pub(super) fn people_are_found_by_the_names_that_they_have_now(store: &dyn Store) {
    let bench = Bench::new(store);
    let (_, a, _) = bench.person("alice");
    bench.person("albert");
    let found = |query: &str, limit| {
        let users = bench.reader().find_users(query, false, limit).unwrap();
        users.into_iter().map(|user| user.username).collect::<Vec<_>>()
    };
    assert_eq!(found("al", 9), ["albert", "alice"]);
    assert_eq!(found("al", 1), ["albert"]);
    bench.batch(|writes| writes.save_profile(a, "Zoë ДОБРЕВА", true, 8).unwrap());
    for query in ["zo", "ДО", "обр", "zoe д", "z"] {
        assert_eq!(found(query, 9), ["alice"], "{query}");
    }
    // Her name began so; her user name still does.
    assert_eq!(found("ALI", 9), ["alice"]);
    bench.batch(|writes| writes.save_profile(a, "Kim", true, 9).unwrap());
    for query in ["zo", "ДО", "обр"] {
        assert_eq!(found(query, 9), [""; 0], "{query}");
    }
    assert_eq!(found("ki", 9), ["alice"]);
}

pub(super) fn who_shares_anew_is_remembered_until_all_know(store: &dyn Store) {
    let bench = Bench::new(store);
    let (alice, a, _) = bench.person("alice");
    let (bob, b, _) = bench.person("bob");
    let start = ConversationKey(0);
    assert_eq!(bench.writes.sharing().unwrap(), None);
    bench.batch(|writes| {
        writes.set_sharing(b, Some(start)).unwrap();
        writes.set_sharing(a, Some(start)).unwrap();
        writes.set_sharing(a, Some(ConversationKey(7))).unwrap();
    });
    assert_eq!(bench.writes.sharing().unwrap(), Some((alice, a, ConversationKey(7))));
    bench.batch(|writes| writes.set_sharing(a, None).unwrap());
    assert_eq!(bench.writes.sharing().unwrap(), Some((bob, b, start)));
}

pub(super) fn blocks_are_kept_both_ways(store: &dyn Store) {
    let bench = Bench::new(store);
    let (alice, a, _) = bench.person("alice");
    let (bob, b, _) = bench.person("bob");
    bench.conversation(Kind::Group, &[a, b]);
    bench.batch(|writes| {
        writes.set_blocked(a, b, true).unwrap();
        writes.set_blocked(a, b, true).unwrap();
    });
    assert_eq!(bench.reader().blocked(a).unwrap(), [bob]);
    assert!(bench.writes.is_blocked(a, b).unwrap() && !bench.writes.is_blocked(b, a).unwrap());
    let apart = |user, other, id| {
        let reads = bench.reader();
        (reads.apart(user).unwrap(), reads.apart(other).unwrap(), reads.seen(user, &[id]).unwrap().len())
    };
    assert_eq!(apart(a, b, bob), (vec![bob], vec![alice], 0));
    assert_eq!(apart(b, a, alice), (vec![alice], vec![bob], 0));
    bench.batch(|writes| writes.set_blocked(a, b, false).unwrap());
    assert_eq!(bench.reader().blocked(a).unwrap(), []);
    assert_eq!(apart(b, a, alice), (vec![], vec![], 1));
}
