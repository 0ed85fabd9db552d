//! The decision: roles, scopes and allow-list together. What roles permit stands in `permissions`.

use uuid::Uuid;

use super::action::Action;
use super::object::Object;
use super::permissions::{Effect, Level, PERMISSIONS};
use super::resource::ResourceType;
use super::role::Role;
use super::subject::Subject;

/// Whether `subject` may do `action` to `object`.
///
/// The roles must permit it, and the scopes of the key, and its allow-list must name the object. Among the roles, the
/// first level that votes decides: site, then the object's organization, then what the subject owns in it; for an
/// object in no organization, site, then what the subject owns (docs/api/roles-and-permissions.md#evaluation).
///
/// Deviation (docs/api/deviations.md#no-access-lists): objects have no access lists. The only one that matters here
/// lets the members of a group read it, which every member of the organization may do anyway.
#[must_use]
pub fn authorize(subject: &Subject, action: Action, object: &Object) -> bool {
    key_permits(subject, action, object)
        && site_vote(subject, action, object.resource).unwrap_or_else(|| {
            object.organization.map_or_else(
                || owns(subject, object) && owner_vote(subject, action, object.resource),
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

fn site_vote(subject: &Subject, action: Action, resource: ResourceType) -> Option<bool> {
    vote(Level::Site, action, resource, |role| subject.holds(role))
}

fn owner_vote(subject: &Subject, action: Action, resource: ResourceType) -> bool {
    vote(Level::User, action, resource, |role| subject.holds(role)) == Some(true)
}

fn organization_permits(subject: &Subject, action: Action, object: &Object, organization: Uuid) -> bool {
    let at = |level| vote(level, action, object.resource, |role| subject.holds_in(organization, role));
    at(Level::Organization).unwrap_or_else(|| owns(subject, object) && at(Level::OrganizationMember) == Some(true))
}

/// What the held roles say at one level; nothing when none of them mentions the action. One denial outweighs any
/// number of permissions of the same level.
fn vote(level: Level, action: Action, resource: ResourceType, holds: impl Fn(Role) -> bool) -> Option<bool> {
    let votes = PERMISSIONS.iter().filter(|grant| {
        grant.level == level && grant.resource == resource && grant.actions.contains(action) && holds(grant.role)
    });
    votes.map(|grant| grant.effect == Effect::Allow).reduce(|all, vote| all && vote)
}
