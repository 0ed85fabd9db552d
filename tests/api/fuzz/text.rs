//! Parsers of text: they never panic, and a parsed value prints the text that was parsed.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use roster::api::json;
use roster::api::settings::UpdateUserPreferenceSettingsRequest;
use roster::api::users::{CreateUserRequest, UpdateUserProfileRequest};
use roster::domain::ids::parse_uuid;
use roster::domain::names::{Email, NameError, RealName, Username};
use roster::domain::text::fold;
use roster::search::filter::{self, FilterError};
use serde_json::Value;

use super::text;

/// The minimum of cases for a property.
const FEWEST: u32 = 4_000;

fn run<T: std::fmt::Debug>(input: impl Strategy<Value = T>, property: impl Fn(T)) {
    let cases = Config::default().cases.max(FEWEST);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&input, |case| {
        property(case);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn every_search_is_parsed_or_refused_by_field() {
    run(text(), |q| match filter::parse(&q) {
        Ok(filter) => assert_eq!(filter::parse(&q.to_ascii_uppercase()), Ok(filter), "case is ignored"),
        Err(errors) => {
            assert!(!errors.is_empty());
            let query = fold(&q);
            for FilterError { field, detail } in errors {
                assert!(["q", "search"].contains(&&*field) || query.contains(&field), "a key of the query: {field:?}");
                assert!(!detail.is_empty());
            }
        }
    });
}

#[test]
fn every_body_is_decoded_or_refused_with_a_reason() {
    let members = prop::sample::select(vec!["username", "NAME", "organization_ids", "service_account", "roles", "x"]);
    let values = prop_oneof![
        text().prop_map(|text| Value::from(text).to_string()),
        prop::sample::select(vec!["null", "true", "5", "[]", "[\"a\"]", "{}", "[null]", "1e999", "\"\\ud800\"", ""])
            .prop_map(str::to_owned),
    ];
    let object = prop::collection::vec((members, values), 0..4).prop_map(|members| {
        let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", members.join(",")).into_bytes()
    });
    let input = prop_oneof![3 => object, 1 => prop::collection::vec(any::<u8>(), 0..40)];
    run(input, |body| {
        let refusals = [
            json::decode::<CreateUserRequest>(&body).err(),
            json::decode::<UpdateUserProfileRequest>(&body).err(),
            json::decode::<UpdateUserPreferenceSettingsRequest>(&body).err(),
        ];
        assert!(refusals.iter().flatten().all(|refusal| !refusal.to_string().is_empty()));
        // Text after the first value is ignored.
        let first = serde_json::Deserializer::from_slice(&body).into_iter::<Value>().next();
        let is_json = matches!(first, Some(Ok(_)));
        assert!(is_json || refusals.iter().all(Option::is_some), "what is no JSON is refused");
    });
}

#[test]
fn every_parsed_id_parses_again_from_its_text() {
    let input =
        prop_oneof![text(), "(?i)(urn:uuid:|\\{)?[0-9a-f-]{32,36}\\}?", "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"];
    run(input, |text| {
        if let Some(id) = parse_uuid(&text) {
            assert_eq!(parse_uuid(&id.to_string()), Some(id));
            let digits: String = text.to_lowercase().chars().filter(char::is_ascii_hexdigit).collect();
            assert!(digits.ends_with(&id.simple().to_string()), "{text}");
        }
    });
}

#[test]
fn every_name_is_kept_unchanged_or_refused() {
    let input = prop_oneof![text(), "[a-zA-Z0-9-]{0,34}", "[a-z.+]{1,8}@[a-z0-9-]{1,8}\\.[a-z]{1,3}"];
    run(input, |text| {
        if let Ok(name) = Username::parse(&text) {
            assert_eq!((name.as_str(), name.as_str().len() <= 32), (text.as_str(), true));
            match Username::parse(&name.folded()) {
                Ok(folded) => assert_eq!(folded.folded(), name.folded()),
                // Reserved usernames are reserved in lower case only.
                Err(refusal) => {
                    assert_eq!(refusal, NameError::ReservedUsername(name.folded()));
                    assert_ne!(text, name.folded());
                }
            }
        }
        if let Ok(email) = Email::parse(&text) {
            assert_eq!((email.as_str(), email.as_str().contains('@')), (text.as_str(), true));
        }
        if let Ok(name) = RealName::parse(&text) {
            assert_eq!((name.as_str(), name.as_str().trim()), (text.as_str(), text.as_str()));
        }
    });
}
