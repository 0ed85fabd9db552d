//! Groups of users that are listed by themselves: everybody of one status, and everybody with one role.

use super::user::{MEMBER, User, UserStatus};

/// A group of users.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Facet {
    /// Everybody of that status.
    Status(UserStatus),
    /// Everybody who holds that site role, as it is stored.
    Role(String),
}

impl User {
    /// The groups that the user belongs to, each once; none when deleted. Everybody is a `member`, so that is no group.
    #[must_use]
    pub fn facets(&self) -> Vec<Facet> {
        if self.deleted { Vec::new() } else { Facet::all_of(self.status, &self.roles) }
    }
}

impl Facet {
    /// The groups of a user with that status and those stored roles.
    #[must_use]
    pub fn all_of(status: UserStatus, roles: &[String]) -> Vec<Self> {
        let mut facets = vec![Self::Status(status)];
        for role in roles.iter().filter(|role| *role != MEMBER) {
            let facet = Self::Role(role.clone());
            if !facets.contains(&facet) {
                facets.push(facet);
            }
        }
        facets
    }
}
