//! What the relay is held against: the same work with nothing around it. They check nobody and keep next to nothing,
//! so they show what the machine, the kernel, the WebSocket library and the disk cost by themselves.

pub mod broadcast;
pub mod durable;
pub mod sqlite;

use crate::process::{Cores, Server};
use crate::swarm::Swarm;
use crate::traffic::{Sender, Words};
use anyhow::Result;
use std::path::Path;

/// Which server.
#[derive(Clone, Copy)]
pub enum Kind {
    /// [`broadcast`].
    Broadcast,
    /// [`durable`].
    Durable,
}

/// Starts one: this program itself, under another name.
///
/// # Errors
/// Those of [`Server::start`].
pub fn start(kind: Kind, cores: Cores, folder: &Path) -> Result<Server> {
    let program = std::env::current_exe()?;
    let file = folder.join("reference.db").to_string_lossy().into_owned();
    let arguments: &[&str] = match kind {
        Kind::Broadcast => &["reference-broadcast"],
        Kind::Durable => &["reference-durable", "--file", &file],
    };
    Server::start(cores, &program, arguments, &folder.join("reference.log"))
}

/// Puts connections into rooms.
///
/// # Errors
/// Those of [`Swarm`].
pub fn join(swarm: &mut Swarm, rooms: &[Vec<usize>]) -> Result<()> {
    for (room, members) in rooms.iter().enumerate() {
        for conn in members {
            swarm.send(*conn, &format!("join {room}"))?;
        }
        swarm.expect(members.len(), |_, _| true)?;
    }
    Ok(())
}

/// The references' language: a frame goes to all of the sender's room as it is.
pub struct Bare;

impl Words for Bare {
    fn send(&mut self, _: Sender, _: u32, text: &str) -> Result<String> {
        Ok(format!(r#"{{"push":"delta","text":"{text}"}}"#))
    }
}

/// The room that a `join` names.
fn joined(text: &str) -> Option<usize> {
    text.strip_prefix("join ").and_then(|room| room.parse().ok())
}
