//! The actions that the scopes of an API key allow. The objects that a key may access are in `allow_list`.

use super::action::{Action, ActionSet};
use super::resource::ResourceType;
use super::scopes::{ALL, APPLICATION_CONNECT};

/// Scopes that expand to a fixed list of scopes. None of them allows an action on users. See
/// docs/api/api-keys.md#meaning-of-scopes.
const COMPOSITES: &[(&str, &[&str])] = &[
    ("coder:apikeys.manage_self", &["api_key:create", "api_key:read", "api_key:update", "api_key:delete"]),
    (APPLICATION_CONNECT, &["workspace:application_connect"]),
    (
        "coder:templates.author",
        &["template:create", "template:read", "template:update", "template:delete", "file:create", "file:read"],
    ),
    ("coder:templates.build", &["template:read", "file:create", "file:read"]),
    (
        "coder:workspaces.access",
        &[
            "workspace:read",
            "workspace:ssh",
            "workspace:application_connect",
            "template:read",
            "organization_member:read",
        ],
    ),
    (
        "coder:workspaces.create",
        &[
            "workspace:create",
            "workspace:read",
            "workspace:update",
            "template:read",
            "template:use",
            "organization_member:read",
        ],
    ),
    (
        "coder:workspaces.delete",
        &["workspace:read", "workspace:delete", "template:read", "template:use", "organization_member:read"],
    ),
    ("coder:workspaces.operate", &["workspace:read", "workspace:update", "template:read", "organization_member:read"]),
];

/// The actions that a key's scopes allow, by type of object. Scopes narrow what roles permit and never add to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScopeSet([ActionSet; ResourceType::COUNT]);

impl ScopeSet {
    /// `coder:all`.
    pub const EVERYTHING: Self = Self([ActionSet::EVERY; ResourceType::COUNT]);
    /// The set of a key without scopes.
    pub const NOTHING: Self = Self([ActionSet::NONE; ResourceType::COUNT]);

    /// The union of the scopes with these names. Unknown names are ignored. See
    /// docs/api/api-keys.md#meaning-of-scopes.
    pub fn from_names(names: &[String]) -> Self {
        let mut set = Self::NOTHING;
        for name in names {
            if name == ALL {
                return Self::EVERYTHING;
            }
            match COMPOSITES.iter().find(|(composite, _)| composite == name) {
                Some((_, parts)) => parts.iter().for_each(|part| set.add(part)),
                None => set.add(name),
            }
        }
        set
    }

    /// Adds `<type>:<action>` or `<type>:*`.
    fn add(&mut self, name: &str) {
        let Some((resource, action)) = name.split_once(':') else {
            return;
        };
        let actions = match action {
            "*" => Some(ActionSet::EVERY),
            action => Action::parse(action).map(|action| ActionSet::of(&[action])),
        };
        if let (Some(resource), Some(actions)) = (ResourceType::parse(resource), actions) {
            let allowed = &mut self.0[resource as usize];
            *allowed = allowed.union(actions);
        }
    }

    /// Whether the scopes allow `action` on objects of this type.
    pub fn allows(&self, resource: ResourceType, action: Action) -> bool {
        self.0[resource as usize].contains(action)
    }

    /// Whether these scopes allow every action that `other` allows. A key may create only keys that it covers.
    /// Deviation: docs/api/deviations.md#no-wider-keys. In Coder a narrow key can create an unrestricted one.
    pub fn covers(&self, other: &Self) -> bool {
        let mut pairs = self.0.iter().zip(&other.0);
        pairs.all(|(ours, theirs)| ours.is_superset_of(*theirs))
    }
}

#[cfg(test)]
mod tests {
    use super::{COMPOSITES, ScopeSet};
    use crate::rbac::{Action, PUBLIC_SCOPES, ResourceType, is_public_scope};

    fn set(names: &[&str]) -> ScopeSet {
        ScopeSet::from_names(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn public_names_are_sorted_and_each_of_them_allows_an_action() {
        assert!(PUBLIC_SCOPES.is_sorted_by(|a, b| a < b));
        for name in PUBLIC_SCOPES {
            assert_ne!(set(&[name]), ScopeSet::NOTHING, "{name}");
        }
        for (name, _) in COMPOSITES {
            assert!(is_public_scope(name), "{name}");
        }
    }

    #[test]
    fn scopes_are_a_union_and_a_star_is_every_action_of_the_type() {
        let scopes = set(&["user:read", "api_key:*"]);
        assert!(scopes.allows(ResourceType::User, Action::Read));
        assert!(!scopes.allows(ResourceType::User, Action::ReadPersonal));
        for action in [Action::Create, Action::Read, Action::Update, Action::Delete] {
            assert!(scopes.allows(ResourceType::ApiKey, action));
        }
        assert!(!scopes.allows(ResourceType::Organization, Action::Read));
        assert!(set(&["user:*"]).allows(ResourceType::User, Action::Delete));
    }

    #[test]
    fn composite_scopes_allow_their_parts_and_no_action_on_users() {
        let connect = set(&["coder:application_connect"]);
        assert_eq!(connect, set(&["workspace:application_connect"]));
        let keys = set(&["coder:apikeys.manage_self"]);
        assert_eq!(keys, set(&["api_key:read", "api_key:create", "api_key:update", "api_key:delete"]));
        for (name, _) in COMPOSITES {
            for action in Action::ALL {
                assert!(!set(&[name]).allows(ResourceType::User, *action), "{name}");
            }
        }
        for name in PUBLIC_SCOPES {
            let members = set(&[name]).allows(ResourceType::OrganizationMember, Action::Read);
            assert_eq!(members, name.starts_with("coder:workspaces.") || name == "coder:all", "{name}");
        }
    }

    #[test]
    fn unknown_stored_names_grant_nothing() {
        assert_eq!(
            set(&["user", "user:", "user:fly", "*:*", "x:read", ":", "coder:*", "", "User:read"]),
            ScopeSet::NOTHING
        );
    }

    #[test]
    fn a_scope_set_covers_the_sets_that_allow_no_more() {
        let wide = set(&["user:read", "api_key:*"]);
        assert!(wide.covers(&wide));
        assert!(wide.covers(&set(&["coder:apikeys.manage_self"])));
        assert!(wide.covers(&ScopeSet::NOTHING));
        assert!(!wide.covers(&set(&["user:*"])));
        assert!(!wide.covers(&set(&["user:read", "workspace:ssh"])));
        assert!(!wide.covers(&ScopeSet::EVERYTHING));
        assert!(ScopeSet::EVERYTHING.covers(&wide));
        let every_public_name: Vec<_> = PUBLIC_SCOPES.into_iter().filter(|name| *name != "coder:all").collect();
        assert!(!set(&every_public_name).covers(&ScopeSet::EVERYTHING));
    }
}
