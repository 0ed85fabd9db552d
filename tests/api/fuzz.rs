//! Arbitrary input: the gateway answers every request, and parsers of text never panic.
//!
//! The number of cases is proptest's default. `PROPTEST_CASES=1000000 cargo test -p roster-tests --release --test api
//! fuzz` runs a million cases of each kind of input in about a quarter of an hour of one core. The properties that send
//! the same kind of input divide its cases among them.

mod bodies;
mod paths;
mod text;

use std::fmt::Debug;

use http::StatusCode;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use roster_tests::{Actor, Answer, TestApp};
use tokio::runtime::Builder;

/// The share of the cases for each of `properties` that send the same kind of input.
fn share(properties: u32) -> Config {
    let Config { cases, .. } = Config::default();
    Config { cases: cases.div_ceil(properties).max(cases.min(FEWEST)), failure_persistence: None, ..Config::default() }
}

/// The minimum of cases for a property, even when many properties share a short run.
const FEWEST: u32 = 256;

/// Sends a request for every case of `input` as the owner of one deployment, and checks each answer with
/// [`assert_is_an_answer`]. `properties` is the number of properties that send this kind of input.
fn answers_all<T: Debug>(
    properties: u32,
    input: impl Strategy<Value = T>,
    request: &impl AsyncFn(&Actor, T) -> Answer,
) {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime can be had");
    let (_app, owner) = runtime.block_on(async {
        let app = TestApp::with_read_cache().await;
        let owner = app.set_up().await;
        (app, owner)
    });
    let mut runner = TestRunner::new(share(properties));
    let outcome = runner.run(&input, |case| {
        assert_is_an_answer(&runtime.block_on(request(&owner, case)));
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

/// Asserts that the service did not fail and that a refusal has a message; a refused method has no body.
#[track_caller]
fn assert_is_an_answer(answer: &Answer) {
    assert!(!answer.status.is_server_error(), "{} {}", answer.status, answer.text);
    // The CLI treats this text as the answer to another request (docs/api/clients.md#literal-texts).
    assert!(!answer.text.contains("must be an existing uuid or username"), "{}", answer.text);
    if answer.status == StatusCode::METHOD_NOT_ALLOWED {
        assert_eq!(answer.text, "");
    } else if answer.status.is_client_error() {
        assert!(!answer.text_at("/message").is_empty(), "{} {:?}", answer.status, answer.text);
    }
}

/// Text with many tokens that are special in the languages of the API.
fn text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "\"",
        ":",
        " ",
        ",",
        "-",
        "_",
        ".",
        "@",
        "%",
        "/",
        "\\",
        "*",
        "\0",
        "\t",
        "\n",
        "é",
        "ς",
        "İ",
        "😀",
        "\u{feff}",
        "\u{2028}",
        "me",
        "new",
        "owner",
        "coder",
        "prebuilds",
        "status",
        "role",
        "search",
        "name",
        "active",
        "member",
        "created_after",
        "last_seen_before",
        "2023-01-01T00:00:00Z",
        "0",
        "-1",
        "2147483648",
        "true",
        "null",
        "{",
        "}",
        "urn:uuid:",
        "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f",
        "a@example.com",
    ]);
    let piece = prop_oneof![6 => pieces.prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}
