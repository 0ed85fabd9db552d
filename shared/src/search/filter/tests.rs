//! Tests of the query language against the specification, recorded answers of Coder, and a naive model.

mod facet;
mod language;
mod properties;
mod recorded;
mod text;
mod values;

use chrono::{DateTime, Utc};

use super::{FilterError, FilterFields, UserFilter, parse};
use crate::domain::text::fold;
use crate::domain::time::Timestamp;
use crate::domain::user::{LoginType, UserStatus};

/// A user with unfolded texts.
#[derive(Clone, Debug)]
struct TestUser {
    username: String,
    email: String,
    name: String,
    status: UserStatus,
    login_type: LoginType,
    is_service_account: bool,
    roles: Vec<String>,
    created_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    github_com_user_id: i64,
}

impl TestUser {
    /// An active member who signs in with a password, created in 2026 and never seen.
    fn new(username: &str) -> Self {
        Self {
            username: username.to_owned(),
            email: format!("{username}@list.example"),
            name: String::new(),
            status: UserStatus::Active,
            login_type: LoginType::Password,
            is_service_account: false,
            roles: Vec::new(),
            created_at: time("2026-03-01T10:20:30Z"),
            last_seen_at: never(),
            github_com_user_id: 0,
        }
    }

    fn matches(&self, filter: &UserFilter) -> bool {
        filter.matches(&FilterFields {
            username_folded: &fold(&self.username),
            email_folded: &fold(&self.email),
            name_folded: &fold(&self.name),
            status: self.status,
            login_type: self.login_type,
            is_service_account: self.is_service_account,
            roles: &self.roles,
            created_at: self.created_at,
            last_seen_at: self.last_seen_at,
            github_com_user_id: self.github_com_user_id,
        })
    }
}

fn never() -> DateTime<Utc> {
    Timestamp::NEVER.utc()
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The filter of a valid query.
fn filter(q: &str) -> UserFilter {
    parse(q).unwrap_or_else(|errors| panic!("{q}: {errors:?}"))
}

/// The fields in the errors of a query; empty if the query is valid.
fn refused(q: &str) -> Vec<String> {
    let errors = parse(q).err().unwrap_or_default();
    errors.into_iter().map(|FilterError { field, .. }| field).collect()
}

fn matches(q: &str, user: &TestUser) -> bool {
    user.matches(&filter(q))
}

fn searching(text: &str) -> UserFilter {
    UserFilter { search: Some(text.to_owned()), ..UserFilter::default() }
}
