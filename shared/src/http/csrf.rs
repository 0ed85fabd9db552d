//! Protection against requests that another site makes a browser send with its session cookie
//! (docs/api/authentication.md#csrf-protection).

use axum::extract::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HOST, ORIGIN};
use http::{HeaderMap, Method};
use subtle::ConstantTimeEq;

use super::client::SESSION_HEADER;
use super::cookies::{Cookies, SESSION, csrf_value};
use super::query::Query;
use crate::config::Config;

/// Length in bytes of the token that the cookie and the header share.
pub(super) const TOKEN_LENGTH: usize = 32;

/// Why a request with a session cookie is refused. Answered as plain text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum CsrfError {
    /// The cookie and the header hold different tokens.
    #[error(
        "The session cookie and the Coder-Session-Token header hold different tokens. Sign out in the browser or clear \
         its cookies, or send only one of the two."
    )]
    Mismatch,
    /// The request carries no proof that a page of this site sent it.
    #[error("The CSRF token is missing or wrong. Reload the page and try again.")]
    Token,
}

/// Refuses a request that another site could have made the browser send. The routes in `exempt` are not checked, because
/// they do not read the session cookie.
pub(super) fn check(request: &Request, config: &Config, exempt: &[(Method, String)]) -> Result<(), CsrfError> {
    let is_safe = [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE].contains(request.method());
    let Some(session) = Cookies::of(config).session_token(request.headers()).filter(|_| !is_safe) else {
        return Ok(());
    };
    if exempt.iter().any(|(method, path)| method == request.method() && path == request.uri().path()) {
        return Ok(());
    }
    let headers = request.headers();
    let same = |text: &str| bool::from(text.as_bytes().ct_eq(session.as_bytes()));
    let header = text(headers, SESSION_HEADER).filter(|token| !token.is_empty());
    if header.is_some_and(same)
        || Query::parse(request.uri().query()).get(SESSION).is_some_and(same)
        || is_bearer(headers)
        || carries_valid_token(headers)
    {
        return Ok(());
    }
    Err(if header.is_some() { CsrfError::Mismatch } else { CsrfError::Token })
}

/// Whether a browser sent the request from a page of another origin. Browsers say so in `Sec-Fetch-Site`, older ones in
/// `Origin`. Other clients send neither header.
pub(super) fn is_cross_origin(method: &Method, headers: &HeaderMap, config: &Config) -> bool {
    if method.is_safe() {
        return false;
    }
    if let Some(site) = text(headers, "sec-fetch-site") {
        return site != "same-origin" && site != "none";
    }
    let Some(origin) = headers.get(ORIGIN) else { return false };
    let origin = origin.to_str().unwrap_or_default();
    let scheme = if config.access_url.starts_with("https:") { "https" } else { "http" };
    let is_of_host = |host: &str| origin == format!("{scheme}://{host}");
    origin != config.access_url && !text(headers, HOST.as_str()).is_some_and(is_of_host)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn is_bearer(headers: &HeaderMap) -> bool {
    let scheme = text(headers, AUTHORIZATION.as_str()).and_then(|value| value.split_once(' '));
    scheme.is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
}

/// The token in the CSRF cookie; `None` for any other value.
pub(super) fn cookie_token(headers: &HeaderMap) -> Option<[u8; TOKEN_LENGTH]> {
    let encoded = csrf_value(headers)?;
    STANDARD.decode(encoded).ok()?.try_into().ok()
}

fn carries_valid_token(headers: &HeaderMap) -> bool {
    let sent = text(headers, "x-csrf-token").and_then(|value| STANDARD.decode(value).ok());
    let token = sent.and_then(|sent| unmasked(&sent));
    match (token, cookie_token(headers)) {
        (Some(token), Some(cookie)) => token.ct_eq(&cookie).into(),
        _ => false,
    }
}

/// Pages carry the token `T` as `K ‖ (K xor T)` with a new `K` each time, so that compression cannot reveal it.
fn unmasked(sent: &[u8]) -> Option<[u8; TOKEN_LENGTH]> {
    if sent.len() == TOKEN_LENGTH {
        return sent.try_into().ok();
    }
    let (key, masked) = sent.split_at_checked(TOKEN_LENGTH)?;
    let masked: [u8; TOKEN_LENGTH] = masked.try_into().ok()?;
    let mut token = masked;
    token.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
    Some(token)
}

#[cfg(test)]
mod tests {
    use super::unmasked;

    #[test]
    fn a_masked_token_is_unmasked_and_a_plain_one_is_kept() {
        let masked: Vec<u8> = [[7; 32], [7 ^ 9; 32]].concat();
        assert_eq!(unmasked(&masked), Some([9; 32]));
        assert_eq!(unmasked(&[9; 32]), Some([9; 32]));
    }

    #[test]
    fn a_token_of_another_length_is_rejected() {
        for length in [0, 31, 33, 63, 65, 96] {
            assert_eq!(unmasked(&vec![0; length]), None, "{length}");
        }
    }
}
