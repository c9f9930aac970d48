//! Groups: making, renaming, adding, removing, leaving, roles.

use super::{Change, Place, Ruling, distinct, forbidden, invalid};
use confab_protocol::command::{AddMembers, CreateGroup, Leave, RemoveMember, Rename, SetRole};
use confab_protocol::{Code, ErrorBody, Role, SystemEvent, UserId, limits, text};

/// A user whom someone wants in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub user: UserId,
    /// Whether there is such an account.
    pub exists: bool,
    /// Whether they have blocked the caller.
    pub blocks_caller: bool,
}

fn admit(candidates: &[Candidate]) -> Result<(), ErrorBody> {
    if candidates.iter().any(|candidate| !candidate.exists) {
        return Err(ErrorBody::new(Code::NotFound, "One of these people does not exist on this relay."));
    }
    if candidates.iter().any(|candidate| candidate.blocks_caller) {
        return Err(forbidden("One of these people does not want to be added by you."));
    }
    Ok(())
}

fn named(users: &[UserId]) -> Result<Vec<UserId>, ErrorBody> {
    if users.len() > limits::MEMBERS_PER_COMMAND {
        return Err(ErrorBody::new(
            Code::LimitReached,
            format!("At most {} people can be added at once.", limits::MEMBERS_PER_COMMAND),
        ));
    }
    Ok(distinct(users))
}

/// Whom a new group would have besides the caller.
///
/// # Errors
/// `limit_reached`.
pub fn wanted_at_first(caller: UserId, command: &CreateGroup) -> Result<Vec<UserId>, ErrorBody> {
    Ok(named(&command.members)?.into_iter().filter(|user| *user != caller).collect())
}

/// A new group. `candidates` are those of [`wanted_at_first`].
///
/// # Errors
/// `invalid`, `not_found`, `forbidden`.
pub fn create(caller: UserId, command: &CreateGroup, candidates: &[Candidate]) -> Ruling {
    if !command.conversation.is_v7() {
        return Err(invalid("'conversation' is not a UUIDv7."));
    }
    let title = text::title(&command.title)?;
    admit(candidates)?;
    let mut change = Change::event(SystemEvent::Created { title: title.clone() });
    change.title = Some(title);
    change.roles.push((caller, Some(Role::Owner)));
    change.roles.extend(candidates.iter().map(|candidate| (candidate.user, Some(Role::Member))));
    Ok(change)
}

/// Another title.
///
/// # Errors
/// `invalid`, `not_found`, `forbidden`.
pub fn rename<K>(place: &Place<'_, K>, caller: UserId, command: &Rename) -> Ruling {
    place.manager(caller, Role::Admin)?;
    let title = text::title(&command.title)?;
    if title == place.title {
        return Ok(Change::default());
    }
    let mut change = Change::event(SystemEvent::Renamed { title: title.clone() });
    change.title = Some(title);
    Ok(change)
}

/// Whom `add_members` would really add.
///
/// # Errors
/// `not_found`, `forbidden`, `invalid`, `limit_reached`.
pub fn wanted<K>(
    place: &Place<'_, K>,
    caller: UserId,
    command: &AddMembers,
) -> Result<Vec<UserId>, ErrorBody> {
    place.manager(caller, Role::Admin)?;
    let wanted: Vec<UserId> = named(&command.users)?.into_iter().filter(|user| !place.has(*user)).collect();
    if place.members + wanted.len() > limits::MEMBERS {
        return Err(ErrorBody::new(
            Code::LimitReached,
            format!("A group has at most {} members.", limits::MEMBERS),
        ));
    }
    Ok(wanted)
}

/// People into a group. `candidates` are those of [`wanted`].
///
/// # Errors
/// `not_found`, `forbidden`.
pub fn add(candidates: &[Candidate]) -> Ruling {
    admit(candidates)?;
    if candidates.is_empty() {
        return Ok(Change::default());
    }
    let users: Vec<UserId> = candidates.iter().map(|candidate| candidate.user).collect();
    let roles = users.iter().map(|user| (*user, Some(Role::Member))).collect();
    Ok(Change { roles, ..Change::event(SystemEvent::Added { users }) })
}

/// Someone out of a group. One who has left already stays so.
///
/// # Errors
/// `not_found`, `forbidden`, `invalid`.
pub fn remove<K>(place: &Place<'_, K>, caller: UserId, command: &RemoveMember) -> Ruling {
    let role = place.manager(caller, Role::Admin)?;
    if command.user == caller {
        return Err(invalid("Use 'leave' to go yourself."));
    }
    let seat = place.seats.get(&command.user).ok_or_else(no_member)?;
    match seat.role {
        None => Ok(Change::default()),
        Some(theirs) if theirs >= role => {
            Err(forbidden("Only the owner may remove an admin, and nobody the owner."))
        }
        Some(_) => Ok(Change {
            roles: vec![(command.user, None)],
            ..Change::event(SystemEvent::Removed { user: command.user })
        }),
    }
}

/// Oneself out of a group.
///
/// # Errors
/// `not_found`, `forbidden`, `invalid`.
pub fn leave<K>(place: &Place<'_, K>, caller: UserId, _command: &Leave) -> Ruling {
    let role = place.manager(caller, Role::Member)?;
    if role == Role::Owner && place.members > 1 {
        return Err(forbidden("Hand the group over to someone else first."));
    }
    Ok(Change { roles: vec![(caller, None)], ..Change::event(SystemEvent::Left) })
}

/// Someone's role. `owner` hands the ownership over.
///
/// # Errors
/// `not_found`, `forbidden`, `invalid`.
pub fn set_role<K>(place: &Place<'_, K>, caller: UserId, command: &SetRole) -> Ruling {
    place.manager(caller, Role::Owner)?;
    if command.user == caller {
        return Err(invalid("The owner hands over by making someone else the owner."));
    }
    let theirs = place.seats.get(&command.user).and_then(|seat| seat.role).ok_or_else(no_member)?;
    if theirs == command.role {
        return Ok(Change::default());
    }
    let mut change = Change::event(SystemEvent::RoleChanged { user: command.user, role: command.role });
    change.roles.push((command.user, Some(command.role)));
    if command.role == Role::Owner {
        change.roles.push((caller, Some(Role::Admin)));
    }
    Ok(change)
}

fn no_member() -> ErrorBody {
    ErrorBody::new(Code::NotFound, "This person is not a member of the group.")
}
