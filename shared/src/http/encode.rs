//! JSON as the API writes it.

use axum::body::Body;
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};

/// The media type of every JSON answer.
pub(super) const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// Escapes `<`, `>` and `&`, which a browser could read as markup, and the line ends of JavaScript
/// (docs/api/conventions.md#response-bodies).
struct Escaping(CompactFormatter);

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + std::io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> std::io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}']) {
            let (plain, special) = rest.split_at(at);
            self.0.write_string_fragment(writer, plain)?;
            let mut letters = special.chars();
            for letter in letters.by_ref().take(1) {
                write!(writer, "\\u{:04x}", u32::from(letter))?;
            }
            rest = letters.as_str();
        }
        self.0.write_string_fragment(writer, rest)
    }
}

/// A response with compact JSON and a line end.
///
/// # Errors
///
/// The value has no JSON form: a map with keys that are not text.
pub(super) fn encode(status: StatusCode, value: &impl Serialize) -> Result<Response, serde_json::Error> {
    let mut body = Vec::with_capacity(512);
    let mut serializer = serde_json::Serializer::with_formatter(&mut body, Escaping(CompactFormatter));
    value.serialize(&mut serializer)?;
    body.push(b'\n');
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, MEDIA_TYPE);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use http_body_util::BodyExt;

    use super::encode;

    #[tokio::test]
    async fn markup_is_escaped_and_reads_back_the_same() {
        let text = "<b>&\u{2028}\u{2029}é\"</b>";
        let body = encode(StatusCode::OK, &text).unwrap().into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, r#""\u003cb\u003e\u0026\u2028\u2029é\"\u003c/b\u003e""#.to_owned() + "\n");
        assert_eq!(serde_json::from_slice::<String>(&body).unwrap(), text);
    }
}
