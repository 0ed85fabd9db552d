//! Authorization: subjects, objects, the one permission table and its evaluation. The code is pure: it uses neither
//! HTTP nor storage. The caller passes the subject with its current roles, and chooses the answer to a refusal.

mod action;
mod allow_list;
mod assign;
mod authorize;
#[cfg(test)]
mod matrix;
mod object;
mod permissions;
mod resource;
mod role;
mod scope_set;
mod scopes;
mod subject;
#[cfg(test)]
mod tests;

pub use action::{Action, ActionSet};
pub use allow_list::{AllowList, AllowListError, MAX_ENTRIES as MAX_ALLOW_LIST_ENTRIES};
pub use assign::{may_assign, may_assign_organization_role};
pub use authorize::authorize;
pub use object::Object;
pub use permissions::{Effect, Grant, Level, PERMISSIONS};
pub use resource::ResourceType;
pub use role::{OrganizationRole, Role, SiteRole};
pub use scope_set::ScopeSet;
pub use scopes::{PUBLIC_SCOPES, canonical_scope, is_public_scope, legacy_scope};
pub use subject::Subject;
