//! A server under measurement: started on a core of its own, and how much of it and of memory it takes.

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The core of the servers and that of the load. The same on a machine that has only one.
#[derive(Clone, Copy, Debug)]
pub struct Cores {
    /// For what is measured.
    pub server: usize,
    /// For what measures.
    pub load: usize,
}

impl Cores {
    /// The first two of those that this process may use.
    ///
    /// # Errors
    /// What the system says.
    pub fn choose() -> Result<Self> {
        let allowed = sched_getaffinity(None)?;
        let mut usable = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
        let server = usable.next().context("no core at all")?;
        Ok(Self { server, load: usable.next().unwrap_or(server) })
    }

    /// Runs `work` with this thread, and the children it starts, on the servers' core; afterwards on that of the load.
    ///
    /// # Errors
    /// What the system says, and what `work` says.
    pub fn on_server_core<T>(self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        pin(&[self.server])?;
        let done = work();
        pin(&[self.load])?;
        done
    }

    /// Runs `work` with this thread, and the children it starts, on both; afterwards on that of the load.
    ///
    /// # Errors
    /// As [`Cores::on_server_core`].
    pub fn on_both<T>(self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        pin(&[self.server, self.load])?;
        let done = work();
        pin(&[self.load])?;
        done
    }
}

fn pin(cores: &[usize]) -> Result<()> {
    let mut set = CpuSet::new();
    cores.iter().for_each(|core| set.set(*core));
    sched_setaffinity(None, &set).with_context(|| format!("moving to the cores {cores:?}"))
}

/// A running server. Killed when dropped.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From before it was started until it answered.
    pub started_in: Duration,
    log: PathBuf,
}

impl Server {
    /// Starts a program that takes `--port`, on the servers' core, and waits until `GET /api/health` answers 200.
    /// What it prints goes into `log`.
    ///
    /// # Errors
    /// It ends or does not answer within a minute; the log's last lines are told.
    pub fn start(cores: Cores, program: &Path, arguments: &[&str], log: &Path) -> Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let file = File::options().create(true).append(true).open(log)?;
        let mut command = Command::new(program);
        command.args(arguments).args(["--port", &port.to_string()]);
        // Nothing of the caller's own configuration may leak in.
        for name in ["PORT", "HOST", "DATA_DIR", "DATABASE_URL", "JWT_SECRET", "LOG"] {
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let before = Instant::now();
        let child = cores
            .on_server_core(|| command.spawn().with_context(|| format!("starting {}", program.display())))?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut server = Self { child, address, started_in: Duration::ZERO, log: log.to_owned() };
        while !healthy(address) {
            if let Some(status) = server.child.try_wait()? {
                bail!("{} ended with {status}:\n{}", program.display(), server.last_words());
            }
            if before.elapsed() > Duration::from_secs(60) {
                bail!("{} does not answer:\n{}", program.display(), server.last_words());
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        server.started_in = before.elapsed();
        Ok(server)
    }

    fn last_words(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let from = text.lines().count().saturating_sub(15);
        text.lines().skip(from).collect::<Vec<_>>().join("\n")
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The CPU time that its threads have had so far. Of threads that have ended meanwhile nothing is known.
    ///
    /// # Errors
    /// It has ended.
    pub fn cpu(&self) -> Result<Duration> {
        let mut nanoseconds = 0u64;
        for task in fs::read_dir(format!("/proc/{}/task", self.id())).context("the server has ended")? {
            // A thread may end between the listing and the reading.
            let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else { continue };
            nanoseconds += text.split(' ').next().unwrap_or("0").parse::<u64>()?;
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// Its proportional set size, in KiB (proc(5), smaps_rollup).
    ///
    /// # Errors
    /// It has ended.
    pub fn memory_kib(&self) -> Result<u64> {
        let path = format!("/proc/{}/smaps_rollup", self.id());
        let text = fs::read_to_string(&path).context("the server has ended")?;
        let line = text.lines().find(|line| line.starts_with("Pss:")).context("no Pss in smaps_rollup")?;
        Ok(line.split_whitespace().nth(1).context("no number after Pss")?.parse()?)
    }

    /// Asks it to end and waits for that.
    ///
    /// # Errors
    /// It has not ended after fifteen seconds.
    pub fn stop(mut self) -> Result<()> {
        let pid = i32::try_from(self.id()).ok().and_then(Pid::from_raw).context("no process id")?;
        kill_process(pid, Signal::TERM)?;
        let before = Instant::now();
        while self.child.try_wait()?.is_none() {
            if before.elapsed() > Duration::from_secs(15) {
                bail!("the server does not end:\n{}", self.last_words());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn healthy(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = [0u8; 12];
        stream.read_exact(&mut answer)?;
        Ok(answer == *b"HTTP/1.1 200")
    };
    ask().unwrap_or(false)
}
