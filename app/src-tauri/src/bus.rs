//! The session bus (D-Bus): who is there to be asked.

use std::time::Duration;
use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;
use zbus::blocking::fdo::DBusProxy;
use zbus::names::BusName;

/// How long an answer may take: a program on the bus may hang.
const ANSWER: Duration = Duration::from_secs(10);

/// A connection whose calls end.
///
/// # Errors
/// There is no bus.
pub fn session() -> zbus::Result<Connection> {
    Builder::session()?.method_timeout(ANSWER).build()
}

/// Whether a program offers the well-known name, or would be started by whoever calls it.
///
/// # Errors
/// There is no bus, it does not answer, or the name is none.
pub fn offered(name: &str) -> zbus::Result<bool> {
    let bus = DBusProxy::new(&session()?)?;
    if bus.name_has_owner(BusName::try_from(name)?)? {
        return Ok(true);
    }
    Ok(bus.list_activatable_names()?.iter().any(|one| one.as_str() == name))
}

/// Tells whether a program has the well-known name now, and again whenever that changes. Returns when the bus is gone.
///
/// # Errors
/// As [`offered`].
pub fn watch(name: &str, mut tell: impl FnMut(bool)) -> zbus::Result<()> {
    let bus = DBusProxy::new(&session()?)?;
    // Before it is asked, so that no change is missed.
    let changes = bus.receive_name_owner_changed_with_args(&[(0, name)])?;
    tell(bus.name_has_owner(BusName::try_from(name)?)?);
    for change in changes {
        tell(change.args()?.new_owner().is_some());
    }
    Ok(())
}
