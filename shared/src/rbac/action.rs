//! What can be done to an object, and sets of it. Who may do it stands in `permissions`.

use crate::domain::wire_names::wire_names;

wire_names! {
    /// What a subject wants to do. See docs/api/api-keys.md#public-scopes,
    /// docs/api/roles-and-permissions.md#permissions.
    pub enum Action {
        /// Make a new object, which has no id yet.
        Create = "create",
        /// See that the object exists, and its public data.
        Read = "read",
        /// Change it.
        Update = "update",
        /// Remove it.
        Delete = "delete",
        /// See what belongs to the user alone: settings, role listing, Git SSH key.
        ReadPersonal = "read_personal",
        /// Change what belongs to the user alone: profile, password, settings.
        UpdatePersonal = "update_personal",
        /// Give a role to a user.
        Assign = "assign",
        /// Take a role from a user.
        Unassign = "unassign",
        /// Build workspaces from a template.
        Use = "use",
        /// Open an application of a workspace.
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
    /// No action.
    pub const NONE: Self = Self(0);
    /// Every action there is.
    pub const EVERY: Self = Self::of(Action::ALL);

    /// The set of these actions.
    #[must_use]
    pub const fn of(actions: &[Action]) -> Self {
        let mut bits = 0;
        let mut index = 0;
        while index < actions.len() {
            bits |= 1 << actions[index] as u16;
            index += 1;
        }
        Self(bits)
    }

    /// Whether `action` is in the set.
    #[must_use]
    pub const fn contains(self, action: Action) -> bool {
        self.0 & (1 << action as u16) != 0
    }

    /// Whether nothing of `other` is missing.
    #[must_use]
    pub const fn is_superset_of(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// What is in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The actions of the set, in the order of declaration.
    pub fn iter(self) -> impl Iterator<Item = Action> {
        Action::ALL.iter().copied().filter(move |action| self.contains(*action))
    }
}
