//! Refreshing and logging out: what a session survives and what ends it.

use crate::support::{Answer, PASSWORD, TestRelay};
use confab_relay::clock::now_ms;
use serde_json::json;

#[tokio::test]
async fn a_refresh_token_is_good_once_and_gives_another() {
    let relay = TestRelay::start().await;
    let first = relay.register("alice").await;
    let second = relay.refresh(&first.field("refresh_token")).await;
    assert_eq!(second.status, 200);
    assert_eq!(second.field("device"), first.field("device"), "the session stays the same");
    assert_ne!(second.field("refresh_token"), first.field("refresh_token"));
    assert_eq!(relay.refresh(&second.field("refresh_token")).await.status, 200);
}

#[tokio::test]
async fn a_lost_answer_can_be_asked_for_again() {
    let relay = TestRelay::start().await;
    let first = relay.register("alice").await.field("refresh_token");
    let lost = relay.refresh(&first).await.field("refresh_token");
    let got = relay.refresh(&first).await;
    assert_eq!(got.status, 200);
    assert_eq!(relay.refresh(&got.field("refresh_token")).await.status, 200);
    assert_eq!(relay.refresh(&lost).await.code(), "session_ended", "the lost one must have been stolen");
}

#[tokio::test]
async fn a_used_token_that_comes_back_ends_the_session_for_all() {
    let relay = TestRelay::start().await;
    let first = relay.register("alice").await.field("refresh_token");
    let other_device = relay.login("alice", PASSWORD).await.field("refresh_token");
    let second = relay.refresh(&first).await.field("refresh_token");
    let third = relay.refresh(&second).await;
    let stolen = relay.refresh(&first).await;
    assert_eq!((stolen.status, stolen.code().as_str()), (401, "session_ended"));
    assert_eq!(stolen.json()["error"]["retry"], "after_login");
    assert_eq!(relay.refresh(&third.field("refresh_token")).await.code(), "session_ended");
    assert_eq!(relay.refresh(&other_device).await.status, 200, "other devices go on");
}

#[tokio::test]
async fn two_refreshes_at_once_leave_one_good_token() {
    let relay = TestRelay::start().await;
    let first = relay.register("alice").await.field("refresh_token");
    let (a, b) = tokio::join!(relay.refresh(&first), relay.refresh(&first));
    assert_eq!((a.status, b.status), (200, 200), "the second looks like the retry of a lost answer");
    let good = [a, b].map(|answer| answer.field("refresh_token"));
    assert_ne!(good[0], good[1]);
}

#[tokio::test]
async fn made_up_tokens_are_refused() {
    let relay = TestRelay::start().await;
    let token = relay.register("alice").await.field("refresh_token");
    let flipped: String = token
        .char_indices()
        .map(|(i, c)| if i == 30 { if c == 'A' { 'B' } else { 'A' } } else { c })
        .collect();
    for bad in ["", "x", "\u{0}", &flipped, &token[..90], &"A".repeat(9000)] {
        let answer = relay.refresh(bad).await;
        assert_eq!((answer.status, answer.code().as_str()), (401, "unauthenticated"), "{bad}");
    }
    assert_eq!(relay.refresh(&token).await.status, 200, "guessing ended nothing");
    let nothing = relay.post_bare("/api/refresh", &[]).await;
    assert_eq!((nothing.status, nothing.code().as_str()), (401, "unauthenticated"));
}

#[tokio::test]
async fn tokens_of_another_relay_are_worth_nothing() {
    let (ours, theirs) = (TestRelay::start().await, TestRelay::with(|c| c.jwt_secret = None).await);
    ours.register("alice").await;
    let foreign = theirs.register("alice").await;
    assert_eq!(ours.refresh(&foreign.field("refresh_token")).await.code(), "unauthenticated");
    assert_eq!(ours.logout(&foreign.field("access_token"), json!({})).await.code(), "unauthenticated");
}

#[tokio::test]
async fn logging_out_ends_this_session_alone() {
    let relay = TestRelay::start().await;
    let laptop = relay.register("alice").await;
    let phone = relay.login("alice", PASSWORD).await;
    let answer = relay.logout(&laptop.field("access_token"), json!({})).await;
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    assert_eq!(relay.refresh(&laptop.field("refresh_token")).await.code(), "session_ended");
    assert_eq!(relay.logout(&laptop.field("access_token"), json!({})).await.status, 204, "twice is once");
    assert_eq!(relay.refresh(&phone.field("refresh_token")).await.status, 200);
}

#[tokio::test]
async fn one_device_logs_another_out() {
    let relay = TestRelay::start().await;
    let laptop = relay.register("alice").await;
    let phone = relay.login("alice", PASSWORD).await;
    let access = laptop.field("access_token");
    assert_eq!(relay.logout(&access, json!({"device": phone.field("device")})).await.status, 204);
    assert_eq!(relay.refresh(&phone.field("refresh_token")).await.code(), "session_ended");
    let revoked = relay.logout(&phone.field("access_token"), json!({"device": laptop.field("device")})).await;
    assert_eq!(
        revoked.code(),
        "session_ended",
        "a revoked device can do nothing with a token that is still fresh"
    );
    assert_eq!(relay.refresh(&laptop.field("refresh_token")).await.status, 200);
}

#[tokio::test]
async fn nobody_logs_out_the_device_of_another() {
    let relay = TestRelay::start().await;
    let alice = relay.register("alice").await;
    let mallory = relay.register("mallory").await.field("access_token");
    let foreign = relay.logout(&mallory, json!({"device": alice.field("device")})).await;
    let absent = relay.logout(&mallory, json!({"device": uuid::Uuid::new_v4()})).await;
    assert_eq!((foreign.status, foreign.code().as_str()), (404, "not_found"));
    assert_eq!(foreign.text, absent.text, "foreign and absent devices answer alike");
    assert_eq!(relay.refresh(&alice.field("refresh_token")).await.status, 200);
    let by_refresh = json!({"refresh_token": alice.field("refresh_token"), "device": alice.field("device")});
    assert_eq!(relay.post("/api/logout", by_refresh).await.code(), "unauthenticated");
}

#[tokio::test]
async fn an_expired_access_token_is_refused_unless_the_refresh_token_is_there() {
    let relay = TestRelay::start().await;
    let alice = relay.register("alice").await;
    let expired = relay.token_of(&alice, now_ms() - 600_001);
    assert_eq!(relay.logout(&expired, json!({})).await.code(), "unauthenticated");
    let both = json!({"refresh_token": alice.field("refresh_token")});
    assert_eq!(relay.logout(&expired, both).await.status, 204);
    assert_eq!(relay.refresh(&alice.field("refresh_token")).await.code(), "session_ended");
}

#[tokio::test]
async fn logging_out_needs_some_token() {
    let relay = TestRelay::start().await;
    assert_eq!(relay.post_bare("/api/logout", &[]).await.code(), "unauthenticated");
    for bad in ["Basic abc", "Bearer", "Bearer ", "x"] {
        assert_eq!(relay.post_bare("/api/logout", &[("authorization", bad)]).await.status, 401, "{bad}");
    }
}

/// A person's devices are bounded: the one that was seen least recently makes room.
#[tokio::test]
async fn a_hundred_and_first_device_logs_out_the_oldest() {
    let relay = TestRelay::with(|config| config.throttles.login_burst = 0).await;
    let oldest = relay.register("alice").await.field("refresh_token");
    let second = relay.login("alice", PASSWORD).await.field("refresh_token");
    for _ in 0..99 {
        assert_eq!(relay.login("alice", PASSWORD).await.status, 200);
    }
    assert_eq!(relay.refresh(&oldest).await.code(), "session_ended");
    assert_eq!(relay.refresh(&second).await.status, 200);
}

/// A device that was not used for a season has to log in again; one that was, goes on.
#[tokio::test]
async fn a_session_that_nobody_uses_expires() {
    let relay = TestRelay::start().await;
    let laptop = relay.register("alice").await;
    let phone = relay.login("alice", PASSWORD).await;
    let folder = relay.stop().await;
    seen(&folder, &laptop, 91);
    seen(&folder, &phone, 89);
    let relay = TestRelay::in_folder(folder, |config| config.session_idle_days = 0).await;
    let laptop = relay.refresh(&laptop.field("refresh_token")).await;
    assert_eq!(laptop.status, 200, "an operator may keep them for ever");
    let folder = relay.stop().await;
    seen(&folder, &laptop, 91);
    let relay = TestRelay::in_folder(folder, |_| {}).await;
    assert_eq!(relay.refresh(&laptop.field("refresh_token")).await.code(), "session_ended");
    let phone = relay.refresh(&phone.field("refresh_token")).await;
    assert_eq!(phone.status, 200, "one day less");
    assert_eq!(relay.refresh(&phone.field("refresh_token")).await.status, 200, "and it was seen now");
}

/// Puts the time at which a device was last seen so many days back.
fn seen(folder: &tempfile::TempDir, answer: &Answer, days: u64) {
    const DAY_MS: u64 = 86_400_000;
    let db = rusqlite::Connection::open(folder.path().join("confab.db")).unwrap();
    let device: uuid::Uuid = answer.field("device").parse().unwrap();
    let at = (now_ms() - days * DAY_MS) as i64;
    let sql = "UPDATE sessions SET last_seen = ?2 WHERE uid = ?1";
    assert_eq!(db.execute(sql, rusqlite::params![device.as_bytes(), at]).unwrap(), 1);
}
