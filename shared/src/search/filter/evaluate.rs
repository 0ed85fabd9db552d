//! Who meets the conditions of a filter. Pure: knows no clock, no storage and no caller.

use chrono::{DateTime, Utc};

use super::UserFilter;
use crate::domain::time::Timestamp;
use crate::domain::user::{LoginType, UserStatus};

/// What a filter looks at in one user.
///
/// Texts come [`fold`](crate::domain::text::fold)ed, so that a list of a million users can keep them that way instead of folding each of
/// them for each query. With texts folded otherwise, or not at all, matches are missed.
#[derive(Clone, Copy, Debug)]
pub struct FilterFields<'a> {
    /// Username, folded.
    pub username_folded: &'a str,
    /// E-mail, folded; empty for service accounts.
    pub email_folded: &'a str,
    /// Real name, folded; may be empty.
    pub name_folded: &'a str,
    /// Whether the account may sign in.
    pub status: UserStatus,
    /// How the account signs in.
    pub login_type: LoginType,
    /// An account for machines.
    pub is_service_account: bool,
    /// Stored site roles: `member` is among them only if it was stored.
    pub roles: &'a [String],
    /// Creation.
    pub created_at: DateTime<Utc>,
    /// [`Timestamp::NEVER`] for a user who was never seen.
    pub last_seen_at: DateTime<Utc>,
    /// The id of the linked account on github.com, 0 without one.
    pub github_com_user_id: i64,
}

impl UserFilter {
    /// Whether the user meets every condition (docs/api/user-search.md#filter-keys).
    #[must_use]
    pub fn matches(&self, entry: &FilterFields<'_>) -> bool {
        // Comparisons of words first: the searches in text cost the most.
        self.matches_account(entry) && self.matches_times(entry) && self.matches_text(entry)
    }

    fn matches_account(&self, entry: &FilterFields<'_>) -> bool {
        let has_role = || self.roles.iter().any(|role| entry.roles.contains(role));
        allows(&self.statuses, &entry.status)
            && allows(&self.login_types, &entry.login_type.as_str())
            && self.service_account.is_none_or(|wanted| wanted == entry.is_service_account)
            && self.github_com_user_id.is_none_or(|id| id == entry.github_com_user_id)
            && (self.roles.is_empty() || has_role())
    }

    fn matches_times(&self, entry: &FilterFields<'_>) -> bool {
        let never_seen = entry.last_seen_at == Timestamp::NEVER.utc();
        self.created_before.is_none_or(|time| entry.created_at <= time)
            && self.created_after.is_none_or(|time| entry.created_at >= time)
            && self.last_seen_before.is_none_or(|time| never_seen || entry.last_seen_at <= time)
            && self.last_seen_after.is_none_or(|time| entry.last_seen_at >= time)
    }

    fn matches_text(&self, entry: &FilterFields<'_>) -> bool {
        let found =
            |text: &String| entry.username_folded.contains(text.as_str()) || entry.email_folded.contains(text.as_str());
        self.search.as_ref().is_none_or(found)
            && self.name.as_ref().is_none_or(|part| entry.name_folded.contains(part.as_str()))
    }
}

/// Whether a list of alternatives allows a value; an empty list allows any.
fn allows<T: PartialEq>(alternatives: &[T], value: &T) -> bool {
    alternatives.is_empty() || alternatives.contains(value)
}
