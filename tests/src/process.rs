//! The relay's program as a process of its own, which can be killed as a thread cannot.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A relay. It is killed when it is dropped; its folder stays as long as its `TempDir`.
pub struct RelayProcess {
    program: PathBuf,
    folder: PathBuf,
    port: u16,
    child: Child,
}

impl RelayProcess {
    /// Starts a program on a free port.
    pub fn start(program: impl Into<PathBuf>, folder: &Path) -> Self {
        let program = program.into();
        let (child, port) = start(&program, folder, 0);
        Self { program, folder: folder.to_owned(), port, child }
    }

    /// What clients connect to.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts one that was killed again, on the same data and port.
    pub fn start_again(&mut self) {
        self.child = start(&self.program, &self.folder, self.port).0;
    }
}

impl Drop for RelayProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(program: &Path, folder: &Path, port: u16) -> (Child, u16) {
    let mut command = Command::new(program);
    for name in ["PORT", "HOST", "DATA_DIR", "DATABASE_URL", "JWT_SECRET", "REGISTRATION", "LOG"] {
        command.env_remove(name);
    }
    command.args(["--host", "127.0.0.1", "--port", &port.to_string(), "--data-dir"]).arg(folder);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    let port = loop {
        let line = log.next().expect("the relay did not start").unwrap();
        if let Some((_, port)) = line.split_once("Confab is at http://localhost:") {
            break port.trim().parse().unwrap();
        }
    };
    // The rest of the log must go somewhere, or the relay would wait for a reader.
    std::thread::spawn(move || log.map_while(Result::ok).for_each(drop));
    (child, port)
}
