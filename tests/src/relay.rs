//! A whole relay in a thread of this process, on a folder and a port of its own.

use confab_relay::config::Config;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A relay. It stops when it is dropped; its folder stays as long as its `TempDir`.
pub struct TestRelay {
    address: SocketAddr,
    folder: PathBuf,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl TestRelay {
    /// Starts one on a free port.
    pub fn start(folder: &Path) -> Self {
        Self::start_at(folder, ([127, 0, 0, 1], 0).into())
    }

    fn start_at(folder: &Path, address: SocketAddr) -> Self {
        let mut config = Config::local(folder);
        // A test's people all come from one address.
        config.throttles.register_burst = 10_000;
        config.throttles.login_burst = 10_000;
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = TcpListener::bind(address).await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                let shutdown = async { drop(stopped.await) };
                confab_relay::run::run(config, listener, shutdown).await.unwrap();
            });
        });
        let address = told.recv().unwrap();
        Self { address, folder: folder.to_owned(), stop: Some(stop), thread: Some(thread) }
    }

    /// What clients connect to.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops it in good order.
    pub fn stop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }

    /// Stops it and starts another on the same data and port.
    pub fn restart(mut self) -> Self {
        self.stop();
        Self::start_at(&self.folder.clone(), self.address)
    }

    /// Starts one that was stopped again, on the same data and port.
    pub fn start_again(&mut self) {
        *self = Self::start_at(&self.folder.clone(), self.address);
    }
}

impl Drop for TestRelay {
    fn drop(&mut self) {
        self.stop();
    }
}
