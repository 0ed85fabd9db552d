//! Bodies as clients send them, and as they might.

use proptest::prelude::*;
use serde::Deserialize;
use uuid::Uuid;

use super::{BodyUuid, JsonError, decode, verbatim};

const ID: Uuid = Uuid::from_u128(0xc42f_df75_3097_471c_8c33_fb52_454d_81c0);

#[derive(Deserialize, PartialEq, Debug, Default)]
#[serde(default)]
struct Request {
    username: String,
    #[serde(deserialize_with = "verbatim")]
    password: String,
    lifetime: i64,
    trial: bool,
    status: Option<String>,
    dismissed: Option<bool>,
    organization_ids: Vec<BodyUuid>,
    organization_id: Option<BodyUuid>,
    roles: Vec<String>,
    counts: Vec<i64>,
    info: Option<Info>,
    mapping: Vec<Info>,
}

#[derive(Deserialize, PartialEq, Debug, Default)]
#[serde(default)]
struct Info {
    given: String,
    gets: i64,
}

#[derive(Deserialize, PartialEq, Debug)]
struct Strict {
    needed: String,
}

fn request(body: &str) -> Result<Request, JsonError> {
    decode(body.as_bytes())
}

fn refusal(body: &str) -> String {
    match request(body) {
        Ok(request) => format!("accepted: {request:?}"),
        Err(error) => error.to_string(),
    }
}

fn named(username: &str) -> Request {
    Request { username: username.to_owned(), ..Request::default() }
}

#[test]
fn every_kind_of_member_is_decoded() {
    let body = r#" {"username":"a\u00e4\ud83d\ude00","password":"p","lifetime":-3600000000000,"trial":true,
        "status":"active","dismissed":false,"organization_ids":["c42fdf75-3097-471c-8c33-fb52454d81c0"],
        "organization_id":"c42fdf753097471c8c33fb52454d81c0","roles":["owner"],"counts":[1,-1],
        "info":{"given":"x","gets":1},"mapping":[{"given":"y","gets":2}]}"#;
    let expected = Request {
        username: "a\u{e4}\u{1f600}".to_owned(),
        password: "p".to_owned(),
        lifetime: -3_600_000_000_000,
        trial: true,
        status: Some("active".to_owned()),
        dismissed: Some(false),
        organization_ids: vec![BodyUuid(ID)],
        organization_id: Some(BodyUuid(ID)),
        roles: vec!["owner".to_owned()],
        counts: vec![1, -1],
        info: Some(Info { given: "x".to_owned(), gets: 1 }),
        mapping: vec![Info { given: "y".to_owned(), gets: 2 }],
    };
    assert_eq!(request(body), Ok(expected));
}

#[test]
fn only_the_first_value_is_read() {
    for body in [
        r#"{"username":"a"} trailing"#,
        r#"{"username":"a"}{"username":"b"}"#,
        "{\"username\":\"a\"}}",
        "{\"username\":\"a\"}\0",
    ] {
        assert_eq!(request(body), Ok(named("a")), "{body}");
    }
    assert_eq!(decode::<Request>(b"{\"username\":\"a\"}\xff"), Ok(named("a")));
}

#[test]
fn unknown_members_are_ignored_whatever_they_hold() {
    assert_eq!(request(r#"{"disable_login":[1.5,{"a":"\u0000"}],"username":"a","x":null}"#), Ok(named("a")));
}

#[test]
fn names_match_in_any_case_and_the_last_one_counts() {
    assert_eq!(request(r#"{"USERNAME":"a"}"#), Ok(named("a")));
    assert_eq!(request(r#"{"username":"a","userName":"b"}"#), Ok(named("b")));
    assert_eq!(request(r#"{"Username":"b","username":"a"}"#), Ok(named("a")));
    assert_eq!(request(r#"{"username":"a","username":""}"#), Ok(named("")));
    let mapping = request(r#"{"Mapping":[{"Given":"x","GETS":3}]}"#).map(|request| request.mapping);
    let expected = Info { given: "x".to_owned(), gets: 3 };
    assert_eq!(mapping, Ok(vec![expected]));
}

#[test]
fn null_says_nothing_about_a_member_and_leaves_an_earlier_value() {
    let all_null = r#"{"username":null,"password":null,"lifetime":null,"trial":null,"status":null,
        "dismissed":null,"organization_ids":null,"organization_id":null,"roles":null,"counts":null,"info":null,
        "mapping":null}"#;
    assert_eq!(request(all_null), Ok(Request::default()));
    assert_eq!(request(r#"{"username":"a","USERNAME":null}"#), Ok(named("a")));
}

#[test]
fn null_in_a_list_or_a_map_is_the_zero_value() {
    let decoded = request(r#"{"organization_ids":[null],"roles":[null],"counts":[null],"mapping":[null]}"#);
    let expected = Request {
        organization_ids: vec![BodyUuid(Uuid::nil())],
        roles: vec![String::new()],
        counts: vec![0],
        mapping: vec![Info::default()],
        ..Request::default()
    };
    assert_eq!(decoded, Ok(expected));
}

#[test]
fn a_body_of_null_is_an_empty_object_or_list() {
    assert_eq!(request("null"), Ok(Request::default()));
    assert_eq!(request("{}"), Ok(Request::default()));
    assert_eq!(decode::<Vec<String>>(b"null"), Ok(Vec::new()));
}

#[test]
fn a_body_without_a_value_is_empty() {
    for body in ["", "  ", "\r\n\t"] {
        assert_eq!(request(body), Err(JsonError::Empty), "{body:?}");
    }
}

#[test]
fn a_body_that_stops_early_is_truncated() {
    for body in ["{", "{\"email\":", "{\"a\":\"b", "[1,", "tru", "-"] {
        assert_eq!(request(body), Err(JsonError::Truncated), "{body}");
    }
}

#[test]
fn broken_syntax_is_located() {
    assert_eq!(request("{\"a\":1,\n \"b\" 2}"), Err(JsonError::Syntax { line: 2, column: 6 }));
    for body in
        ["{a:1}", "{'a':1}", "{\"a\":1,}", "[1 2]", "{\"a\":01}", "\"\n\"", "\"\\x\"", "\"\\ud800\"", "\u{feff}{}", "}"]
    {
        assert!(matches!(request(body), Err(JsonError::Syntax { .. })), "{body}");
    }
    assert!(matches!(decode::<Request>(b"{\"username\":\"\xff\"}"), Err(JsonError::Syntax { .. })));
}

#[test]
fn nesting_is_bounded_also_where_it_is_ignored() {
    let nested = |depth: usize| format!("{{\"x\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(request(&nested(126)), Ok(Request::default()));
    assert!(matches!(request(&nested(127)), Err(JsonError::Syntax { .. })));
    let bottomless = "[".repeat(super::MAX_BODY_BYTES);
    assert!(matches!(request(&bottomless), Err(JsonError::Syntax { .. })));
}

#[test]
fn a_body_of_the_wrong_type_is_refused() {
    for body in ["[]", "7", "\"text\"", "true", "[{}]"] {
        assert_eq!(refusal(body), "the body must be an object", "{body}");
    }
    assert_eq!(
        decode::<Vec<String>>(b"{}").map_err(|error| error.to_string()),
        Err("the body must be an array".to_owned())
    );
}

#[test]
fn a_member_of_the_wrong_type_is_named_and_not_quoted() {
    for (body, expected) in [
        (r#"{"UserName":7}"#, "`username` must be a string"),
        (r#"{"username":["s3cret"]}"#, "`username` must be a string"),
        (r#"{"password":7}"#, "`password` must be a string"),
        (r#"{"trial":"true"}"#, "`trial` must be true or false"),
        (r#"{"trial":1}"#, "`trial` must be true or false"),
        (r#"{"status":false}"#, "`status` must be a string"),
        (r#"{"lifetime":"1"}"#, "`lifetime` must be an integer"),
        (r#"{"roles":"owner"}"#, "`roles` must be an array"),
        (r#"{"roles":{"a":"b"}}"#, "`roles` must be an array"),
        (r#"{"roles":["owner",7]}"#, "`roles[1]` must be a string"),
        (r#"{"info":[]}"#, "`info` must be an object"),
        (r#"{"info":{"GETS":"s3cret"}}"#, "`info.gets` must be an integer"),
        (r#"{"mapping":[{},{"given":1}]}"#, "`mapping[1].given` must be a string"),
        (r#"{"organization_ids":["s3cret"]}"#, "`organization_ids[0]` must be a UUID"),
        (r#"{"organization_ids":[7]}"#, "`organization_ids[0]` must be a UUID"),
        (r#"{"organization_id":""}"#, "`organization_id` must be a UUID"),
    ] {
        assert_eq!(refusal(body), expected, "{body}");
    }
}

#[test]
fn integers_are_written_without_fraction_and_exponent_and_fit() {
    for number in ["1.5", "1.0", "1e9", "9223372036854775808", "-9223372036854775809", "18446744073709551616"] {
        let text = refusal(&format!("{{\"lifetime\":{number}}}"));
        assert!(text.starts_with("`lifetime` must be") && !text.contains(number), "{text}");
    }
    for (number, expected) in [("9223372036854775807", i64::MAX), ("-9223372036854775808", i64::MIN), ("0", 0)] {
        let lifetime = request(&format!("{{\"lifetime\":{number}}}")).map(|request| request.lifetime);
        assert_eq!(lifetime, Ok(expected));
    }
}

#[test]
fn a_member_that_a_type_insists_on_is_reported_missing() {
    let missing = |body: &[u8]| decode::<Strict>(body).map_err(|error| error.to_string());
    assert_eq!(missing(b"{}"), Err("`needed` is missing".to_owned()));
    assert_eq!(missing(b"{\"needed\":null}"), Err("`needed` is missing".to_owned()));
    let nested = decode::<Vec<Strict>>(b"[{}]").map_err(|error| error.to_string());
    assert_eq!(nested, Err("`[0].needed` is missing".to_owned()));
}

#[test]
fn text_with_a_nul_is_refused_except_where_it_is_asked_for() {
    for (body, path) in [
        (r#"{"username":"a\u0000b"}"#, "username"),
        (r#"{"status":"\u0000"}"#, "status"),
        (r#"{"roles":["a","\u0000"]}"#, "roles[1]"),
    ] {
        assert_eq!(refusal(body), format!("`{path}` must not contain the character U+0000"));
    }
    let password = request(r#"{"password":"a\u0000b"}"#).map(|request| request.password);
    assert_eq!(password, Ok("a\0b".to_owned()));
}

#[test]
fn a_uuid_has_four_forms() {
    for text in [
        "c42fdf75-3097-471c-8c33-fb52454d81c0",
        "C42FDF75-3097-471C-8C33-FB52454D81C0",
        "URN:uuid:c42fdf75-3097-471c-8c33-fb52454d81c0",
        "{c42fdf75-3097-471c-8c33-fb52454d81c0}",
        "c42fdf753097471c8c33fb52454d81c0",
    ] {
        assert_eq!(decode::<BodyUuid>(format!("\"{text}\"").as_bytes()), Ok(BodyUuid(ID)), "{text}");
    }
}

/// JSON that is rich in names and values of [`Request`].
fn values() -> impl Strategy<Value = serde_json::Value> {
    let names = prop::sample::select(vec![
        "username", "PASSWORD", "lifetime", "trial", "Roles", "info", "given", "gets", "mapping", "s3cret",
    ]);
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        Just("s3cret".into()),
        Just("\0".into()),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::vec((names.clone(), inner), 0..6).prop_map(|members| {
                let members = members.into_iter().map(|(name, value)| (name.to_owned(), value));
                serde_json::Value::Object(members.collect())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_decoded_or_refused(body in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = decode::<Request>(&body);
    }

    #[test]
    fn no_refusal_quotes_what_was_sent(value in values()) {
        if let Err(error) = request(&value.to_string()) {
            let shown = format!("{error} {error:?}");
            prop_assert!(!shown.contains("s3cret"), "{}", shown);
        }
    }

    #[test]
    fn what_is_cut_short_is_never_accepted(value in values(), cut in any::<prop::sample::Index>()) {
        let text = serde_json::json!([value]).to_string();
        let bytes = text.as_bytes().get(..cut.index(text.len())).unwrap_or_default();
        let refused = decode::<Vec<String>>(bytes);
        let is_syntactic = matches!(refused, Err(JsonError::Empty | JsonError::Truncated | JsonError::Syntax { .. }));
        prop_assert!(is_syntactic, "{:?}", refused);
    }
}
