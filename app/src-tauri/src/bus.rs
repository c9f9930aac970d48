//! The session bus (D-Bus): who is there to be asked.

use zbus::blocking::Connection;
use zbus::blocking::fdo::DBusProxy;
use zbus::names::BusName;

/// What counts as being there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// A program has the name now.
    Running,
    /// A program has it, or would be started by whoever calls it.
    Startable,
}

/// Whether a program offers the well-known name.
///
/// # Errors
/// There is no bus, it does not answer, or the name is none.
pub fn offered(name: &str, reach: Reach) -> zbus::Result<bool> {
    let bus = DBusProxy::new(&Connection::session()?)?;
    if bus.name_has_owner(BusName::try_from(name)?)? {
        return Ok(true);
    }
    Ok(reach == Reach::Startable && bus.list_activatable_names()?.iter().any(|one| one.as_str() == name))
}
