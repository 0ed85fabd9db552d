//! The `q` language of the user list: from text to typed conditions, and who meets them
//! (docs/api/user-search.md#filter-language). Paging, order, and what the caller may see are not here.

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
/// Text is already [`fold`]ed. An empty list or `None` is a condition that was not asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct UserFilter {
    /// Part of the e-mail or of the username, never of the real name.
    ///
    /// Deviation: `%`, `_` and `\` stand for themselves, where the reference leaks SQL patterns
    /// (docs/api/deviations.md#literal-wildcards).
    pub search: Option<String>,
    /// Part of the real name, as literal as `search`.
    pub name: Option<String>,
    /// Any of these; none twice.
    pub statuses: Vec<UserStatus>,
    /// At least one of these among the stored site roles; none twice. Names are not validated.
    pub roles: Vec<String>,
    /// Any of these, by name; none twice. `token` and `oauth2_provider_app` are names that no user has.
    pub login_types: Vec<&'static str>,
    /// Only service accounts, or none.
    pub service_account: Option<bool>,
    /// Created then or earlier.
    pub created_before: Option<DateTime<Utc>>,
    /// Created then or later.
    pub created_after: Option<DateTime<Utc>>,
    /// Last seen then or earlier, or never.
    pub last_seen_before: Option<DateTime<Utc>>,
    /// Last seen then or later.
    pub last_seen_after: Option<DateTime<Utc>>,
    /// The id of the linked account on github.com; never 0.
    pub github_com_user_id: Option<i64>,
}

/// One thing that is wrong with a query.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{field}: {detail}")]
pub struct FilterError {
    /// The key it is about in lower case, or `q` when the query cannot be divided into keys and values.
    pub field: String,
    /// What is wrong, for a person.
    pub detail: String,
}

/// Parses a query. The empty query asks for every user.
///
/// # Errors
///
/// Every unusable key, once each, in the order in which the keys first occur (free text counts as a `search` at the
/// end). A query that cannot be divided into keys and values at all has a single error about `q`: what its other parts
/// were meant to be is a guess.
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

    /// Whether every user matches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a condition looks at what users are called.
    #[must_use]
    pub fn is_about_texts(&self) -> bool {
        self.search.is_some() || self.name.is_some()
    }

    /// Takes all values of one key, or says what is wrong with them.
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
            _ => return Err("There is no search key of this name.".to_owned()),
        }
        Ok(())
    }
}
