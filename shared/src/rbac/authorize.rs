//! The authorization decision from roles, scopes and allow-list. The permissions of each role are in `permissions`.

use uuid::Uuid;

use super::action::Action;
use super::object::Object;
use super::permissions::{Effect, Level, PERMISSIONS};
use super::resource::ResourceType;
use super::role::Role;
use super::subject::Subject;

/// Whether `subject` may do `action` to `object`.
///
/// Three conditions must hold: the roles permit the action, the scopes of the key allow it, and the allow-list of the
/// key contains the object. The roles are evaluated level by level, and the first level with a matching row decides.
/// For an object in an organization the levels are site, organization, objects of the subject in it. For any other
/// object they are site, objects of the subject (docs/api/roles-and-permissions.md#evaluation).
///
/// Deviation (docs/api/deviations.md#no-access-lists): objects have no access lists. The only list that would matter
/// lets the members of a group read it. Every member of the organization may do that anyway.
pub fn authorize(subject: &Subject, action: Action, object: &Object) -> bool {
    key_permits(subject, action, object)
        && decide_site(subject, action, object.resource).unwrap_or_else(|| {
            object.organization.map_or_else(
                || owns(subject, object) && owner_permits(subject, action, object.resource),
                |organization| organization_permits(subject, action, object, organization),
            )
        })
}

fn key_permits(subject: &Subject, action: Action, object: &Object) -> bool {
    subject.scopes.allows(object.resource, action) && subject.allow_list.permits(object.resource, object.id)
}

fn owns(subject: &Subject, object: &Object) -> bool {
    object.owner == Some(subject.id)
}

fn decide_site(subject: &Subject, action: Action, resource: ResourceType) -> Option<bool> {
    decide(Level::Site, action, resource, |role| subject.holds(role))
}

fn owner_permits(subject: &Subject, action: Action, resource: ResourceType) -> bool {
    decide(Level::User, action, resource, |role| subject.holds(role)) == Some(true)
}

fn organization_permits(subject: &Subject, action: Action, object: &Object, organization: Uuid) -> bool {
    let at = |level| decide(level, action, object.resource, |role| subject.holds_in(organization, role));
    at(Level::Organization).unwrap_or_else(|| owns(subject, object) && at(Level::OrganizationMember) == Some(true))
}

/// The decision of the held roles at one level; `None` if no row matches. One denial overrides every permission of the
/// same level.
fn decide(level: Level, action: Action, resource: ResourceType, holds: impl Fn(Role) -> bool) -> Option<bool> {
    let rows = PERMISSIONS.iter().filter(|grant| {
        grant.level == level && grant.resource == resource && grant.actions.contains(action) && holds(grant.role)
    });
    rows.map(|grant| grant.effect == Effect::Allow).reduce(|all, row| all && row)
}
