//! Facets: sets of users for which the table keeps a listing.

use super::user::{MEMBER, User, UserStatus};

/// A set of users for which the table keeps a listing.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Facet {
    /// The users with this status.
    Status(UserStatus),
    /// The users with this stored site role.
    Role(String),
}

impl User {
    /// The facets of the user, each once; none for a deleted user. `member` is no facet, because every user has that
    /// role.
    pub fn facets(&self) -> Vec<Facet> {
        if self.deleted { Vec::new() } else { Facet::all_of(self.status, &self.roles) }
    }
}

impl Facet {
    /// The facets of a user with this status and these stored roles.
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
