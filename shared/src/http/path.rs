//! Paths: as the gateway delivers them, as the router reads them, and as the log shows them.

use axum::extract::Request;
use http::Uri;
use http::uri::PathAndQuery;
use lambda_http::RequestExt;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use super::route::BASE;
use crate::auth::token::Token;

/// The part of the path below the root of the API; `None` for any other path.
pub(super) fn below_api(request: &Request) -> Option<&str> {
    request.uri().path().strip_prefix(BASE)
}

/// The characters that the path of a URI cannot hold. The percent sign can: it begins an escape that the gateway has
/// left alone.
const NOT_IN_A_PATH: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'?').add(b'\\').add(b'`').add(b'{').add(b'}');

/// Takes the path from the gateway's event and collapses runs of slashes. The adapter parses an already decoded path as
/// a URL, in which a question mark begins the query, a backslash is a slash, and blanks and control characters vanish.
pub(super) fn normalize(request: &mut Request) {
    let raw = request.raw_http_path();
    let path = if raw.is_empty() { request.uri().path() } else { raw };
    let mut normalized = String::with_capacity(path.len());
    for letter in path.chars() {
        if letter != '/' || !normalized.ends_with('/') {
            normalized.push(letter);
        }
    }
    let mut normalized = utf8_percent_encode(&normalized, NOT_IN_A_PATH).to_string();
    if normalized == request.uri().path() {
        return;
    }
    let marks_in_path = raw.matches('?').count();
    let query = request.uri().query().and_then(|query| query.splitn(marks_in_path + 1, '?').nth(marks_in_path));
    if let Some(query) = query {
        normalized.push('?');
        normalized.push_str(query);
    }
    let mut parts = request.uri().clone().into_parts();
    if let Ok(normalized) = PathAndQuery::try_from(normalized) {
        parts.path_and_query = Some(normalized);
    }
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
}

/// The path without the secrets of tokens, for the log. The CLI first asks for a key by its whole token
/// (docs/api/clients.md#cli-commands).
pub(super) fn without_tokens(path: &str) -> String {
    let segments = path.split('/').map(|segment| {
        let plain = percent_decode_str(segment).decode_utf8_lossy();
        match Token::parse(&plain) {
            Ok(token) => format!("{}-…", token.key_id),
            Err(_) => segment.to_owned(),
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::Request;
    use lambda_http::RequestExt;

    use super::normalize;

    #[test]
    fn runs_of_slashes_collapse_in_the_path_but_not_in_the_query() {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = "/api//v2///users?q=a//b".parse().unwrap();
        normalize(&mut request);
        assert_eq!(request.uri().to_string(), "/api/v2/users?q=a//b");
    }

    /// What the router sees of a path that the gateway decoded, beside the URI that the adapter made of it.
    fn normalized(raw: &str, uri: &str) -> String {
        let mut request = Request::new(Body::empty()).with_raw_http_path(raw);
        *request.uri_mut() = uri.parse().unwrap();
        normalize(&mut request);
        request.uri().to_string()
    }

    #[test]
    fn characters_with_a_meaning_in_a_url_stay_part_of_the_path() {
        assert_eq!(normalized("/users/a?b", "/users/a?b?q=1?2"), "/users/a%3Fb?q=1?2");
        assert_eq!(normalized("/users/a?b", "/users/a?b"), "/users/a%3Fb");
        assert_eq!(normalized("/users/a\\b", "/users/a/b?q=1"), "/users/a%5Cb?q=1");
        assert_eq!(normalized("/users/a\0 ", "/users/a"), "/users/a%00%20");
        assert_eq!(normalized("/users/..", "/"), "/users/..");
        assert_eq!(normalized("/users/ü", "/users/%C3%BC"), "/users/%C3%BC");
    }

    #[test]
    fn a_path_that_the_gateway_did_not_decode_stays_unchanged() {
        assert_eq!(normalized("/users/a%20b", "/users/a%20b?q=%20"), "/users/a%20b?q=%20");
    }
}
