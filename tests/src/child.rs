//! Somebody whose app is a process of its own (`src/bin/person.rs`), which can be killed as a thread cannot.

use confab_client::api::{Connection, Request};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, Lines, Write, stdin};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// What the app is told, a line of JSON each.
#[derive(Serialize, Deserialize)]
pub(crate) enum Order {
    /// To ask its client, and to say when that was answered.
    Ask(Box<Request>),
    /// To say when it is online.
    Online,
    /// To say when nothing waits in the outbox.
    Empty,
}

/// An app in a folder that holds a session.
pub struct PersonProcess {
    child: Child,
    tell: ChildStdin,
    told: Lines<BufReader<ChildStdout>>,
}

impl PersonProcess {
    /// Starts the program `person` for somebody who has registered in this folder and closed the app.
    pub fn start(program: impl Into<PathBuf>, folder: &Path, relay: &str, name: &str) -> Self {
        let mut child = Command::new(program.into())
            .arg(folder)
            .args([relay, name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let tell = child.stdin.take().unwrap();
        let told = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, tell, told }
    }

    /// Asks the client and waits until it has accepted.
    pub fn ask(&mut self, request: Request) {
        self.order(&Order::Ask(Box::new(request)));
    }

    pub fn until_online(&mut self) {
        self.order(&Order::Online);
    }

    pub fn until_all_is_sent(&mut self) {
        self.order(&Order::Empty);
    }

    fn order(&mut self, order: &Order) {
        writeln!(self.tell, "{}", serde_json::to_string(order).unwrap()).unwrap();
        let answer = self.told.next().expect("the app has died").unwrap();
        assert_eq!(answer, "done");
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for PersonProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program: obeys the orders of its standard input until that ends.
pub fn obey() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder, relay, name] = args.as_slice() else { panic!("person FOLDER RELAY NAME") };
    let mut person = crate::Person::open(Path::new(folder), relay, name);
    for line in stdin().lines().map_while(Result::ok) {
        match serde_json::from_str(&line).unwrap() {
            Order::Ask(request) => person.done(*request),
            Order::Online => person.until("online", |p| p.session().connection == Connection::Online),
            Order::Empty => person.until("all sent", |p| p.session().unsent == 0),
        }
        println!("done");
    }
}
