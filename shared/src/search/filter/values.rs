//! Parsing of the values of the search keys.
//!
//! Every function takes all values of one key. If the first is empty, the key counts as absent
//! (docs/api/user-search.md#filter-values). The error is a sentence for a person.

use chrono::{DateTime, Utc};

use crate::domain::names::excerpt;
use crate::domain::time::Timestamp;
use crate::domain::user::{MEMBER, OWNER, UserStatus};

/// The login types of users, keys and applications. The filter accepts all of them.
const LOGIN_TYPES: [&str; 6] = ["password", "github", "oidc", "token", "none", "oauth2_provider_app"];

/// Older names of the role owner (docs/api/roles-and-permissions.md#historic-role-names).
const OWNER_ALIASES: [&str; 2] = ["admin", "site-manager"];

/// The value of a key that accepts one value.
pub(super) fn single(given: &[String]) -> Result<Option<&str>, String> {
    match given {
        [] => Ok(None),
        [first, ..] if first.is_empty() => Ok(None),
        [only] => Ok(Some(only)),
        _ => Err("This search key accepts one value. Give it once; text without a key counts as `search`.".to_owned()),
    }
}

/// `true` or `false`, each in one of three spellings.
pub(super) fn boolean(given: &[String]) -> Result<Option<bool>, String> {
    read_single(given, "`true` or `false`", |text| match text {
        "1" | "t" | "true" => Some(true),
        "0" | "f" | "false" => Some(false),
        _ => None,
    })
}

/// A 64-bit integer; 0 is no condition.
pub(super) fn integer(given: &[String]) -> Result<Option<i64>, String> {
    let number = read_single(given, "a 64-bit integer", |text| text.parse().ok())?;
    Ok(number.filter(|number| *number != 0))
}

/// An RFC 3339 time; the zero time is no condition.
pub(super) fn time(given: &[String]) -> Result<Option<DateTime<Utc>>, String> {
    let wanted = "an RFC 3339 time with seconds and offset, such as \"2026-03-01T10:20:30Z\" in double quotes";
    let time = read_single(given, wanted, rfc3339)?;
    Ok(time.filter(|time| *time != Timestamp::NEVER.utc()))
}

/// Statuses. One wrong value is an error of the whole key.
pub(super) fn statuses(given: &[String]) -> Result<Vec<UserStatus>, String> {
    read_list(given, "`active`, `dormant` and `suspended`", UserStatus::parse)
}

/// Login types. One wrong value is an error of the whole key.
pub(super) fn login_types(given: &[String]) -> Result<Vec<&'static str>, String> {
    let wanted = "`password`, `github`, `oidc`, `token`, `none` and `oauth2_provider_app`";
    read_list(given, wanted, |text| LOGIN_TYPES.into_iter().find(|known| *known == text))
}

/// Names of roles. `member` alone is no condition, because every user is a member.
pub(super) fn roles(given: &[String]) -> Vec<String> {
    let mut roles: Vec<String> = Vec::new();
    for role in members(given) {
        let role = if OWNER_ALIASES.contains(&role) { OWNER } else { role };
        if !roles.iter().any(|known| known == role) {
            roles.push(role.to_owned());
        }
    }
    if roles == [MEMBER] {
        roles.clear();
    }
    roles
}

/// The members of a list. Values are split at commas, so a comma means the same as a repetition of the key.
fn members(given: &[String]) -> impl Iterator<Item = &str> {
    let absent = given.first().is_none_or(String::is_empty);
    let present = if absent { &[] } else { given };
    present.iter().flat_map(|value| value.split(','))
}

fn read_list<T: PartialEq>(given: &[String], wanted: &str, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, String> {
    let mut list = Vec::new();
    for text in members(given) {
        let member =
            read(text).ok_or_else(|| format!("`{}` is not a valid value. Choose from {wanted}.", excerpt(text)))?;
        if !list.contains(&member) {
            list.push(member);
        }
    }
    Ok(list)
}

fn read_single<T>(given: &[String], wanted: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, String> {
    let Some(text) = single(given)? else {
        return Ok(None);
    };
    match read(text) {
        Some(value) => Ok(Some(value)),
        None => Err(format!("`{}` is not valid. Give {wanted}.", excerpt(text))),
    }
}

/// Parses a time in lower case. Unlike chrono, it refuses a blank in place of the `T`, and leap seconds.
fn rfc3339(text: &str) -> Option<DateTime<Utc>> {
    let (moment, rest) = text.split_at_checked(19)?;
    // chrono checks that digits follow the point.
    let zone = rest
        .strip_prefix('.')
        .map_or(rest, |fraction| fraction.trim_start_matches(|digit: char| digit.is_ascii_digit()));
    let well_formed = has_shape(moment, "0000-00-00t00:00:00")
        && (zone == "z" || has_shape(zone, "+00:00") || has_shape(zone, "-00:00"));
    if !well_formed || moment.ends_with("60") {
        return None;
    }
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

/// Whether the text equals the shape, where a `0` of the shape matches any digit.
fn has_shape(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(byte, expected)| match expected {
            b'0' => byte.is_ascii_digit(),
            other => byte == other,
        })
}
