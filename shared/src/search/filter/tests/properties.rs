//! Arbitrary queries, and the evaluation of a filter against a model that shares no code with it.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::{TestUser, filter, never, parse, time};
use crate::domain::user::{LoginType, UserStatus};

/// Text with many tokens of the language.
fn queries() -> impl Strategy<Value = String> {
    let pieces = select(vec![
        "\"",
        "\"",
        ":",
        ":",
        " ",
        " ",
        ",",
        "\t",
        "\\",
        "%",
        "a",
        "Ä",
        "ς",
        "İ",
        "😀",
        "\0",
        "search",
        "name",
        "status",
        "role",
        "login_type",
        "service_account",
        "created_before",
        "created_after",
        "last_seen_before",
        "last_seen_after",
        "github_com_user_id",
        "username",
        "active",
        "Dormant",
        "nope",
        "member",
        "admin",
        "none",
        "true",
        "0",
        "7",
        "-9223372036854775809",
        "2023-01-01T00:00:00Z",
        "2023-01-01T00:00:00.5+01:00",
    ]);
    let piece = prop_oneof![9 => pieces.prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// The conditions of a query. The query is written from them, and the model evaluates them.
#[derive(Clone, Debug)]
struct Conditions {
    search: Option<String>,
    name: Option<String>,
    statuses: Vec<&'static str>,
    roles: Vec<&'static str>,
    login_types: Vec<&'static str>,
    service_account: Option<bool>,
    /// Created before and after, last seen before and after.
    bounds: [Option<DateTime<Utc>>; 4],
    github_com_user_id: i64,
}

const BOUNDS: [&str; 4] = ["created_before", "created_after", "last_seen_before", "last_seen_after"];

impl Conditions {
    fn as_query(&self) -> String {
        let mut elements = Vec::new();
        elements.extend(self.name.iter().map(|name| format!("name:\"{name}\"")));
        elements.extend((!self.statuses.is_empty()).then(|| format!("status:{}", self.statuses.join(","))));
        elements.extend(self.roles.iter().map(|role| format!("ROLE:{role}")));
        elements.extend((!self.login_types.is_empty()).then(|| format!("login_type:{}", self.login_types.join(","))));
        elements.extend(self.service_account.iter().map(|wanted| format!("service_account:{wanted}")));
        let bounds = BOUNDS.iter().zip(self.bounds);
        elements.extend(bounds.filter_map(|(key, time)| Some(format!("{key}:\"{}\"", time?.format("%FT%T%.6fZ")))));
        elements.push(format!("github_com_user_id:{}", self.github_com_user_id));
        // Free text stands between the elements.
        let middle = elements.len() / 2;
        if let Some(search) = &self.search {
            elements.insert(middle, search.clone());
        }
        elements.join("  ")
    }

    /// Evaluates the conditions of docs/api/user-search.md#filter-language on unfolded texts, in the simplest way.
    fn matches(&self, user: &TestUser) -> bool {
        let mut failures = 0;
        if let Some(search) = &self.search {
            failures += u32::from(!(is_part(search, &user.username) || is_part(search, &user.email)));
        }
        if let Some(name) = &self.name {
            failures += u32::from(!is_part(name, &user.name));
        }
        if !self.statuses.is_empty() && !self.statuses.contains(&user.status.as_str()) {
            failures += 1;
        }
        let wanted: BTreeSet<&str> = self.roles.iter().copied().collect();
        if !wanted.is_empty() && wanted != BTreeSet::from(["member"]) {
            let held: BTreeSet<&str> = user.roles.iter().map(String::as_str).collect();
            let as_owner = wanted.contains("admin") && held.contains("owner");
            failures += u32::from(wanted.is_disjoint(&held) && !as_owner);
        }
        if !self.login_types.is_empty() && !self.login_types.contains(&user.login_type.as_str()) {
            failures += 1;
        }
        if self.service_account == Some(!user.is_service_account) {
            failures += 1;
        }
        let [created_before, created_after, seen_before, seen_after] = self.bounds;
        failures += u32::from(created_before.is_some_and(|bound| bound < user.created_at));
        failures += u32::from(created_after.is_some_and(|bound| bound > user.created_at));
        failures += u32::from(seen_before.is_some_and(|bound| bound < user.last_seen_at));
        failures += u32::from(seen_after.is_some_and(|bound| bound > user.last_seen_at));
        if self.github_com_user_id != 0 && self.github_com_user_id != user.github_com_user_id {
            failures += 1;
        }
        failures == 0
    }
}

/// A case-insensitive search for a part.
fn is_part(part: &str, whole: &str) -> bool {
    let lower = |text: &str| -> Vec<char> { text.to_lowercase().chars().collect() };
    let (part, whole) = (lower(part), lower(whole));
    whole.windows(part.len()).any(|window| window == part)
}

/// Few moments, so that bounds are hit exactly.
fn moments() -> impl Strategy<Value = DateTime<Utc>> {
    (0..4_i64).prop_map(|step| time("2026-03-01T10:20:30Z") + TimeDelta::microseconds(step))
}

prop_compose! {
    fn any_conditions()(
        search in prop::option::weighted(0.3, "[abAB%_]{1,2}"),
        name in prop::option::weighted(0.3, "[aÄ%][ bB]?"),
        statuses in prop_oneof![2 => Just(Vec::new()), 1 => subsequence(vec!["active", "dormant", "suspended"], 1..=3)],
        roles in prop_oneof![2 => Just(Vec::new()), 2 => subsequence(vec!["member", "owner", "admin", "auditor"], 1..=3)],
        login_types in prop_oneof![
            3 => Just(Vec::new()),
            1 => subsequence(vec!["password", "github", "oidc", "token", "none"], 1..=4),
        ],
        service_account in prop::option::weighted(0.2, any::<bool>()),
        bounds in prop::array::uniform4(prop::option::weighted(0.15, moments())),
        github_com_user_id in prop_oneof![5 => Just(0_i64), 1 => 0..2_i64],
    ) -> Conditions {
        Conditions { search, name, statuses, roles, login_types, service_account, bounds, github_com_user_id }
    }
}

prop_compose! {
    fn any_user()(
        username in "[abAB]{1,4}",
        email in "([abAB_%]{1,3}@ab)?",
        name in "[aAäÄ%bB ]{0,5}",
        status in select(vec![UserStatus::Active, UserStatus::Dormant, UserStatus::Suspended]),
        login_type in select(vec![LoginType::Password, LoginType::Github, LoginType::Oidc, LoginType::None]),
        is_service_account in any::<bool>(),
        roles in subsequence(vec!["member".to_owned(), "owner".to_owned(), "auditor".to_owned()], 0..=3),
        created_at in moments(),
        last_seen_at in prop_oneof![Just(never()), moments()],
        github_com_user_id in 0..2_i64,
    ) -> TestUser {
        TestUser {
            username, email, name, status, login_type, is_service_account, roles, created_at, last_seen_at,
            github_com_user_id,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_query_is_answered_and_its_errors_are_well_formed(q in queries()) {
        let answer = parse(&q);
        if q.is_ascii() {
            prop_assert_eq!(&answer, &parse(&q.to_ascii_uppercase()), "case matters");
        }
        prop_assert_eq!(&answer, &parse(&format!("  {q}")), "blanks in front matter");
        if let Err(errors) = answer {
            let fields: BTreeSet<&str> = errors.iter().map(|error| &*error.field).collect();
            prop_assert!(!errors.is_empty());
            prop_assert_eq!(fields.len(), errors.len(), "a field is named twice");
            let alone = errors.len() == 1 || !fields.contains("q");
            prop_assert!(alone, "other fields are named next to q");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_filter_matches_the_same_users_as_the_naive_model(
        conditions in any_conditions(),
        users in prop::collection::vec(any_user(), 1..8),
    ) {
        let asked = filter(&conditions.as_query());
        for user in &users {
            prop_assert_eq!(user.matches(&asked), conditions.matches(user), "{} {:?}", conditions.as_query(), user);
        }
    }
}
