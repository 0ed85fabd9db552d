//! Cookies: the session's, and the one that CSRF protection compares with (Spec: auth 1.9).

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

use crate::auth::token::Token;
use crate::config::Config;
use crate::service::sso::IssuedTicket;

/// The session cookie, and every other place where clients put the token.
pub(super) const SESSION: &str = "coder_session_token";
/// The session cookie in host-prefix mode.
const HOST_PREFIXED: &str = "__Host-coder_session_token";
/// The cookie of a conversion ticket.
const CONVERSION: &str = "coder_oauth_convert_jwt";
/// The cookie of CSRF protection.
pub(super) const CSRF: &str = "csrf_token";

/// Browsers keep the cookie for a year: the session slides on the server, and its end is decided there.
const YEAR_SECONDS: u32 = 31_536_000;

fn session_name(config: &Config) -> &'static str {
    if config.host_prefix_cookie { HOST_PREFIXED } else { SESSION }
}

fn secure(config: &Config) -> &'static str {
    if config.secure_auth_cookie || config.host_prefix_cookie { "; Secure" } else { "" }
}

fn with_deployment_attributes(cookie: &str, config: &Config) -> Option<HeaderValue> {
    let secure = secure(config);
    let same_site = config.samesite_auth_cookie.as_str();
    HeaderValue::try_from(format!("{cookie}; SameSite={same_site}{secure}")).ok()
}

/// The `Set-Cookie` of a fresh session.
#[must_use]
pub fn session_cookie(token: &Token, config: &Config) -> Option<HeaderValue> {
    let name = session_name(config);
    let text = token.reveal();
    let mut cookie =
        with_deployment_attributes(&format!("{name}={text}; Path=/; Max-Age={YEAR_SECONDS}; HttpOnly"), config)?;
    cookie.set_sensitive(true);
    Some(cookie)
}

/// The `Set-Cookie` that ends a browser's session.
#[must_use]
pub fn clear_session_cookie(config: &Config) -> Option<HeaderValue> {
    with_deployment_attributes(&format!("{}=; Path=/; Max-Age=0", session_name(config)), config)
}

/// The `Set-Cookie` of a conversion ticket: gone when the ticket is worthless. Always `Lax`, whatever the session's is:
/// the way back from the provider is a navigation.
#[must_use]
pub fn conversion_cookie(IssuedTicket { ticket, sealed }: &IssuedTicket, config: &Config) -> Option<HeaderValue> {
    let expires = ticket.expires_at.utc().format("%a, %d %b %Y %H:%M:%S GMT");
    let secure = secure(config);
    let cookie = format!("{CONVERSION}={sealed}; Path=/; Expires={expires}; HttpOnly; SameSite=Lax{secure}");
    let mut cookie = HeaderValue::try_from(cookie).ok()?;
    cookie.set_sensitive(true);
    Some(cookie)
}

/// The `Set-Cookie` that takes back a cookie without the host prefix.
pub(super) fn clear_unprefixed_cookie(config: &Config) -> Option<HeaderValue> {
    with_deployment_attributes(&format!("{SESSION}=; Path=/; Max-Age=0"), config)
}

/// The `Set-Cookie` of a fresh CSRF token.
pub(super) fn csrf_cookie(token: &str, config: &Config) -> Option<HeaderValue> {
    with_deployment_attributes(&format!("{CSRF}={token}; Path=/; HttpOnly"), config)
}

/// The first cookie of that name.
pub(super) fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(other, _)| *other == name)?;
    Some(value.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(value))
}

/// The session cookie as this deployment names it; an empty one counts as none.
pub(super) fn session<'a>(headers: &'a HeaderMap, config: &Config) -> Option<&'a str> {
    find(headers, session_name(config)).filter(|value| !value.is_empty())
}

/// Whether the browser sent a session cookie of the form that host-prefix mode has given up.
pub(super) fn has_unprefixed(headers: &HeaderMap, config: &Config) -> bool {
    config.host_prefix_cookie && find(headers, SESSION).is_some()
}

#[cfg(test)]
mod tests {
    use http::header::COOKIE;
    use http::{HeaderMap, HeaderValue};

    use super::{SESSION, find};

    #[test]
    fn the_first_cookie_of_a_name_counts_across_lines_and_quotes() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; coder_session_token=\"x-y\""));
        headers.append(COOKIE, HeaderValue::from_static("coder_session_token=z"));
        assert_eq!(find(&headers, SESSION), Some("x-y"));
        assert_eq!(find(&headers, "b"), None);
    }
}
