//! Summaries of users, and pages of them.

use uuid::Uuid;

use super::SearchError;
use super::query::MAX_PAGE_USERS;
use crate::domain::time::Timestamp;
use crate::domain::user::{LoginType, User, UserStatus};

/// A user in a list. The index makes it from columns and texts, and the wire type is made from it. A [`User`] cannot
/// take its place: the index does not hold the fields that only writes need, such as versions, for every user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UserSummary {
    /// Version 4 UUID.
    pub id: Uuid,
    /// As given.
    pub username: String,
    /// As given; empty for service accounts.
    pub email: String,
    /// Real name, may be empty.
    pub name: String,
    /// May be empty.
    pub avatar_url: String,
    /// When the user was created.
    pub created_at: Timestamp,
    /// When the record was last changed.
    pub updated_at: Timestamp,
    /// [`Timestamp::NEVER`] until first seen.
    pub last_seen_at: Timestamp,
    /// Whether the user may sign in.
    pub status: UserStatus,
    /// How the user signs in.
    pub login_type: LoginType,
    /// A user for machines.
    pub is_service_account: bool,
    /// Stored site roles.
    pub roles: Vec<String>,
    /// In the order in which the user joined.
    pub organization_ids: Vec<Uuid>,
}

impl From<User> for UserSummary {
    fn from(user: User) -> Self {
        Self {
            organization_ids: user.organization_ids().collect(),
            id: user.id,
            username: user.username,
            email: user.email,
            name: user.name,
            avatar_url: user.avatar_url,
            created_at: user.created_at,
            updated_at: user.updated_at,
            last_seen_at: user.last_seen_at,
            status: user.status,
            login_type: user.login_type,
            is_service_account: user.is_service_account,
            roles: user.roles,
        }
    }
}

/// A page of users, and the number of users on all pages.
#[derive(Clone, Debug, Default)]
pub struct UserPage {
    /// In order of lower-cased usernames.
    pub users: Vec<UserSummary>,
    /// All users that match, are visible and come after the cursor; 0 when the page is empty
    /// (docs/api/user-search.md#pages).
    pub count: u64,
}

impl UserPage {
    /// The page, unless it holds more users than a response can carry.
    pub fn new(users: Vec<UserSummary>, count: u64) -> Result<Self, SearchError> {
        if users.len() > MAX_PAGE_USERS {
            return Err(SearchError::PageTooLarge);
        }
        let count = if users.is_empty() { 0 } else { count };
        Ok(Self { users, count })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{UserPage, UserSummary};
    use crate::domain::time::Timestamp;
    use crate::domain::user::{LoginType, UserStatus};
    use crate::search::SearchError;
    use crate::search::query::MAX_PAGE_USERS;

    #[test]
    fn a_page_larger_than_a_response_is_refused() {
        let user = UserSummary {
            id: Uuid::nil(),
            username: "ada".to_owned(),
            email: String::new(),
            name: String::new(),
            avatar_url: String::new(),
            created_at: Timestamp::EPOCH,
            updated_at: Timestamp::EPOCH,
            last_seen_at: Timestamp::NEVER,
            status: UserStatus::Active,
            login_type: LoginType::None,
            is_service_account: true,
            roles: Vec::new(),
            organization_ids: Vec::new(),
        };
        let page = |users| UserPage::new(vec![user.clone(); users], 1_000_000);
        assert_eq!(page(MAX_PAGE_USERS).unwrap().count, 1_000_000);
        assert!(matches!(page(MAX_PAGE_USERS + 1), Err(SearchError::PageTooLarge)));
    }
}
