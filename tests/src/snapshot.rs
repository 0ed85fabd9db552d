//! An exchange as a snapshot shows it: the request, the status, the headers that clients rely on, and the body. Values
//! that differ between two runs are replaced by marks.

use std::fmt::Write;

use chrono::{DateTime, Datelike};
use serde_json::Value;
use uuid::Uuid;

use crate::Answer;

/// Headers that differ between answers and that clients act on. Tests of conventions check those that every answer has.
const HEADERS: [&str; 7] =
    ["allow", "cache-control", "content-type", "location", "retry-after", "set-cookie", "www-authenticate"];

/// Every answer to a request without this cookie sets it, at every endpoint.
const CSRF_COOKIE: &str = "csrf_token=";

/// The first reading of the test clock.
const FIRST_READING: &str = "2026-07-01T00:00:00Z";

/// The most characters without a break that are still shown. Names and words are shorter, encoded values longer.
const LONGEST_PLAIN: usize = 39;

impl Answer {
    /// Returns the exchange as text.
    pub fn snapshot(&self) -> String {
        let mut text = self.request.clone();
        let _infallible = write!(text, "\n\n{}\n", self.status);
        for name in HEADERS {
            let values = self.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
            for value in values.filter(|value| !value.starts_with(CSRF_COOKIE)) {
                let _infallible = writeln!(text, "{name}: {value}");
            }
        }
        if !self.text.is_empty() {
            let body = serde_json::from_str::<Value>(&self.text);
            let body = body.ok().and_then(|body| serde_json::to_string_pretty(&body).ok());
            let _infallible = write!(text, "\n{}\n", body.unwrap_or_else(|| without_style(&self.text)).trim_end());
        }
        redact(&text)
    }
}

/// A page without its style sheet, which all pages share.
fn without_style(page: &str) -> String {
    match (page.split_once("<style>"), page.split_once("</style>")) {
        (Some((before, _)), Some((_, after))) => format!("{before}<style>[style]</style>{after}"),
        _ => page.to_owned(),
    }
}

/// Replaces ids, times, tokens and keys by marks. Ids are numbered in the order of their first appearance, so that a
/// snapshot shows which ids are equal.
pub fn redact(text: &str) -> String {
    let mut ids = Vec::new();
    let mut redacted = String::with_capacity(text.len());
    let mut rest = text;
    let mut at_a_word = true;
    while let Some(first) = rest.chars().next() {
        if let Some((length, mark)) = at_a_word.then(|| secret(rest, &mut ids)).flatten() {
            redacted.push_str(&mark);
            rest = &rest[length..];
            at_a_word = false;
        } else {
            redacted.push(first);
            rest = &rest[first.len_utf8()..];
            at_a_word = !first.is_alphanumeric();
        }
    }
    redacted
}

/// The length of the value at the start of the text, and the mark that replaces it.
fn secret(text: &str, ids: &mut Vec<Uuid>) -> Option<(usize, String)> {
    let run = |part: fn(char) -> bool| &text[..text.find(|char| !part(char)).unwrap_or(text.len())];
    let hyphenated = run(|char| char.is_ascii_alphanumeric() || char == '-').trim_end_matches('-');
    if let Ok(id) = Uuid::try_parse(hyphenated) {
        return Some((hyphenated.len(), id_mark(id, ids)));
    }
    if is_token(hyphenated) {
        return Some((hyphenated.len(), "[token]".to_owned()));
    }
    if is_key_id(hyphenated) {
        return Some((hyphenated.len(), "[key-id]".to_owned()));
    }
    let time = run(|char| char.is_ascii_digit() || "TZ:.+-".contains(char)).trim_end_matches('.');
    if let Ok(parsed) = DateTime::parse_from_rfc3339(time) {
        // Constants: the zero time of a user who was never seen, and the starts of days.
        let is_constant = parsed.year() <= 2000 || (time.ends_with("T00:00:00Z") && time != FIRST_READING);
        return (!is_constant).then(|| (time.len(), "[time]".to_owned()));
    }
    let encoded = run(|char| char.is_ascii_alphanumeric() || "+/_.-".contains(char));
    let has = |part: fn(&char) -> bool| encoded.chars().any(|char| part(&char));
    let is_encoded = has(char::is_ascii_digit) && has(char::is_ascii_lowercase) && has(char::is_ascii_uppercase);
    let padding = text[encoded.len()..].chars().take_while(|char| *char == '=').count();
    (is_encoded && encoded.len() > LONGEST_PLAIN).then(|| (encoded.len() + padding, "[encoded]".to_owned()))
}

fn id_mark(id: Uuid, ids: &mut Vec<Uuid>) -> String {
    let bytes = id.as_bytes();
    // Ids chosen by tests repeat one digit.
    if bytes[0] == bytes[1] && bytes[1] == bytes[2] {
        return id.to_string();
    }
    let number = ids.iter().position(|known| *known == id).unwrap_or_else(|| {
        ids.push(id);
        ids.len() - 1
    });
    format!("[uuid-{}]", number + 1)
}

/// The id of a key and its secret.
fn is_token(text: &str) -> bool {
    let parts = text.split_once('-').map(|(id, secret)| (id.len(), secret.len()));
    parts == Some((10, 22)) && text[11..].chars().all(|char| char.is_ascii_alphanumeric())
}

fn is_key_id(text: &str) -> bool {
    let has = |part: fn(&char) -> bool| text.chars().any(|char| part(&char));
    text.len() == 10
        && !text.contains('-')
        && has(char::is_ascii_digit)
        && has(char::is_ascii_lowercase)
        && has(char::is_ascii_uppercase)
}

#[cfg(test)]
mod tests {
    use super::redact;

    #[test]
    fn ids_are_numbered_by_their_first_appearance() {
        let (one, two) = ("5e5b0e43-2c4a-4a2e-9b3a-111111111111", "5e5b0e43-2c4a-4a2e-9b3a-222222222222");
        assert_eq!(redact(&format!("{two} /users/{one}/roles {two}")), "[uuid-1] /users/[uuid-2]/roles [uuid-1]");
        assert_eq!(redact(&format!("{one} {}", one.replace('-', ""))), "[uuid-1] [uuid-1]");
        let nil = "00000000-0000-0000-0000-000000000000";
        assert_eq!(redact(nil), nil);
    }

    #[test]
    fn tokens_key_ids_and_encoded_values_are_marked() {
        assert_eq!(redact("key=aB3defghij-0123456789abcdefghijkl; Path=/"), "key=[token]; Path=/");
        assert_eq!(redact(r#"{"id":"aB3defghij"}"#), r#"{"id":"[key-id]"}"#);
        let encoded = "AAAAC3NzaC1lZDI1NTE5AAAAIJ0/abc+defAAAAC3NzaC1lZDI1NTE5==";
        assert_eq!(redact(&format!("ssh-ed25519 {encoded}")), "ssh-ed25519 [encoded]");
        assert_eq!(redact(&format!("state={encoded}; Path=/")), "state=[encoded]; Path=/");
    }

    #[test]
    fn times_are_marked_and_constant_ones_are_not() {
        assert_eq!(redact(r#""2026-07-01T00:00:00.000001Z""#), r#""[time]""#);
        assert_eq!(redact("until 2026-07-01T00:00:01Z."), "until [time].");
        assert_eq!(redact("0001-01-01T00:00:00Z"), "0001-01-01T00:00:00Z");
    }

    #[test]
    fn words_are_not_redacted() {
        for text in ["Forbidden.", "organization-workspace-access", "v2.35.1 ü", "user_agent: 10.0.0.1:443"] {
            assert_eq!(redact(text), text);
        }
    }
}
