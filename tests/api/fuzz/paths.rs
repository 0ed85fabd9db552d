//! Arbitrary queries and path segments.

use std::fmt::Write;

use http::Method;
use proptest::prelude::*;
use proptest::sample::select;

use super::{answers_all, text};

/// The number of properties that send queries.
const QUERIES: u32 = 2;
/// The number of properties that send path segments.
const SEGMENTS: u32 = 4;

/// Percent-encodes all bytes but letters and digits.
fn escaped(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut url, &byte| {
        if byte.is_ascii_alphanumeric() {
            url.push(char::from(byte));
        } else {
            let _infallible = write!(url, "%{byte:02X}");
        }
        url
    })
}

/// Path segments: percent-encoded text and bytes, and plain characters, including stray `%`.
fn segments() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => text().prop_map(|text| escaped(text.as_bytes())),
        2 => prop::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| escaped(&bytes)),
        2 => "[A-Za-z0-9%._~!$&'()*+,;=:@-]{0,40}",
        1 => "(?i)(urn:uuid:|%7b)?[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}(%7d)?",
    ]
}

/// Sends `GET`, `PUT` and `DELETE` to `/api/v2<path>` with `{}` replaced by any segment.
fn answers_segments(paths: &[&'static str]) {
    let methods = select(vec![Method::GET, Method::PUT, Method::DELETE]);
    let input = (methods, select(paths.to_vec()), segments());
    answers_all(SEGMENTS, input, &async |owner, (method, path, segment)| {
        let uri = format!("/api/v2{}", path.replace("{}", &segment));
        owner.send(method, &uri, &[], "").await
    });
}

#[test]
fn every_search_is_answered() {
    answers_all(QUERIES, text(), &async |owner, q| owner.get(&format!("/users?q={}", escaped(q.as_bytes()))).await);
}

#[test]
fn every_query_is_answered() {
    let names = select(vec!["q", "limit", "offset", "after_id", "template_id", "include_all", "", "é"]);
    let parameters = prop::collection::vec((names, text()), 0..4);
    let paths = select(vec!["/users", "/users/me/keys/tokens", "/users/me/autofill-parameters"]);
    answers_all(QUERIES, (paths, parameters), &async |owner, (path, parameters)| {
        let pairs = parameters
            .iter()
            .map(|(name, value)| format!("{}={}", escaped(name.as_bytes()), escaped(value.as_bytes())));
        owner.get(&format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"))).await
    });
}

#[test]
fn every_user_in_a_path_is_answered() {
    answers_segments(&[
        "/users/{}",
        "/users/{}/roles",
        "/users/{}/organizations",
        "/users/{}/preferences",
        "/users/{}/keys/tokens",
        "/organizations/default/members/{}",
    ]);
}

#[test]
fn every_key_in_a_path_is_answered() {
    answers_segments(&["/users/me/keys/{}", "/users/me/keys/tokens/{}", "/users/me/keys/{}/expire"]);
}

#[test]
fn every_organization_in_a_path_is_answered() {
    answers_segments(&[
        "/users/me/organizations/{}",
        "/organizations/{}/members/owner",
        "/organizations/{}/members/me/roles",
    ]);
}

#[test]
fn every_token_is_answered() {
    answers_all(SEGMENTS, "[ -~]{0,60}", &async |owner, token| owner.with_token(token).get("/users/me").await);
}
