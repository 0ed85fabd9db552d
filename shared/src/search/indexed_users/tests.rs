//! Tests of the index against a model that sorts, filters and cuts a list.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use proptest::prelude::*;
use uuid::Uuid;

use super::{IndexedUsers, UserSummary, Window};
use crate::domain::organization::Membership;
use crate::domain::text::fold;
use crate::domain::time::Timestamp;
use crate::domain::user::{LoginType, User, UserStatus};
use crate::search::filter::{self, FilterFields, UserFilter};

fn day(day: i64) -> Timestamp {
    Timestamp::EPOCH.plus(TimeDelta::days(day))
}

fn a_user() -> impl Strategy<Value = User> {
    let texts = ("[a-cA-C]{1,3}", "[a-cA-CİΣé]{0,3}", prop::sample::select(vec!["", "Ada Byron", "ΣΊΣΥΦΟΣ", "b c"]));
    let kinds = (
        prop::sample::select(vec![UserStatus::Active, UserStatus::Dormant, UserStatus::Suspended]),
        prop::sample::select(vec![LoginType::Password, LoginType::Oidc, LoginType::None]),
        prop::sample::subsequence(vec!["owner".to_owned(), "auditor".to_owned(), "member".to_owned()], 0..=3),
        any::<bool>(),
    );
    let times = (0..5_i64, prop::option::of(0..5_i64));
    (texts, kinds, times, any::<u128>()).prop_map(|((username, email, name), kinds, times, id)| User {
        id: Uuid::from_u128(id),
        email: if email.is_empty() { String::new() } else { format!("{email}@Example.com") },
        username,
        name: name.to_owned(),
        avatar_url: "data:x".to_owned(),
        created_at: day(times.0),
        updated_at: day(times.0),
        last_seen_at: times.1.map_or(Timestamp::NEVER, day),
        status: kinds.0,
        login_type: kinds.1,
        is_service_account: kinds.3,
        roles: kinds.2,
        memberships: vec![Membership::new(Uuid::from_u128(id % 3), day(0))],
        deleted: false,
        password_is_temporary: false,
        key_generation: 0,
        authz_version: 0,
        version: 0,
    })
}

fn a_query() -> impl Strategy<Value = UserFilter> {
    let term = prop::sample::select(vec![
        "a",
        "bc",
        "ca@",
        "@example",
        "σί",
        "é",
        "status:active",
        "status:dormant,suspended",
        "role:owner",
        "role:auditor,member",
        "role:member",
        "login_type:none",
        "service_account:true",
        "service_account:false",
        "name:ada",
        "name:\"b c\"",
        "name:σ",
        "created_before:\"1970-01-03T00:00:00Z\"",
        "created_after:\"1970-01-02T00:00:00Z\"",
        "last_seen_before:\"1970-01-04T00:00:00Z\"",
        "last_seen_after:\"1970-01-01T00:00:00Z\"",
        "github_com_user_id:7",
    ]);
    // Some combinations are refused, such as `name` given twice: other tests cover them.
    prop::collection::vec(term, 0..4).prop_filter_map("a query", |terms| filter::parse(&terms.join(" ")).ok())
}

/// Follows the specification step by step: sorts all users, filters them, and cuts the page.
fn model(users: &BTreeMap<String, User>, filter: &UserFilter, window: Window<'_>) -> (Vec<UserSummary>, u64) {
    let after = users.iter().filter(|(name, _)| window.after.is_none_or(|after| name.as_str() > after));
    let matching: Vec<&User> = after
        .map(|(_, user)| user)
        .filter(|user| {
            filter.matches(&FilterFields {
                username_folded: &fold(&user.username),
                email_folded: &fold(&user.email),
                name_folded: &fold(&user.name),
                status: user.status,
                login_type: user.login_type,
                is_service_account: user.is_service_account,
                roles: &user.roles,
                created_at: user.created_at.utc(),
                last_seen_at: user.last_seen_at.utc(),
                github_com_user_id: 0,
            })
        })
        .collect();
    let limit = window.limit;
    let page = matching.iter().skip(window.offset).take(limit).map(|user| UserSummary::from((*user).clone()));
    (page.collect(), matching.len() as u64)
}

/// Changes that insert `users` and delete the usernames in `gone`.
fn changes(users: Vec<User>, gone: &[String]) -> BTreeMap<String, Option<User>> {
    let gone = gone.iter().map(|name| (name.to_ascii_lowercase(), None));
    gone.chain(users.into_iter().map(|user| (user.username.to_ascii_lowercase(), Some(user)))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn a_search_has_the_same_result_as_the_model(
        first in prop::collection::vec(a_user(), 0..8),
        then in prop::collection::vec(a_user(), 0..4),
        gone in prop::collection::vec("[a-cA-C]{1,3}", 0..4),
        filter in a_query(),
        after in prop::option::of("[a-c]{0,3}"),
        (offset, limit) in (0..4_usize, prop_oneof![1..4_usize, Just(usize::MAX)]),
    ) {
        let mut indexed = IndexedUsers::default();
        let mut users = BTreeMap::new();
        for step in [changes(first, &[]), changes(then, &gone)] {
            for (name, user) in &step {
                match user {
                    Some(user) => drop(users.insert(name.clone(), user.clone())),
                    None => drop(users.remove(name)),
                }
            }
            indexed.apply(step);
        }
        let window = Window { after: after.as_deref(), offset, limit };
        prop_assert_eq!(indexed.len(), users.len());
        prop_assert_eq!(indexed.search(&filter, window), model(&users, &filter, window));
    }
}

#[test]
fn an_empty_index_finds_no_user() {
    let indexed = IndexedUsers::default();
    assert!(indexed.is_empty());
    assert_eq!(
        indexed.search(&UserFilter::default(), Window { after: None, offset: 0, limit: usize::MAX }),
        (Vec::new(), 0)
    );
}
