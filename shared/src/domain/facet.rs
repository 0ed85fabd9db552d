//! Groups of users that are listed by themselves: everybody of one status, and everybody with one role.

use super::user::{User, UserStatus};
use super::user_filter::{MEMBER, UserFilter};

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

impl UserFilter {
    /// The group that the filter asks for, should it ask for one and for nothing else.
    #[must_use]
    pub fn facet(&self) -> Option<Facet> {
        let facet = match (self.statuses.as_slice(), self.roles.as_slice()) {
            ([status], []) => Facet::Status(*status),
            ([], [role]) => Facet::Role(role.clone()),
            _ => return None,
        };
        let nothing_else = Self { statuses: Vec::new(), roles: Vec::new(), ..self.clone() }.is_empty();
        nothing_else.then_some(facet)
    }
}

#[cfg(test)]
mod tests {
    use super::Facet;
    use crate::domain::user::UserStatus;
    use crate::domain::user_filter;

    #[test]
    fn a_filter_asks_for_a_group_when_it_has_one_condition_with_one_value() {
        let facet = |q: &str| user_filter::parse(q).map(|filter| filter.facet());
        let role = |name: &str| Ok(Some(Facet::Role(name.to_owned())));
        assert_eq!(facet("Status:SUSPENDED"), Ok(Some(Facet::Status(UserStatus::Suspended))));
        assert_eq!(facet("status:active,active status:active"), Ok(Some(Facet::Status(UserStatus::Active))));
        assert_eq!(facet("role:auditor"), role("auditor"));
        assert_eq!(facet("role:site-manager,admin,owner"), role("owner"));
        // Nobody has it, which is known without a look at everybody.
        assert_eq!(facet("role:no-such-role"), role("no-such-role"));
        for q in ["", "role:member", "status:active,dormant", "role:member,owner", "status:active role:owner"] {
            assert_eq!(facet(q), Ok(None), "{q}");
        }
        for more in ["ada", "name:ada", "login_type:none", "service_account:false", "github_com_user_id:7"] {
            assert_eq!(facet(&format!("status:active {more}")), Ok(None), "{more}");
        }
        for key in ["created_before", "created_after", "last_seen_before", "last_seen_after"] {
            assert_eq!(facet(&format!("status:active {key}:\"2026-03-01T00:00:00Z\"")), Ok(None), "{key}");
        }
    }
}
