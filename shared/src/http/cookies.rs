//! Cookies: the session's, the conversion ticket's, and the one that CSRF protection compares with
//! (docs/api/authentication.md#cookies).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponseParts, ResponseParts};
use cookie::time::{Duration, OffsetDateTime};
use cookie::{Cookie, CookieBuilder, SameSite};
use http::header::{COOKIE, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};

use crate::app::App;
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

/// The cookies of this deployment: as an argument of a handler it makes them, and the middleware reads them.
#[derive(Clone, Copy, Debug)]
pub struct Cookies {
    session_name: &'static str,
    has_host_prefix: bool,
    same_site: SameSite,
    is_secure: bool,
}

impl FromRequestParts<App> for Cookies {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        Ok(Self::of(&app.config))
    }
}

impl Cookies {
    pub(super) fn of(config: &Config) -> Self {
        let has_host_prefix = config.host_prefix_cookie;
        Self {
            session_name: if has_host_prefix { HOST_PREFIXED } else { SESSION },
            has_host_prefix,
            same_site: match config.samesite_auth_cookie {
                config::SameSite::Lax => SameSite::Lax,
                config::SameSite::None => SameSite::None,
            },
            is_secure: config.secure_auth_cookie || has_host_prefix,
        }
    }

    /// A new session.
    pub fn session(self, token: &Token) -> SetCookie {
        let cookie = self.build(self.session_name, token.reveal()).max_age(SESSION_AGE);
        SetCookie(cookie.http_only(true))
    }

    /// Ends the session of the browser.
    pub fn end_session(self) -> SetCookie {
        SetCookie(self.build(self.session_name, String::new()).max_age(Duration::ZERO))
    }

    /// A conversion ticket, which expires at the end of the ticket. Always `Lax`: the browser returns from the provider by
    /// a navigation.
    pub fn conversion(self, IssuedTicket { ticket, sealed }: &IssuedTicket) -> SetCookie {
        let expires = OffsetDateTime::from_unix_timestamp(ticket.expires_at.unix_seconds()).ok();
        let cookie = self.build(CONVERSION, sealed.clone()).expires(expires).same_site(SameSite::Lax);
        SetCookie(cookie.http_only(true))
    }

    /// Deletes a session cookie without the host prefix.
    pub(super) fn end_unprefixed_session(self) -> SetCookie {
        SetCookie(self.build(SESSION, String::new()).max_age(Duration::ZERO))
    }

    /// A new CSRF token.
    pub(super) fn csrf(self, token: String) -> SetCookie {
        SetCookie(self.build(CSRF, token).http_only(true))
    }

    /// A cookie of the whole site.
    fn build(self, name: &'static str, value: String) -> CookieBuilder<'static> {
        Cookie::build((name, value)).path("/").same_site(self.same_site).secure(self.is_secure)
    }

    /// The token in the session cookie; `None` if it is missing or empty.
    pub(super) fn session_token(self, headers: &HeaderMap) -> Option<String> {
        find(headers, self.session_name).filter(|value| !value.is_empty())
    }

    /// Whether the browser sent a session cookie without the prefix although host-prefix mode is on.
    pub(super) fn has_unprefixed_session(self, headers: &HeaderMap) -> bool {
        self.has_host_prefix && find(headers, SESSION).is_some()
    }
}

/// The value of the CSRF cookie.
pub(super) fn csrf_value(headers: &HeaderMap) -> Option<String> {
    find(headers, CSRF)
}

/// Adds a `Set-Cookie` to an answer.
#[derive(Clone, Debug)]
pub struct SetCookie(CookieBuilder<'static>);

impl SetCookie {
    pub(super) fn append_to(self, headers: &mut HeaderMap) {
        // Tokens and sealed tickets are base64, so the text is a header value.
        if let Ok(mut value) = HeaderValue::try_from(self.0.build().to_string()) {
            value.set_sensitive(true);
            headers.append(SET_COOKIE, value);
        }
    }
}

impl IntoResponseParts for SetCookie {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Self::Error> {
        self.append_to(parts.headers_mut());
        Ok(parts)
    }
}

/// The value of the first cookie of that name. Each cookie is read by itself and from bytes: other sites of the same
/// domain set cookies that are not text, and those must not hide ours.
fn find(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(COOKIE).into_iter();
    let pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    let mut cookies = pairs.filter_map(|pair| Cookie::parse(std::str::from_utf8(pair).ok()?).ok());
    cookies.find(|cookie| cookie.name() == name).map(|cookie| cookie.value_trimmed().to_owned())
}

#[cfg(test)]
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
