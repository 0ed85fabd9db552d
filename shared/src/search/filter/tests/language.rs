//! The steps of docs/api/user-search.md#filter-language.

use super::{filter, parse, refused, searching};
use crate::domain::text::fold;
use crate::domain::user::UserStatus;
use crate::search::filter::UserFilter;

#[test]
fn an_empty_or_blank_query_has_no_condition() {
    for q in ["", " ", "     "] {
        assert_eq!(filter(q), UserFilter::default(), "{q:?}");
        assert!(filter(q).is_empty(), "{q:?}");
    }
}

#[test]
fn the_valid_examples_of_the_table_have_its_meaning() {
    let active = UserFilter { statuses: vec![UserStatus::Active], ..UserFilter::default() };
    let john =
        UserFilter { name: Some("john doe".to_owned()), roles: vec!["owner".to_owned()], ..UserFilter::default() };
    let foo_bar = UserFilter { search: Some("foo bar".to_owned()), ..active.clone() };
    for (q, meaning) in [
        ("a   b", searching("a b")),
        ("foo status:active bar", foo_bar),
        (r#""status":active"#, active),
        (r#"name:"John Doe" role:owner"#, john),
        (r#"search:"user:name""#, searching("user:name")),
        (r#""x:y""#, searching(r#""x:y""#)),
    ] {
        assert_eq!(filter(q), meaning, "{q}");
    }
}

#[test]
fn the_invalid_examples_of_the_table_are_refused_for_its_field() {
    for (q, field) in [
        ("a::b", "a"),
        ("search:foo bar", "search"),
        ("search:name:extra", "q"),
        ("created_after:2023-01-01T00:00:00Z", "q"),
        ("status:", "q"),
        (":x", "q"),
        ("status:inactive", "status"),
    ] {
        assert_eq!(refused(q), [field], "{q}");
    }
}

#[test]
fn keys_values_and_search_text_ignore_case() {
    assert_eq!(filter("STATUS:Active LF-Ä"), filter("status:active lf-ä"));
    assert_eq!(filter("ÄÖ").search.as_deref(), Some("äö"));
}

#[test]
fn folding_does_not_depend_on_the_position_of_a_character_in_a_word() {
    assert!(fold("ΟΔΟΣΑ").contains(&fold("ΟΔΟΣ")));
}

#[test]
fn only_a_space_separates_tokens() {
    assert_eq!(filter("a\tb"), searching("a\tb"));
    assert_eq!(filter("a\u{a0}b"), searching("a\u{a0}b"));
    assert_eq!(refused("status:active\trole:owner"), ["q"]);
}

#[test]
fn spaces_inside_quotes_are_kept_and_others_collapse() {
    assert_eq!(filter(r#"name:"a   b"   c   d"#).name.as_deref(), Some("a   b"));
    assert_eq!(filter(r#"name:"a   b"   c   d"#).search.as_deref(), Some("c d"));
}

#[test]
fn an_open_quote_extends_to_the_end() {
    let name = filter(r#"name:"a  b status:nope"#).name;
    assert_eq!(name.as_deref(), Some("a  b status:nope"));
    assert_eq!(filter(r#"x "a  b"#), searching(r#"x "a  b"#));
}

#[test]
fn a_quote_in_the_middle_of_a_token_toggles_too() {
    let name = filter(r#"name:x"y z"w"#).name;
    assert_eq!(name.as_deref(), Some(r#"x"y z"w"#));
    assert_eq!(refused(r#"na"m e:"k:x"#), [r#"na"m e:"k"#]);
}

#[test]
fn every_quote_around_a_key_or_value_is_removed() {
    assert_eq!(filter(r#"""name"":""x"""#).name.as_deref(), Some("x"));
}

#[test]
fn free_text_around_elements_is_one_phrase_in_its_order() {
    assert_eq!(filter("a role:owner b status:active c").search.as_deref(), Some("a b c"));
}

#[test]
fn quoted_free_text_keeps_its_quotes() {
    assert_eq!(filter(r#""john smith""#), searching(r#""john smith""#));
    assert_eq!(filter(r#""""#), searching(r#""""#));
}

#[test]
fn a_quoted_colon_beside_free_text_is_a_second_search() {
    assert_eq!(refused(r#""x:y" foo"#), ["search"]);
    assert_eq!(refused(r#"search:x "x:y""#), ["search"]);
}

#[test]
fn an_element_that_begins_or_ends_with_a_colon_is_refused_as_a_whole() {
    for q in [":", "::", ":x", "x:", "a:b:", ":a:b", r#""x:"#, "name:x status: y"] {
        assert_eq!(refused(q), ["q"], "{q}");
    }
    assert_eq!(filter(r#"":x""#), searching(r#"":x""#));
}

#[test]
fn more_than_two_pieces_are_refused_and_empty_ones_do_not_count() {
    assert_eq!(refused("name:a:b"), ["q"]);
    assert_eq!(refused(r#"name:"":b"#), ["q"]);
    assert_eq!(filter("name:::b").name.as_deref(), Some("b"));
}

#[test]
fn an_error_of_the_whole_query_is_the_only_error() {
    assert_eq!(refused("status:nope foo:bar :x y:"), ["q"]);
}

#[test]
fn a_nul_is_refused_at_every_position() {
    for q in ["\0", "a\0b", "name:\0", "\"\0\"", "status:active \0"] {
        assert_eq!(refused(q), ["q"], "{q:?}");
    }
}

#[test]
fn an_empty_first_value_makes_its_key_absent_even_if_others_follow() {
    for q in [
        r#"status:"""#,
        r#"status:"" status:active"#,
        r#"status:"" status:nope"#,
        r#"name:"" name:a name:b"#,
        r#"search:"" foo"#,
        r#"created_after:"" created_after:x"#,
        r#"service_account:"""#,
        r#"github_com_user_id:"""#,
        r#"role:"" role:owner"#,
        r#"login_type:"" login_type:magic"#,
    ] {
        assert!(filter(q).is_empty(), "{q}");
    }
}

#[test]
fn an_empty_later_value_is_a_value() {
    assert_eq!(refused(r#"name:a name:"""#), ["name"]);
    assert_eq!(refused(r#"status:active status:"""#), ["status"]);
}

#[test]
fn keys_that_do_not_exist_are_refused_once_each() {
    for key in ["id", "username", "email", "organization", "has_ai_seat", "is_service_account", "is_system"] {
        assert_eq!(refused(&format!("{key}:x")), [key]);
    }
    assert_eq!(refused("foo:a bar:b FOO:c"), ["foo", "bar"]);
    assert_eq!(refused(r#"foo:"""#), ["foo"]);
}

#[test]
fn all_problems_are_reported_together_by_first_occurrence() {
    assert_eq!(
        refused("x status:nope name:a created_before:x foo:bar name:b role:owner search:y status:bad"),
        ["status", "name", "created_before", "foo", "search"]
    );
}

#[test]
fn a_detail_quotes_the_value_and_names_the_valid_ones() {
    let errors = parse("status:nope service_account:maybe").err().unwrap_or_default();
    let details: Vec<&str> = errors.iter().map(|error| &*error.detail).collect();
    assert_eq!(
        details,
        [
            "`nope` is not a valid value. Choose from `active`, `dormant` and `suspended`.",
            "`maybe` is not valid. Give `true` or `false`.",
        ]
    );
}
