//! Parameters as clients and the recordings send them.

use proptest::prelude::*;
use uuid::Uuid;

use super::{FieldError, Query};
use crate::domain::pagination::Pagination;

const ID: Uuid = Uuid::from_u128(0x0f0f_0f0f_0f0f_4f0f_8f0f_0f0f_0f0f_0f0f);

fn query(raw: &str) -> Query {
    Query::parse(Some(raw))
}

fn wrong_fields(raw: &str) -> Vec<String> {
    let errors = query(raw).pagination().err().unwrap_or_default();
    errors.into_iter().map(|FieldError { field, .. }| field).collect()
}

#[test]
fn the_first_of_several_values_is_found_by_its_exact_name() {
    let query = query("q=first&q=second&Q=other&empty=&bare");
    assert_eq!(query.get("q"), Some("first"));
    assert_eq!(query.get("Q"), Some("other"));
    assert_eq!(query.get("empty"), Some(""));
    assert_eq!(query.get("bare"), Some(""));
    assert_eq!(query.get("missing"), None);
    assert_eq!(Query::parse(None).get("q"), None);
}

#[test]
fn names_and_values_are_decoded_as_in_forms() {
    assert_eq!(query("q=lf-%20status:%22a%2Bb%22+c").get("q"), Some("lf- status:\"a+b\" c"));
    assert_eq!(query("%71=1").get("q"), Some("1"));
    assert_eq!(query("q=a=b").get("q"), Some("a=b"));
}

#[test]
fn what_cannot_be_decoded_is_kept_recognisable() {
    assert_eq!(query("q=100%").get("q"), Some("100%"));
    assert_eq!(query("q=%zz;a").get("q"), Some("%zz;a"));
    assert_eq!(query("q=%ff").get("q"), Some("\u{fffd}"));
}

#[test]
fn without_parameters_the_whole_list_is_asked_for() {
    assert_eq!(Query::parse(None).pagination(), Ok(Pagination::default()));
    assert_eq!(query("q=x&limit=&offset=&after_id=").pagination(), Ok(Pagination::default()));
    assert_eq!(
        query("limit=0&offset=0&after_id=00000000-0000-0000-0000-000000000000").pagination(),
        Ok(Pagination::default())
    );
}

#[test]
fn a_page_has_a_size_a_start_and_a_cursor() {
    let expected = Pagination { limit: 2_147_483_647, offset: 5, after_id: Some(ID) };
    for raw in [
        "limit=2147483647&offset=5&after_id=0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f",
        "offset=05&limit=%2B2147483647&after_id=URN:UUID:0F0F0F0F-0F0F-4F0F-8F0F-0F0F0F0F0F0F&unknown=x",
    ] {
        assert_eq!(query(raw).pagination(), Ok(expected), "{raw}");
    }
}

#[test]
fn limit_and_offset_are_whole_numbers_of_31_bits() {
    for value in ["-1", "2147483648", "ten", "1.0", "1e3", "0x10", "%201", "1%20", "1_000", "+1", "%2B"] {
        assert_eq!(wrong_fields(&format!("limit={value}")), ["limit"], "{value}");
        assert_eq!(wrong_fields(&format!("offset={value}")), ["offset"], "{value}");
    }
}

#[test]
fn a_cursor_is_a_uuid() {
    for value in ["abc", "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0", "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f0", "me"] {
        assert_eq!(wrong_fields(&format!("after_id={value}")), ["after_id"], "{value}");
    }
}

#[test]
fn a_repeated_parameter_is_an_error_and_all_errors_come_together() {
    assert_eq!(wrong_fields("limit=1&limit=2"), ["limit"]);
    assert_eq!(wrong_fields("limit=1&limit=1"), ["limit"]);
    assert_eq!(wrong_fields("limit=a&offset=b&after_id=c"), ["after_id", "limit", "offset"]);
    assert_eq!(wrong_fields("limit=a&offset=7&after_id=c"), ["after_id", "limit"]);
}

#[test]
fn a_flag_knows_six_spellings_of_true_and_is_false_otherwise() {
    for value in ["1", "t", "T", "TRUE", "true", "True"] {
        assert!(query(&format!("include_all={value}")).flag("include_all"), "{value}");
    }
    for value in ["0", "f", "false", "", "tRUE", "yes", "maybe", "2", "+true"] {
        assert!(!query(&format!("include_all={value}")).flag("include_all"), "{value}");
    }
    assert!(!query("include_expired=true").flag("include_all"));
}

#[test]
fn debug_output_shows_no_values() {
    assert_eq!(format!("{:?}", query("coder_session_token=secret&q=x")), "{\"coder_session_token\", \"q\"}");
}

proptest! {
    #[test]
    fn every_pair_survives_encoding(name in any::<String>(), value in any::<String>()) {
        let raw = form_urlencoded::Serializer::new(String::new()).append_pair(&name, &value).finish();
        let query = query(&raw);
        prop_assert_eq!(query.get(&name), Some(value.as_str()));
    }

    #[test]
    fn every_page_can_be_asked_for(limit in 0..=i32::MAX, offset in 0..=i32::MAX, id in 1u128..) {
        let after_id = Uuid::from_u128(id);
        let page = query(&format!("after_id={after_id}&offset={offset}&limit={limit}")).pagination();
        let expected = Pagination {
            limit: limit.unsigned_abs(),
            offset: offset.unsigned_abs(),
            after_id: Some(after_id),
        };
        prop_assert_eq!(page, Ok(expected));
    }

    #[test]
    fn arbitrary_queries_are_answered_with_a_page_or_with_known_fields(raw in "\\PC{0,40}|((limit|offset|after_id)=[0-9a-f+-]{0,12}&){0,5}") {
        for field in wrong_fields(&raw) {
            prop_assert!(["after_id", "limit", "offset"].contains(&field.as_str()));
        }
    }
}
