//! The relay's program as a process of its own, to be killed, starved and read.

#![allow(dead_code, reason = "each suite uses what it needs")]

use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

pub const RELAY: &str = env!("CARGO_BIN_EXE_relay");
/// What everybody logs in with.
pub const PASSWORD: &str = "correct horse battery";

pub struct Process {
    child: Child,
    pub address: SocketAddr,
    /// Reads the log to its end, or the relay would wait for a reader.
    log: Option<JoinHandle<String>>,
}

impl Process {
    /// On a free port.
    pub fn start(folder: &Path) -> Self {
        Self::of(
            quiet(Command::new(RELAY)).args(["--port", "0", "--host", "127.0.0.1", "--data-dir"]).arg(folder),
        )
    }

    /// One that may write no file beyond so many blocks of 512 bytes, which is to it what a full disk is.
    #[cfg(target_os = "linux")]
    pub fn start_with_room(folder: &Path, blocks: u64) -> Self {
        let mut shell = quiet(Command::new("sh"));
        // The signal that goes with the limit is ignored, so that a write fails as on a full disk.
        let script = format!("trap '' XFSZ; ulimit -S -f {blocks}; exec \"$0\" \"$@\"");
        shell.args(["-c", &script]).arg(RELAY);
        shell.args(["--port", "0", "--host", "127.0.0.1", "--register-burst", "0", "--data-dir"]).arg(folder);
        Self::of(&mut shell)
    }

    pub fn of(command: &mut Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        let mut read = 0;
        while log.read_line(&mut said).unwrap() > 0 {
            if let Some((_, port)) = said[read..].trim().split_once("Confab is at http://localhost:") {
                let address = ([127, 0, 0, 1], port.parse().unwrap()).into();
                let log = std::thread::spawn(move || {
                    for line in log.lines().map_while(Result::ok) {
                        said.push_str(&line);
                        said.push('\n');
                    }
                    said
                });
                return Self { child, address, log: Some(log) };
            }
            read = said.len();
        }
        panic!("the relay did not start: {:?}\n{said}", child.wait());
    }

    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let http = crate::web::client().build().unwrap();
        let url = format!("http://{}/api{path}", self.address);
        let response = http.post(url).json(&body).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
    }

    pub async fn register(&self, name: &str) -> (u16, Value) {
        self.post("/register", json!({"username": name, "display_name": name, "password": PASSWORD})).await
    }

    pub async fn login(&self, name: &str) -> u16 {
        self.post("/login", json!({"username": name, "password": PASSWORD})).await.0
    }

    pub async fn health(&self) -> Value {
        let http = crate::web::client().build().unwrap();
        let url = format!("http://{}/api/health", self.address);
        http.get(url).send().await.unwrap().json().await.unwrap()
    }

    /// Takes the limit of [`Process::start_with_room`] away.
    #[cfg(target_os = "linux")]
    pub fn give_room(&self) {
        let lifted = Command::new("prlimit")
            .args(["--fsize=unlimited:", "--pid", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(lifted.success());
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and the exit code.
    pub fn stop(mut self) -> Option<i32> {
        self.end()
    }

    /// The same, and all that it has logged.
    pub fn stop_and_tell(mut self) -> String {
        assert_eq!(self.end(), Some(0));
        self.log.take().unwrap().join().unwrap()
    }

    fn end(&mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Without what the environment of the tests may hold.
pub fn quiet(mut command: Command) -> Command {
    for name in ["PORT", "HOST", "DATA_DIR", "DATABASE_URL", "JWT_SECRET", "REGISTRATION", "LOG"] {
        command.env_remove(name);
    }
    command
}

/// How often to do what `name` counts: as many times as the environment says, else `usual`.
pub fn count(name: &str, usual: usize) -> usize {
    match std::env::var(name) {
        Ok(number) => number.parse().unwrap_or_else(|_| panic!("{name} is no number")),
        Err(_) => usual,
    }
}
