//! The size limit of answers. An answer that is larger than Lambda can return is compressed if the client accepts that,
//! and refused otherwise. Smaller answers stay as they are. Deviation: docs/api/deviations.md#bounded-answers.

use std::io::{self, Write};

use axum::body::{Body, Bytes, HttpBody};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, VARY};
use http::response::Parts;
use http::{HeaderMap, HeaderValue};
use http_body_util::BodyExt;

use super::error::ApiError;

/// The most bytes that Lambda accepts for the JSON document of an event or of an answer.
pub const DOCUMENT_LIMIT_BYTES: usize = 6 * 1024 * 1024 + 100;

/// An upper bound of what headers, cookies and the frame of the document take.
const HEADERS_BYTES: usize = 16 * 1024;
/// The most bytes of a body in its form inside the document.
const BODY_LIMIT_BYTES: usize = DOCUMENT_LIMIT_BYTES - HEADERS_BYTES;
/// The longest JSON escape of one byte: `\u0000`.
const LONGEST_ESCAPE_BYTES: usize = 6;

/// `Vary` of a large answer.
const DEPENDS_ON_ENCODING: HeaderValue = HeaderValue::from_static("Origin, Cookie, Accept-Encoding");

/// Whether `Accept-Encoding` accepts gzip (RFC 9110, section 12.5.3). Without the header it does not: a client that
/// reads gzip sends the header.
pub(super) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    let mut others = false;
    for element in lines.flat_map(|line| line.split(',')) {
        let (coding, weight) = element.split_once(';').unwrap_or((element, ""));
        match coding.trim().to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => return is_wanted(weight),
            "*" => others = is_wanted(weight),
            _ => {}
        }
    }
    others
}

/// Whether a weight such as `q=0.5` is above zero. A missing weight is 1.
fn is_wanted(weight: &str) -> bool {
    let weight = weight.trim();
    let number = weight.strip_prefix("q=").or_else(|| weight.strip_prefix("Q="));
    weight.is_empty() || number.and_then(|number| number.parse::<f32>().ok()).is_some_and(|number| number > 0.0)
}

/// Compresses or refuses an answer that is too large. The body counts as text, because every handler answers text.
pub(super) async fn fit(response: Response, accepts_gzip: bool) -> Response {
    let upper = response.body().size_hint().upper();
    if upper.is_some_and(|bytes| bytes <= (BODY_LIMIT_BYTES / LONGEST_ESCAPE_BYTES) as u64) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let body = match body.collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return ApiError::internal(error).into_response(),
    };
    if escaped_bytes(&body) <= BODY_LIMIT_BYTES {
        return Response::from_parts(parts, Body::from(body));
    }
    let mut response = match accepts_gzip.then(|| gzip(&body)) {
        Some(Ok(compressed)) if base64_bytes(&compressed) <= BODY_LIMIT_BYTES => encoded(parts, compressed),
        Some(Err(error)) => ApiError::internal(error).into_response(),
        Some(Ok(_)) | None => ApiError::answer_too_large().into_response(),
    };
    response.headers_mut().insert(VARY, DEPENDS_ON_ENCODING);
    response
}

/// The length of a text as a JSON string, without the quotation marks.
fn escaped_bytes(text: &[u8]) -> usize {
    let escaped = |byte: &u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | b'\x08' | b'\x0c' => 2,
        0..=31 => LONGEST_ESCAPE_BYTES,
        _ => 1,
    };
    text.iter().map(escaped).sum()
}

/// The length of bytes in base64, with padding.
fn base64_bytes(bytes: &[u8]) -> usize {
    bytes.len().div_ceil(3) * 4
}

fn gzip(body: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body)?;
    encoder.finish()
}

/// The same answer with a compressed body. `lambda_http` sends a body that has an encoding in base64.
fn encoded(mut parts: Parts, body: Vec<u8>) -> Response {
    parts.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    // The length of the uncompressed body.
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(Bytes::from(body)))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use axum::body::Bytes;
    use axum::response::{IntoResponse, Response};
    use flate2::read::GzDecoder;
    use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, VARY};
    use http::{HeaderMap, HeaderValue, StatusCode};
    use http_body_util::BodyExt;
    use proptest::prelude::{any, proptest};
    use rand::rngs::StdRng;
    use rand::{RngCore, SeedableRng};
    use serde_json::{Value, json};

    use super::{BODY_LIMIT_BYTES, accepts_gzip, escaped_bytes, fit};

    fn answer(body: Vec<u8>) -> Response {
        ([(CONTENT_TYPE, "application/json"), (ETAG, "kept")], body).into_response()
    }

    async fn bytes(response: Response) -> Bytes {
        response.into_body().collect().await.unwrap().to_bytes()
    }

    async fn assert_untouched(body: Vec<u8>) {
        let response = fit(answer(body.clone()), true).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert!(!response.headers().contains_key(CONTENT_ENCODING) && !response.headers().contains_key(VARY));
        assert!(bytes(response).await == body);
    }

    async fn assert_refused(response: Response) {
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert_eq!(response.headers()[VARY], "Origin, Cookie, Accept-Encoding");
        assert!(!response.headers().contains_key(CONTENT_ENCODING) && !response.headers().contains_key(ETAG));
        let envelope: Value = serde_json::from_slice(&bytes(response).await).unwrap();
        assert_eq!(envelope["validations"][0]["field"], json!("limit"));
        let detail = envelope["detail"].as_str().unwrap();
        assert!(detail.contains("`limit`") && detail.contains("`after_id`"), "{detail}");
    }

    #[tokio::test]
    async fn an_answer_that_fits_is_not_compressed() {
        for size in [0, 1, BODY_LIMIT_BYTES / 2, BODY_LIMIT_BYTES] {
            assert_untouched(vec![b'x'; size]).await;
        }
    }

    #[tokio::test]
    async fn an_answer_that_does_not_fit_is_compressed_if_gzip_is_accepted() {
        let body = vec![b'x'; BODY_LIMIT_BYTES + 1];
        let response = fit(answer(body.clone()), true).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[CONTENT_ENCODING], "gzip");
        assert_eq!(response.headers()[VARY], "Origin, Cookie, Accept-Encoding");
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
        assert_eq!(response.headers()[ETAG], "kept");
        let mut read = Vec::new();
        GzDecoder::new(&*bytes(response).await).read_to_end(&mut read).unwrap();
        assert!(read == body);
    }

    #[tokio::test]
    async fn a_compressed_answer_has_no_length_of_the_uncompressed_body() {
        let mut response = answer(vec![b'x'; BODY_LIMIT_BYTES + 1]);
        response.headers_mut().insert(CONTENT_LENGTH, (BODY_LIMIT_BYTES + 1).into());
        assert!(!fit(response, true).await.headers().contains_key(CONTENT_LENGTH));
    }

    #[tokio::test]
    async fn an_answer_that_does_not_fit_is_refused_if_gzip_is_not_accepted() {
        assert_refused(fit(answer(vec![b'x'; BODY_LIMIT_BYTES + 1]), false).await).await;
    }

    #[tokio::test]
    async fn an_answer_that_does_not_fit_compressed_is_refused() {
        let mut body = vec![0; BODY_LIMIT_BYTES * 3 / 2];
        StdRng::seed_from_u64(1).fill_bytes(&mut body);
        // Six random bits a byte: three quarters of the size compressed, all of it again in base64.
        for byte in &mut body {
            *byte = b'0' + *byte % 64;
        }
        assert_refused(fit(answer(body), true).await).await;
    }

    #[tokio::test]
    async fn escapes_count_for_the_size_of_a_body() {
        assert_untouched(vec![b'"'; BODY_LIMIT_BYTES / 2]).await;
        assert_refused(fit(answer(vec![b'"'; BODY_LIMIT_BYTES / 2 + 1]), false).await).await;
    }

    #[test]
    fn gzip_is_accepted_by_its_name_and_by_the_wildcard() {
        for (line, accepted) in [
            ("gzip", true),
            ("deflate, GZip;q=0.5, br", true),
            ("x-gzip", true),
            ("*", true),
            ("br, * ;q=1", true),
            ("gzip; Q=0.001", true),
            ("", false),
            ("identity", false),
            ("br, deflate", false),
            ("gzip;q=0", false),
            ("gzip;q=0.000, *", false),
            ("*, gzip;q=0", false),
            ("*;q=0", false),
            ("gzip;q=much", false),
            ("gzipped", false),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(line))]);
            assert_eq!(accepts_gzip(&headers), accepted, "{line}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }

    proptest! {
        #[test]
        fn the_escaped_length_equals_that_of_serde_json(text in any::<String>(), controls in "[\\x00-\\x7f]{0,64}") {
            for text in [text, controls] {
                let written = serde_json::to_string(&text).unwrap();
                assert_eq!(escaped_bytes(text.as_bytes()), written.len() - 2, "{text:?}");
            }
        }
    }
}
