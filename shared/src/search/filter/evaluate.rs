//! Evaluation of a filter for one user.

use chrono::{DateTime, Utc};

use super::UserFilter;
use crate::domain::time::Timestamp;
use crate::domain::user::{LoginType, UserStatus};

/// The fields of a user on which a filter depends, borrowed from the index.
///
/// A filter reads every user of the index. A [`User`](crate::domain::user::User) or
/// [`UserSummary`](crate::search::UserSummary) would copy its texts each time and hold them unfolded: here they are
/// already [`fold`](crate::domain::text::fold)ed. Texts that are not folded would miss matches.
#[derive(Clone, Copy, Debug)]
pub struct FilterFields<'a> {
    /// Username, folded.
    pub username_folded: &'a str,
    /// E-mail address, folded; empty for service accounts.
    pub email_folded: &'a str,
    /// Real name, folded; may be empty.
    pub name_folded: &'a str,
    /// Whether the user may sign in.
    pub status: UserStatus,
    /// How the user signs in.
    pub login_type: LoginType,
    /// A user for machines.
    pub is_service_account: bool,
    /// The stored site roles.
    pub roles: &'a [String],
    /// When the user was created.
    pub created_at: DateTime<Utc>,
    /// [`Timestamp::NEVER`] for a user who was never seen.
    pub last_seen_at: DateTime<Utc>,
    /// The id of the linked user of github.com; 0 without one.
    pub github_com_user_id: i64,
}

impl UserFilter {
    /// Whether the user meets every condition (docs/api/user-search.md#filter-keys).
    pub fn matches(&self, user: &FilterFields<'_>) -> bool {
        // Text is compared last, because that costs the most.
        self.matches_attributes(user) && self.matches_times(user) && self.matches_text(user)
    }

    fn matches_attributes(&self, user: &FilterFields<'_>) -> bool {
        let has_role = || self.roles.iter().any(|role| user.roles.contains(role));
        allows(&self.statuses, &user.status)
            && allows(&self.login_types, &user.login_type.as_str())
            && self.service_account.is_none_or(|wanted| wanted == user.is_service_account)
            && self.github_com_user_id.is_none_or(|id| id == user.github_com_user_id)
            && (self.roles.is_empty() || has_role())
    }

    fn matches_times(&self, user: &FilterFields<'_>) -> bool {
        let never_seen = user.last_seen_at == Timestamp::NEVER.utc();
        self.created_before.is_none_or(|time| user.created_at <= time)
            && self.created_after.is_none_or(|time| user.created_at >= time)
            && self.last_seen_before.is_none_or(|time| never_seen || user.last_seen_at <= time)
            && self.last_seen_after.is_none_or(|time| user.last_seen_at >= time)
    }

    fn matches_text(&self, user: &FilterFields<'_>) -> bool {
        let found =
            |text: &String| user.username_folded.contains(text.as_str()) || user.email_folded.contains(text.as_str());
        self.search.as_ref().is_none_or(found)
            && self.name.as_ref().is_none_or(|part| user.name_folded.contains(part.as_str()))
    }
}

/// Whether a list of alternatives allows a value; an empty list allows any.
fn allows<T: PartialEq>(alternatives: &[T], value: &T) -> bool {
    alternatives.is_empty() || alternatives.contains(value)
}
