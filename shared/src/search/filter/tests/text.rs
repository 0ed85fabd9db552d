//! docs/api/user-search.md#filter-language: what is found in usernames, e-mails and real names.

use super::{Person, filter};
use crate::search::filter::UserFilter;

fn matches(q: &str, person: &Person) -> bool {
    person.meets(&filter(q))
}

#[test]
fn search_looks_into_username_and_email_and_name_into_the_real_name() {
    let anna = Person {
        username: "Anna-K".to_owned(),
        email: "A.Kowalska@Example.com".to_owned(),
        name: "Änne Kowalska-Maier".to_owned(),
        ..Person::called("")
    };
    for q in ["nna-k", "KOWALSKA@", "a", "name:ÄNNE", "name:\"e kowal\"", "nna name:maier"] {
        assert!(matches(q, &anna), "{q}");
    }
    for q in ["maier", "name:anna-k", "name:example.com", "anna kowalska", "nna name:x"] {
        assert!(!matches(q, &anna), "{q}");
    }
}

#[test]
fn patterns_of_sql_stand_for_themselves() {
    let odd = Person { name: r"100% a_b \o/".to_owned(), ..Person::called("lf-anna") };
    for q in ["lf-%a", "lf_anna", r"lf\-anna", "%", "_"] {
        assert!(!matches(q, &odd), "{q}");
    }
    for q in ["name:0%", "name:a_b", r"name:\o"] {
        assert!(matches(q, &odd), "{q}");
    }
}

#[test]
fn a_quoted_local_part_is_found_by_the_bare_email() {
    let quoted = Person { email: r#""john: the smith"@example.com"#.to_owned(), ..Person::called("john") };
    assert!(matches(r#""john: the smith"@example.com"#, &quoted));
    assert!(!matches(r#""john""#, &quoted));
}

#[test]
fn an_unasked_filter_matches_anybody() {
    assert!(Person::called("anna").meets(&UserFilter::default()));
}
