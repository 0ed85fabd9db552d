//! Actions on objects, and sets of actions. The permissions of each role are in `permissions`.

use crate::domain::wire_names::wire_names;

wire_names! {
    /// An action of a subject on an object. See docs/api/api-keys.md#public-scopes,
    /// docs/api/roles-and-permissions.md#permissions.
    pub enum Action {
        /// Create an object, which has no id yet.
        Create = "create",
        /// Read the existence and the public data of an object.
        Read = "read",
        /// Change an object.
        Update = "update",
        /// Delete an object.
        Delete = "delete",
        /// Read the personal data of a user: settings, list of roles, git SSH key.
        ReadPersonal = "read_personal",
        /// Change the personal data of a user: profile, password, settings.
        UpdatePersonal = "update_personal",
        /// Give a role to a user.
        Assign = "assign",
        /// Take a role from a user.
        Unassign = "unassign",
        /// Build workspaces from a template.
        Use = "use",
        /// Connect to an application of a workspace.
        ApplicationConnect = "application_connect",
        /// Open a shell in a workspace.
        Ssh = "ssh",
        /// Start a workspace.
        Start = "start",
        /// Stop a workspace.
        Stop = "stop",
    }
}

/// A set of actions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct ActionSet(u16);

impl ActionSet {
    /// The empty set.
    pub const NONE: Self = Self(0);
    /// The set of all actions.
    pub const EVERY: Self = Self::of(Action::ALL);

    /// The set of these actions.
    pub const fn of(actions: &[Action]) -> Self {
        let mut bits = 0;
        let mut index = 0;
        while index < actions.len() {
            bits |= 1 << actions[index] as u16;
            index += 1;
        }
        Self(bits)
    }

    /// Whether the set contains `action`.
    pub const fn contains(self, action: Action) -> bool {
        self.0 & (1 << action as u16) != 0
    }

    /// Whether the set contains every action of `other`.
    pub const fn is_superset_of(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// The actions of both sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The actions of the set, in the order of declaration.
    pub fn iter(self) -> impl Iterator<Item = Action> {
        Action::ALL.iter().copied().filter(move |action| self.contains(*action))
    }
}
