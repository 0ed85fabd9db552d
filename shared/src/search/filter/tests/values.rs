//! See docs/api/user-search.md#filter-values.

use super::{TestUser, filter, matches, never, refused, time};
use crate::domain::user::{LoginType, UserStatus};

#[test]
fn commas_and_repetition_mean_the_same_and_duplicates_are_removed() {
    let both = [UserStatus::Active, UserStatus::Suspended];
    assert_eq!(filter("status:active,suspended").statuses, both);
    assert_eq!(filter("status:active status:suspended status:active").statuses, both);
    assert_eq!(filter("login_type:none,github login_type:none").login_types, ["none", "github"]);
}

#[test]
fn one_wrong_value_makes_a_list_invalid() {
    for q in [
        "status:active,",
        "status:,active",
        "status:active,,dormant",
        "status:active,inactive",
        r#"status:"active, dormant""#,
        r#"status:"active","dormant""#,
    ] {
        assert_eq!(refused(q), ["status"], "{q}");
    }
    assert_eq!(refused("login_type:none,magic"), ["login_type"]);
}

#[test]
fn a_login_type_matches_only_the_users_who_have_it() {
    let all = [LoginType::Password, LoginType::Github, LoginType::Oidc, LoginType::None];
    for asked in all {
        for held in all {
            let user = TestUser { login_type: held, ..TestUser::new("anna") };
            let q = format!("login_type:{}", asked.as_str());
            assert_eq!(matches(&q, &user), asked == held, "{q} {held:?}");
        }
    }
}

#[test]
fn login_types_that_no_user_has_are_valid_and_match_no_user() {
    for q in ["login_type:token", "login_type:oauth2_provider_app"] {
        assert!(!filter(q).is_empty(), "{q}");
        assert!(!matches(q, &TestUser::new("anna")), "{q}");
    }
    assert!(matches("login_type:token,password", &TestUser::new("anna")));
}

#[test]
fn member_is_a_condition_only_beside_other_roles() {
    for q in ["role:member", "role:member,member", "role:member role:MEMBER"] {
        assert!(filter(q).is_empty(), "{q}");
    }
    assert_eq!(filter("role:member,owner").roles, ["member", "owner"]);
    assert!(!matches("role:member,owner", &TestUser::new("anna")));
}

#[test]
fn roles_are_not_validated_and_one_of_them_is_enough() {
    let owner = TestUser { roles: vec!["auditor".to_owned(), "owner".to_owned()], ..TestUser::new("anna") };
    for q in ["role:owner", "role:owner,", "role:member,owner", "role:x role:owner"] {
        assert!(matches(q, &owner), "{q}");
        assert!(!matches(q, &TestUser::new("ben")), "{q}");
    }
    for q in ["role:own", "role:nonsense", "role:,", "role:member,"] {
        assert!(!matches(q, &owner), "{q}");
    }
}

#[test]
fn admin_and_site_manager_are_owners() {
    for q in ["role:admin", "role:site-manager", "role:ADMIN,owner"] {
        assert_eq!(filter(q), filter("role:owner"), "{q}");
    }
}

#[test]
fn a_boolean_has_three_spellings_of_each_value() {
    for (spellings, wanted) in [(["1", "t", "True"], true), (["0", "F", "false"], false)] {
        for spelling in spellings {
            let asked = filter(&format!("service_account:{spelling}"));
            assert_eq!(asked.service_account, Some(wanted), "{spelling}");
        }
    }
    for q in ["service_account:yes", "service_account:2", "service_account:true,false"] {
        assert_eq!(refused(q), ["service_account"], "{q}");
    }
    let machine = TestUser { is_service_account: true, ..TestUser::new("bot") };
    assert!(matches("service_account:1", &machine) && !matches("service_account:0", &machine));
    assert!(matches("bot", &machine));
}

#[test]
fn times_need_seconds_and_offset() {
    for (text, moment) in [
        ("2023-01-01T00:00:00Z", "2023-01-01T00:00:00Z"),
        ("2023-01-01t00:00:00z", "2023-01-01T00:00:00Z"),
        ("2023-01-01T01:30:00+01:30", "2023-01-01T00:00:00Z"),
        ("2022-12-31T16:00:00-08:00", "2023-01-01T00:00:00Z"),
        ("2023-01-01T00:00:00.5Z", "2023-01-01T00:00:00.5Z"),
        ("2023-01-01T00:00:00.123456789123Z", "2023-01-01T00:00:00.123456789Z"),
        ("2024-02-29T23:59:59-00:00", "2024-02-29T23:59:59Z"),
    ] {
        let asked = filter(&format!("created_after:\"{text}\""));
        assert_eq!(asked.created_after, Some(time(moment)), "{text}");
    }
}

#[test]
fn other_times_are_refused() {
    for text in [
        "2023-01-01",
        "2023-01-01T00:00Z",
        "2023-01-01T00:00:00",
        "2023-01-01 00:00:00Z",
        "2023-01-01T00:00:00+0100",
        "2023-01-01T00:00:00+01",
        "2023-01-01T00:00:00.Z",
        "2023-01-01T00:00:00,5Z",
        "2023-01-01T00:00:60Z",
        "2023-01-01T24:00:00Z",
        "2023-02-29T00:00:00Z",
        "2023-13-01T00:00:00Z",
        "2023-01-01T00:00:00\u{2212}01:00",
        "2023-01-01T00:00:00+01:60",
        "+2023-01-01T00:00:00Z",
        " 2023-01-01T00:00:00Z",
        "20231-01-01T00:00:00Z",
        "2023-01-0\u{661}T00:00:00Z",
        "1672531200",
        "now",
    ] {
        for key in ["created_before", "created_after", "last_seen_before", "last_seen_after"] {
            assert_eq!(refused(&format!("{key}:\"{text}\"")), [key], "{text}");
        }
    }
}

#[test]
fn the_zero_time_is_no_condition() {
    for key in ["created_before", "created_after", "last_seen_before", "last_seen_after"] {
        assert!(filter(&format!("{key}:\"0001-01-01T00:00:00Z\"")).is_empty(), "{key}");
        assert!(filter(&format!("{key}:\"0001-01-01T01:00:00+01:00\"")).is_empty(), "{key}");
    }
}

#[test]
fn bounds_in_time_are_inclusive() {
    let seen = TestUser { last_seen_at: time("2026-04-01T00:00:00Z"), ..TestUser::new("anna") };
    for (key, moment) in [("created", "2026-03-01T10:20:30"), ("last_seen", "2026-04-01T00:00:00")] {
        for (bound, fraction, expected) in
            [("before", "", true), ("after", "", true), ("before", ".000001", true), ("after", ".000001", false)]
        {
            let q = format!("{key}_{bound}:\"{moment}{fraction}Z\"");
            assert_eq!(matches(&q, &seen), expected, "{q}");
        }
    }
    assert!(!matches("last_seen_before:\"2026-03-31T23:59:59Z\"", &seen));
    assert!(!matches("created_before:\"2026-03-01T10:20:29.999999Z\"", &seen));
}

#[test]
fn a_user_who_was_never_seen_matches_last_seen_before_and_not_last_seen_after() {
    let unseen = TestUser::new("anna");
    assert_eq!(unseen.last_seen_at, never());
    for text in ["0000-06-01T00:00:00Z", "0001-01-01T00:00:01Z", "2026-01-01T00:00:00Z"] {
        assert!(matches(&format!("last_seen_before:\"{text}\""), &unseen), "{text}");
    }
    assert!(!matches("last_seen_after:\"0001-01-01T00:00:01Z\"", &unseen));
}

#[test]
fn a_github_id_is_a_64_bit_integer_and_0_is_no_condition() {
    for (text, id) in [
        ("7", Some(7)),
        ("+7", Some(7)),
        ("-7", Some(-7)),
        ("007", Some(7)),
        ("0", None),
        ("-0", None),
        ("9223372036854775807", Some(i64::MAX)),
        ("-9223372036854775808", Some(i64::MIN)),
    ] {
        let asked = filter(&format!("github_com_user_id:{text}"));
        assert_eq!(asked.github_com_user_id, id, "{text}");
    }
    for text in ["9223372036854775808", "x", "7.0", "0x7", "1_000", "7,8"] {
        let q = format!("github_com_user_id:{text}");
        assert_eq!(refused(&q), ["github_com_user_id"], "{q}");
    }
    let linked = TestUser { github_com_user_id: 7, ..TestUser::new("anna") };
    assert!(matches("github_com_user_id:7", &linked));
    assert!(!matches("github_com_user_id:8", &linked));
}

#[test]
fn single_valued_keys_are_refused_when_repeated() {
    for key in [
        "search",
        "name",
        "service_account",
        "created_before",
        "created_after",
        "last_seen_before",
        "last_seen_after",
        "github_com_user_id",
    ] {
        assert_eq!(refused(&format!("{key}:1 {key}:1")), [key]);
    }
}
