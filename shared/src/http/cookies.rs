//! Cookies: the session's, the conversion ticket's, and the one that CSRF protection compares with
//! (docs/api/authentication.md#cookies).

use cookie::time::{Duration, OffsetDateTime};
use cookie::{Cookie, CookieBuilder, SameSite};
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

use crate::auth::token::Token;
use crate::config::{self, Config};
use crate::service::sso::IssuedTicket;

/// The session cookie; the name of the token in the query as well.
pub(super) const SESSION: &str = "coder_session_token";
/// The session cookie in host-prefix mode.
const HOST_PREFIXED: &str = "__Host-coder_session_token";
const CONVERSION: &str = "coder_oauth_convert_jwt";
const CSRF: &str = "csrf_token";

/// How long browsers keep the session cookie. The server decides when a session ends.
const SESSION_AGE: Duration = Duration::days(365);

fn session_name(config: &Config) -> &'static str {
    if config.host_prefix_cookie { HOST_PREFIXED } else { SESSION }
}

/// A cookie of the whole site with the deployment's `SameSite` and `Secure`.
fn build(name: &'static str, value: String, config: &Config) -> CookieBuilder<'static> {
    let same_site = match config.samesite_auth_cookie {
        config::SameSite::Lax => SameSite::Lax,
        config::SameSite::None => SameSite::None,
    };
    let secure = config.secure_auth_cookie || config.host_prefix_cookie;
    Cookie::build((name, value)).path("/").same_site(same_site).secure(secure)
}

fn header(cookie: CookieBuilder<'static>) -> Option<HeaderValue> {
    HeaderValue::try_from(cookie.build().to_string()).ok()
}

/// Like [`header`], and hidden from logs.
fn sensitive_header(cookie: CookieBuilder<'static>) -> Option<HeaderValue> {
    let mut value = header(cookie)?;
    value.set_sensitive(true);
    Some(value)
}

/// The `Set-Cookie` of a new session.
#[must_use]
pub fn session_cookie(token: &Token, config: &Config) -> Option<HeaderValue> {
    let cookie = build(session_name(config), token.reveal(), config);
    sensitive_header(cookie.max_age(SESSION_AGE).http_only(true))
}

/// The `Set-Cookie` that ends a browser's session.
#[must_use]
pub fn clear_session_cookie(config: &Config) -> Option<HeaderValue> {
    header(build(session_name(config), String::new(), config).max_age(Duration::ZERO))
}

/// The `Set-Cookie` of a conversion ticket, which expires with the ticket. Always `Lax`: the browser returns from the
/// provider by a navigation.
#[must_use]
pub fn conversion_cookie(IssuedTicket { ticket, sealed }: &IssuedTicket, config: &Config) -> Option<HeaderValue> {
    let expires = OffsetDateTime::from_unix_timestamp(ticket.expires_at.unix_seconds()).ok()?;
    let cookie = build(CONVERSION, sealed.clone(), config).expires(expires).same_site(SameSite::Lax);
    sensitive_header(cookie.http_only(true))
}

/// The `Set-Cookie` that deletes a session cookie without the host prefix.
pub(super) fn clear_unprefixed_cookie(config: &Config) -> Option<HeaderValue> {
    header(build(SESSION, String::new(), config).max_age(Duration::ZERO))
}

/// The `Set-Cookie` of a new CSRF token.
pub(super) fn csrf_cookie(token: String, config: &Config) -> Option<HeaderValue> {
    header(build(CSRF, token, config).http_only(true))
}

/// The value of the first cookie of that name. Each cookie is read by itself and from bytes: other sites of the same
/// domain set cookies that are not text, and those must not hide ours.
fn find(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(COOKIE).into_iter();
    let pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    let mut cookies = pairs.filter_map(|pair| Cookie::parse(std::str::from_utf8(pair).ok()?).ok());
    cookies.find(|cookie| cookie.name() == name).map(|cookie| cookie.value_trimmed().to_owned())
}

/// The session cookie under the name that this deployment uses; an empty one counts as missing.
pub(super) fn session(headers: &HeaderMap, config: &Config) -> Option<String> {
    find(headers, session_name(config)).filter(|value| !value.is_empty())
}

/// The CSRF cookie.
pub(super) fn csrf(headers: &HeaderMap) -> Option<String> {
    find(headers, CSRF)
}

/// Whether the browser sent a session cookie without the prefix although host-prefix mode is on.
pub(super) fn has_unprefixed(headers: &HeaderMap, config: &Config) -> bool {
    config.host_prefix_cookie && find(headers, SESSION).is_some()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use http::header::COOKIE;
    use http::{HeaderMap, HeaderValue};

    use super::{SESSION, find};

    fn find_in(lines: &[&[u8]], name: &str) -> Option<String> {
        let values = lines.iter().map(|line| (COOKIE, HeaderValue::from_bytes(line).unwrap()));
        let mut headers = HeaderMap::new();
        values.for_each(|(name, value)| _ = headers.append(name, value));
        find(&headers, name)
    }

    #[test]
    fn the_first_cookie_of_a_name_counts_across_lines_and_without_its_quotes() {
        let lines: [&[u8]; 2] = [b"a=1; coder_session_token=\"x-y\"", b"coder_session_token=z"];
        assert_eq!(find_in(&lines, SESSION).as_deref(), Some("x-y"));
        assert_eq!(find_in(&lines, "b"), None);
    }

    #[test]
    fn a_cookie_that_is_not_text_hides_no_other_cookie() {
        let lines: [&[u8]; 1] = [b"x=\xe9; y; =z; coder_session_token=x-y"];
        assert_eq!(find_in(&lines, SESSION).as_deref(), Some("x-y"));
    }
}
