//! Sets of users with a listing of their own: the users of one status, and the users with one role.

use super::user::{MEMBER, User, UserStatus};

/// A set of users with a listing.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Facet {
    /// The users of that status.
    Status(UserStatus),
    /// The users with that site role, as it is stored.
    Role(String),
}

impl User {
    /// The listings of the user, each once; none when deleted. Every user is a `member`, so that role has no listing.
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
