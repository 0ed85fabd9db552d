//! Query parameters: access by name, and parsers of the ones that several endpoints share.

#[cfg(test)]
mod tests;

use std::fmt;

use axum::extract::FromRequestParts;
use http::request::Parts;
use uuid::Uuid;

use super::error::ApiError;
use crate::api::envelope::Validation;
use crate::app::App;
use crate::domain::ids::parse_uuid;
use crate::domain::pagination::Pagination;
use crate::domain::status_history::Zone;

/// The query of a request, decoded like an HTML form: `+` is a blank, a malformed escape stays as it is, and bytes that
/// are not UTF-8 become U+FFFD.
#[derive(Clone, Default)]
pub struct Query(Vec<(String, String)>);

/// Shows only names, because a value may be a session token.
impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// An invalid query parameter (docs/api/conventions.md#validation-errors).
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{field}: {detail}")]
pub struct FieldError {
    /// The name of the parameter.
    pub field: String,
    /// What is wrong, as a sentence that does not repeat the value.
    pub detail: String,
}

impl From<FieldError> for Validation {
    fn from(FieldError { field, detail }: FieldError) -> Self {
        Self { field, detail }
    }
}

impl Query {
    /// Parses the query of a URL, without the question mark. `None` is the empty query.
    pub fn parse(raw: Option<&str>) -> Self {
        Self::parse_bytes(raw.unwrap_or_default().as_bytes())
    }

    /// Parses the body of a form, which has the same syntax.
    pub(super) fn parse_bytes(raw: &[u8]) -> Self {
        Self(form_urlencoded::parse(raw).into_owned().collect())
    }

    /// The first value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values(name).next()
    }

    /// Whether the first value of a parameter is a spelling of `true`. Any other value counts as false
    /// (docs/api/api-keys.md#token-list).
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some("1" | "t" | "T" | "TRUE" | "true" | "True"))
    }

    /// Reads `limit`, `offset` and `after_id` (docs/api/user-search.md#query-parameters).
    ///
    /// # Errors
    ///
    /// One for each of the three that is repeated or malformed.
    pub fn pagination(&self) -> Result<Pagination, Vec<FieldError>> {
        let after_id = self.single("after_id", "a UUID", parse_uuid);
        let limit = self.single("limit", NUMBER, number);
        let offset = self.single("offset", NUMBER, number);
        match (after_id, limit, offset) {
            (Ok(after_id), Ok(limit), Ok(offset)) => Ok(Pagination {
                limit: limit.unwrap_or_default(),
                offset: offset.unwrap_or_default(),
                after_id: after_id.filter(|id: &Uuid| !id.is_nil()),
            }),
            (after_id, limit, offset) => {
                Err([after_id.err(), limit.err(), offset.err()].into_iter().flatten().collect())
            }
        }
    }

    /// Requires exactly one `template_id`, a UUID, and no other parameter (docs/api/settings.md#autofill-parameters).
    ///
    /// # Errors
    ///
    /// One for `template_id`, and one for each other parameter.
    pub fn only_template_id(&self) -> Result<Uuid, ApiError> {
        let known = self.single("template_id", "a UUID", parse_uuid).and_then(|id| {
            id.ok_or_else(|| FieldError {
                field: "template_id".to_owned(),
                detail: "This parameter is required. Give it once.".to_owned(),
            })
        });
        let mut errors: Vec<FieldError> = Vec::new();
        for (name, _) in self.0.iter().filter(|(name, _)| name != "template_id") {
            if errors.iter().all(|error| error.field != *name) {
                let detail = "This endpoint has no such parameter. Remove it.".to_owned();
                errors.push(FieldError { field: name.clone(), detail });
            }
        }
        match known {
            Ok(id) if errors.is_empty() => Ok(id),
            Ok(_) => Err(ApiError::invalid_query(errors)),
            Err(error) => {
                errors.insert(0, error);
                Err(ApiError::invalid_query(errors))
            }
        }
    }

    /// Reads `timezone`, the name of a zone, or `tz_offset`, in hours east of UTC. An offset of 0 counts as missing
    /// (docs/api/deployment.md#status-history).
    ///
    /// # Errors
    ///
    /// Either is repeated or malformed, or both are given.
    pub fn zone(&self) -> Result<Zone, ApiError> {
        let hours = self.single("tz_offset", "a whole number of hours from -23 to 23", |text| {
            let hours: i32 = text.parse().ok()?;
            Some((hours, Zone::hours_east(hours)?))
        });
        let name = self.single("timezone", "the name of a time zone", |name| Some(name.to_owned()));
        match (hours, name) {
            (Ok(Some((1.. | ..=-1, _))), Ok(Some(_))) => Err(ApiError::two_time_zones()),
            (Ok(_), Ok(Some(name))) => Zone::named(&name).ok_or_else(|| ApiError::unknown_time_zone(&name)),
            (Ok(hours), Ok(None)) => Ok(hours.map_or(Zone::UTC, |(_, zone)| zone)),
            (hours, name) => Err(ApiError::invalid_query([hours.err(), name.err()].into_iter().flatten().collect())),
        }
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter that may be given once. An empty value counts as missing.
    fn single<T>(&self, name: &str, wanted: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, FieldError> {
        let mut values = self.values(name);
        let value = values.next().unwrap_or_default();
        let problem = if values.next().is_some() {
            "This parameter was given more than once. Give it once.".to_owned()
        } else if value.is_empty() {
            return Ok(None);
        } else if let Some(value) = read(value) {
            return Ok(Some(value));
        } else {
            format!("The value is not {wanted}.")
        };
        Err(FieldError { field: name.to_owned(), detail: problem })
    }
}

impl FromRequestParts<App> for Query {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, Self::Rejection> {
        Ok(Self::parse(parts.uri.query()))
    }
}

const NUMBER: &str = "a whole number from 0 to 2147483647";

fn number(text: &str) -> Option<u32> {
    u32::try_from(text.parse::<i32>().ok()?).ok()
}
