//! Searches in usernames, e-mail addresses and real names (docs/api/user-search.md#filter-language).

use super::{TestUser, matches};
use crate::search::filter::UserFilter;

#[test]
fn search_matches_username_and_email_and_name_matches_the_real_name() {
    let anna = TestUser {
        username: "Anna-K".to_owned(),
        email: "A.Kowalska@Example.com".to_owned(),
        name: "Änne Kowalska-Maier".to_owned(),
        ..TestUser::new("")
    };
    for q in ["nna-k", "KOWALSKA@", "a", "name:ÄNNE", "name:\"e kowal\"", "nna name:maier"] {
        assert!(matches(q, &anna), "{q}");
    }
    for q in ["maier", "name:anna-k", "name:example.com", "anna kowalska", "nna name:x"] {
        assert!(!matches(q, &anna), "{q}");
    }
}

#[test]
fn patterns_of_sql_match_only_themselves() {
    let odd = TestUser { name: r"100% a_b \o/".to_owned(), ..TestUser::new("lf-anna") };
    for q in ["lf-%a", "lf_anna", r"lf\-anna", "%", "_"] {
        assert!(!matches(q, &odd), "{q}");
    }
    for q in ["name:0%", "name:a_b", r"name:\o"] {
        assert!(matches(q, &odd), "{q}");
    }
}

#[test]
fn a_quoted_local_part_is_found_by_the_bare_email() {
    let quoted = TestUser { email: r#""john: the smith"@example.com"#.to_owned(), ..TestUser::new("john") };
    assert!(matches(r#""john: the smith"@example.com"#, &quoted));
    assert!(!matches(r#""john""#, &quoted));
}

#[test]
fn an_empty_filter_matches_every_user() {
    assert!(TestUser::new("anna").matches(&UserFilter::default()));
}
