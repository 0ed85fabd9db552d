//! The filter language of `q`: parsing of a query into typed conditions, and their evaluation for a user
//! (docs/api/user-search.md#filter-language). Pages, order and permissions are elsewhere.

mod evaluate;
#[cfg(test)]
mod tests;
mod tokenizer;
mod values;

use chrono::{DateTime, Utc};

use crate::domain::facet::Facet;
use crate::domain::text::fold;
use crate::domain::user::UserStatus;
pub use evaluate::FilterFields;

/// The conditions of one query; all of them must hold.
///
/// Text is already [`fold`]ed. An empty list or `None` means that the query has no such condition.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct UserFilter {
    /// Part of the e-mail or of the username, never of the real name.
    ///
    /// Deviation: `%`, `_` and `\` match only themselves. In Coder they act as SQL patterns
    /// (docs/api/deviations.md#literal-wildcards).
    pub search: Option<String>,
    /// Part of the real name, as literal as `search`.
    pub name: Option<String>,
    /// The user has one of these, each listed once.
    pub statuses: Vec<UserStatus>,
    /// The user has one of these as a stored site role, each listed once. Names are not validated.
    pub roles: Vec<String>,
    /// The user has one of these, each listed once. No user has `token` or `oauth2_provider_app`.
    pub login_types: Vec<&'static str>,
    /// Whether the user is a service account.
    pub service_account: Option<bool>,
    /// The latest time of creation, inclusive.
    pub created_before: Option<DateTime<Utc>>,
    /// The earliest time of creation, inclusive.
    pub created_after: Option<DateTime<Utc>>,
    /// The latest `last_seen_at`, inclusive. A user who was never seen matches.
    pub last_seen_before: Option<DateTime<Utc>>,
    /// The earliest `last_seen_at`, inclusive.
    pub last_seen_after: Option<DateTime<Utc>>,
    /// The id of the linked user of github.com; never 0.
    pub github_com_user_id: Option<i64>,
}

/// One error of a query.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{field}: {detail}")]
pub struct FilterError {
    /// The wrong key in lower case, or `q` if the query cannot be split into keys and values.
    pub field: String,
    /// The problem as a sentence for a person.
    pub detail: String,
}

/// Parses a query. The empty query asks for every user.
///
/// # Errors
///
/// One error for each wrong key, in the order in which the keys first occur. Free text counts as a `search` at the end.
/// A query that cannot be split into keys and values has a single error about `q`.
pub fn parse(q: &str) -> Result<UserFilter, Vec<FilterError>> {
    let terms = tokenizer::terms(&fold(q)).map_err(|error| vec![error])?;
    let mut filter = UserFilter::default();
    let mut errors = Vec::new();
    for tokenizer::Term { key, values } in terms {
        if let Err(detail) = filter.set(&key, &values) {
            errors.push(FilterError { field: key, detail });
        }
    }
    if errors.is_empty() { Ok(filter) } else { Err(errors) }
}

impl UserFilter {
    /// The facet that the filter selects; `None` if the filter selects none or has further conditions.
    pub fn facet(&self) -> Option<Facet> {
        let facet = match (self.statuses.as_slice(), self.roles.as_slice()) {
            ([status], []) => Facet::Status(*status),
            ([], [role]) => Facet::Role(role.clone()),
            _ => return None,
        };
        let nothing_else = Self { statuses: Vec::new(), roles: Vec::new(), ..self.clone() }.is_empty();
        nothing_else.then_some(facet)
    }

    /// Whether every user matches.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a condition depends on username, e-mail address or real name.
    pub fn is_about_texts(&self) -> bool {
        self.search.is_some() || self.name.is_some()
    }

    /// Parses all values of one key and sets the condition.
    fn set(&mut self, key: &str, given: &[String]) -> Result<(), String> {
        match key {
            "search" => self.search = values::single(given)?.map(str::to_owned),
            "name" => self.name = values::single(given)?.map(str::to_owned),
            "status" => self.statuses = values::statuses(given)?,
            "role" => self.roles = values::roles(given),
            "login_type" => self.login_types = values::login_types(given)?,
            "service_account" => self.service_account = values::boolean(given)?,
            "created_before" => self.created_before = values::time(given)?,
            "created_after" => self.created_after = values::time(given)?,
            "last_seen_before" => self.last_seen_before = values::time(given)?,
            "last_seen_after" => self.last_seen_after = values::time(given)?,
            "github_com_user_id" => self.github_com_user_id = values::integer(given)?,
            _ => {
                return Err("There is no search key of this name. Put text that contains a colon into double quotes."
                    .to_owned());
            }
        }
        Ok(())
    }
}
