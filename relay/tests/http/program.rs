//! The program itself: its options, its signals, its exit codes, its backups, and a disk that is full.

use crate::process::{Process, RELAY, quiet};
use serde_json::json;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

fn relay(folder: &Path, args: &[&str]) -> Output {
    quiet(Command::new(RELAY)).current_dir(folder).args(args).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn help_tells_every_option_and_its_variable() {
    let folder = TempDir::new().unwrap();
    let help = said(&relay(folder.path(), &["--help"]));
    for name in [
        "PORT",
        "HOST",
        "DATA_DIR",
        "DATABASE_URL",
        "JWT_SECRET",
        "TRUSTED_PROXIES",
        "REGISTRATION",
        "DIRECTORY",
        "ALLOWED_ORIGINS",
        "LOG",
        "--demo",
        "backup",
        "restore",
    ] {
        assert!(help.contains(name), "{name} in {help}");
    }
}

#[test]
fn a_secret_in_the_environment_is_not_shown_by_help() {
    let output =
        quiet(Command::new(RELAY)).arg("--help").env("JWT_SECRET", "hunter2hunter2").output().unwrap();
    assert!(!said(&output).contains("hunter2"));
}

#[test]
fn what_is_wrong_is_said_and_the_exit_code_tells() {
    let folder = TempDir::new().unwrap();
    let cases: [(&[&str], &str); 5] = [
        (&["--database-url", "postgres://confab:hunter2@db/confab"], "sqlite:PATH"),
        (&["--trusted-proxies", "everyone"], "TRUSTED_PROXIES"),
        (&["--jwt-secret", "short"], "JWT_SECRET"),
        (&["--log", "confab_relay=loud"], "LOG"),
        (&["backup", "copy.db"], "there is no database"),
    ];
    for (args, text) in cases {
        let output = relay(folder.path(), args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(said(&output).contains(text), "{args:?}: {}", said(&output));
        assert!(!said(&output).contains("hunter2"));
    }
    std::fs::write(folder.path().join(".env"), "PORT=5000\nthis is no setting\n").unwrap();
    let output = relay(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains(".env"), "{}", said(&output));
}

#[tokio::test]
async fn settings_come_from_flags_then_the_environment_then_the_file() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join(".env"), "PORT=0\nDATA_DIR=from-file\nREGISTRATION=closed\n").unwrap();
    let mut command = quiet(Command::new(RELAY));
    command.current_dir(folder.path()).env("REGISTRATION", "open").args(["--data-dir", "from-flag"]);
    let process = Process::of(&mut command);
    assert_eq!(process.register("alice").await.0, 201, "the environment goes before .env");
    assert!(folder.path().join("from-flag/confab.db").exists(), "a flag goes before .env");
    assert_eq!(process.stop(), Some(0));
}

#[tokio::test]
async fn the_first_start_makes_a_private_folder_and_a_secret_that_lasts() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("new/data");
    let process = Process::start(&data);
    let (_, alice) = process.register("alice").await;
    assert_eq!(process.stop(), Some(0));
    let process = Process::start(&data);
    let refresh = json!({"refresh_token": alice["refresh_token"]});
    assert_eq!(process.post("/refresh", refresh).await.0, 200, "the tokens are good after a restart");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o700);
    }
}

#[tokio::test]
async fn what_was_answered_survives_a_kill() {
    let folder = TempDir::new().unwrap();
    for round in 0..3 {
        let mut process = Process::start(folder.path());
        assert_eq!(process.register(&format!("person{round}")).await.0, 201);
        process.kill();
    }
    let process = Process::start(folder.path());
    for round in 0..3 {
        assert_eq!(process.login(&format!("person{round}")).await, 200);
    }
}

#[tokio::test]
async fn a_second_relay_on_the_folder_says_so_and_leaves() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().to_string_lossy().into_owned();
    let process = Process::start(folder.path());
    let second = relay(folder.path(), &["--port", "0", "--data-dir", &data]);
    assert_eq!(second.status.code(), Some(1));
    assert!(said(&second).contains("another relay uses"), "{}", said(&second));
    assert_eq!(process.register("alice").await.0, 201, "the first goes on");
}

/// The one has the database in its own folder, the other reaches it from another.
#[tokio::test]
async fn a_second_relay_on_the_database_says_so_and_leaves_whichever_comes_first() {
    let folder = TempDir::new().unwrap();
    let (own, other) = (folder.path().join("own"), folder.path().join("other"));
    let url = format!("sqlite:{}", own.join("confab.db").display());
    std::fs::create_dir(&own).unwrap();
    for (first, second) in [(&own, &other), (&other, &own)] {
        let args = |data: &Path| {
            ["--port", "0", "--data-dir", &data.to_string_lossy(), "--database-url", &url].map(str::to_owned)
        };
        let process = Process::of(quiet(Command::new(RELAY)).current_dir(folder.path()).args(args(first)));
        let args = args(second);
        let refused = relay(folder.path(), &args.each_ref().map(String::as_str));
        assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
        assert!(said(&refused).contains("another relay uses"), "{}", said(&refused));
        assert!(said(&refused).contains("confab.db"), "{}", said(&refused));
        assert_eq!(process.stop(), Some(0));
    }
}

#[tokio::test]
async fn a_copy_made_while_people_register_is_put_back_as_it_was() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data").to_string_lossy().into_owned();
    let process = Process::start(Path::new(&data));
    assert_eq!(process.register("alice").await.0, 201);
    let names: Vec<_> = (0..6).map(|n| format!("person{n}")).collect();
    let (copied, registered) = tokio::join!(
        tokio::task::spawn_blocking({
            let (folder, data) = (folder.path().to_owned(), data.clone());
            move || relay(&folder, &["backup", "copy.db", "--data-dir", &data])
        }),
        futures::future::join_all(names.iter().map(|name| process.register(name))),
    );
    let copied = copied.unwrap();
    assert!(copied.status.success(), "{}", said(&copied));
    assert!(registered.iter().all(|(status, _)| *status == 201), "copying holds nobody up");
    assert_eq!(process.register("late").await.0, 201);
    let refused = relay(folder.path(), &["restore", "copy.db", "--data-dir", &data]);
    assert_eq!(refused.status.code(), Some(1), "not under a running relay");
    assert_eq!(process.stop(), Some(0));
    let restored = relay(folder.path(), &["restore", "copy.db", "--data-dir", &data]);
    assert!(restored.status.success(), "{}", said(&restored));
    let process = Process::start(Path::new(&data));
    assert_eq!(process.login("alice").await, 200);
    assert_eq!(process.login("late").await, 401, "what came after the copy is gone");
    assert_eq!(process.register("late").await.0, 201);
}

#[tokio::test]
async fn a_database_of_a_newer_relay_is_left_alone() {
    let folder = TempDir::new().unwrap();
    assert_eq!(Process::start(folder.path()).stop(), Some(0));
    let database = folder.path().join("confab.db");
    let db = rusqlite::Connection::open(&database).unwrap();
    db.pragma_update(None, "user_version", 9_999).unwrap();
    drop(db);
    let before = std::fs::read(&database).unwrap();
    let data = folder.path().to_string_lossy().into_owned();
    let output = relay(folder.path(), &["--port", "0", "--data-dir", &data]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("install the newer relay"), "{}", said(&output));
    assert!(before == std::fs::read(&database).unwrap());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_stops_writing_and_nothing_else() {
    let folder = TempDir::new().unwrap();
    let process = Process::start_with_room(folder.path(), 1_200);
    let (_, alice) = process.register("alice").await;
    let mut accepted = Vec::new();
    let refused = loop {
        let name = format!("person{}", accepted.len());
        let (status, body) = process.register(&name).await;
        if status != 201 {
            break (status, body);
        }
        accepted.push(name);
        assert!(accepted.len() < 2_000, "the disk never got full");
    };
    assert_eq!(
        (refused.0, refused.1["error"]["code"].as_str()),
        (503, Some("storage_failed")),
        "{}",
        refused.1
    );
    assert_eq!(refused.1["error"]["retry"], "later");
    assert_eq!(process.health().await["status"], "degraded");
    let wrong = process.post("/login", json!({"username": "alice", "password": "wrong password"})).await;
    assert_eq!(wrong.0, 401, "reading goes on");
    process.give_room();
    assert_eq!(process.register("late").await.0, 201, "room again");
    assert_eq!(process.health().await["status"], "ok");
    let refresh = json!({"refresh_token": alice["refresh_token"]});
    assert_eq!(process.post("/refresh", refresh).await.0, 200);
    for name in accepted.iter().step_by(accepted.len().div_ceil(5)) {
        assert_eq!(process.login(name).await, 200, "what was accepted is there");
    }
}
