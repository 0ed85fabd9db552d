//! Rendering of a mail: headers, text and HTML. They depend only on the message and the settings, so each attempt sends
//! the same mail (docs/api/notifications.md#mail-form).

use std::time::{Duration, SystemTime};

use askama::Template;
use lettre::Message;
use lettre::message::header::{ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use uuid::{Uuid, uuid};

use super::Mail;
use crate::domain::time::Timestamp;

/// Why a mail was not rendered. Never contains the mail.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RenderError {
    /// The address is not valid in a mail.
    #[error("the address of the recipient is not valid in a mail")]
    Address,
    /// A template or the assembly of the parts failed.
    #[error("the mail cannot be assembled from its templates")]
    Form,
}

/// The values that differ between deployments.
#[derive(Clone, Copy, Debug)]
pub struct Sender<'a> {
    /// The sender of the mail.
    pub from: &'a Mailbox,
    /// The beginning of every link. It is the configured URL, never one from a request.
    pub access_url: &'a str,
}

/// The values of every template.
struct Letter<'a> {
    subject: &'static str,
    template_id: Uuid,
    name: &'a str,
    access_url: &'a str,
}

#[derive(Template)]
#[template(path = "mail/one_time_passcode.txt")]
struct OneTimePasscodeText<'a> {
    letter: &'a Letter<'a>,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "mail/one_time_passcode.html")]
struct OneTimePasscodeHtml<'a> {
    letter: &'a Letter<'a>,
    link: &'a str,
}

/// The characters that a query must escape: all except the unreserved ones of RFC 3986, 2.3.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The id of the notification, which the link to disable it contains (docs/api/notifications.md#passcode-mail).
const ONE_TIME_PASSCODE: Uuid = uuid!("62f86a30-2330-4b61-a26d-311ff3b608cf");

/// Renders a mail. Message-Id and Date are made from the `id` of the message and the time at which it was `written`.
pub fn render(mail: &Mail, id: Uuid, written: Timestamp, sender: Sender<'_>) -> Result<Message, RenderError> {
    let access_url = sender.access_url;
    let (subject, text, html) = match mail {
        Mail::OneTimePasscode { to, name, passcode } => {
            let address = utf8_percent_encode(to, QUERY);
            let link = format!("{access_url}/reset-password/change?otp={passcode}&email={address}");
            let subject = "Reset your Roster password";
            let letter = &Letter { subject, template_id: ONE_TIME_PASSCODE, name, access_url };
            let text = OneTimePasscodeText { letter, link: &link }.render();
            (subject, text, OneTimePasscodeHtml { letter, link: &link }.render())
        }
    };
    let text = part(ContentType::TEXT_PLAIN, text.map_err(|_| RenderError::Form)?);
    let html = part(ContentType::TEXT_HTML, html.map_err(|_| RenderError::Form)?);
    let to = mail.to().parse().map_err(|_| RenderError::Address)?;
    Message::builder()
        .header(MessageId(format!("<{id}@{}>", host(access_url))))
        .date(SystemTime::UNIX_EPOCH + Duration::from_secs(written.unix_seconds().unsigned_abs()))
        .from(sender.from.clone())
        .to(Mailbox::new(None, to))
        .subject(subject)
        // The boundary is the id, so it is the same for each attempt and does not occur in the text.
        .multipart(MultiPart::alternative().boundary(id.simple().to_string()).singlepart(text).singlepart(html))
        .map_err(|_| RenderError::Form)
}

/// The host of a URL without its port, because a Message-Id cannot contain a port.
fn host(url: &str) -> &str {
    let authority = url.split_once("://").map_or(url, |(_, authority)| authority);
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

fn part(kind: ContentType, body: String) -> SinglePart {
    SinglePart::builder().header(kind).header(ContentTransferEncoding::QuotedPrintable).body(body)
}

/// The header in Coder's spelling. The one of lettre is `Message-ID`.
#[derive(Clone)]
struct MessageId(String);

impl Header for MessageId {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Message-Id")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{RenderError, Sender, host, render};
    use crate::domain::time::Timestamp;
    use crate::notifications::Mail;

    fn rendered(to: &str, name: &str) -> Result<String, RenderError> {
        let from = "Roster <roster@example.com>".parse().unwrap();
        let sender = Sender { from: &from, access_url: "https://roster.example.com" };
        let mail = Mail::OneTimePasscode { to: to.to_owned(), name: name.to_owned(), passcode: Uuid::from_u128(7) };
        let at = Timestamp::from_micros(1_772_360_420_000_000).unwrap();
        let message = render(&mail, Uuid::from_u128(1), at, sender)?;
        Ok(String::from_utf8(message.formatted()).unwrap())
    }

    /// Decodes quoted-printable ASCII.
    fn readable(mail: &str) -> String {
        mail.replace("=\r\n", "").replace("=3D", "=")
    }

    #[test]
    fn the_mail_has_the_recorded_headers_and_parts() {
        let mail = rendered("ada@example.com", "Ada").unwrap();
        let (head, _) = mail.split_once("\r\n\r\n").unwrap();
        let mut names: Vec<&str> =
            head.lines().filter_map(|line| line.split_once(": ")).map(|(name, _)| name).collect();
        names.sort_unstable();
        assert_eq!(names, ["Content-Type", "Date", "From", "MIME-Version", "Message-Id", "Subject", "To"]);
        assert!(head.contains("Message-Id: <00000000-0000-0000-0000-000000000001@roster.example.com>"), "{head}");
        assert!(head.contains("Date: Sun, 01 Mar 2026 10:20:20 +0000"), "{head}");
        assert!(head.contains("Content-Type: multipart/alternative"), "{head}");
        let plain = mail.find("Content-Type: text/plain; charset=utf-8\r\n").unwrap();
        let html = mail.find("Content-Type: text/html; charset=utf-8\r\n").unwrap();
        assert!(plain < html);
        assert_eq!(mail.matches("Content-Transfer-Encoding: quoted-printable\r\n").count(), 2);
    }

    #[test]
    fn the_links_begin_with_the_configured_url_and_contain_passcode_and_address() {
        let mail = readable(&rendered("ada+b c@example.com".replace(' ', "").as_str(), "Ada").unwrap());
        let link = "https://roster.example.com/reset-password/change?otp=00000000-0000-0000-0000-000000000007";
        assert!(mail.contains(&format!("{link}&email=ada%2Bbc%40example.com\r\n")), "{mail}");
        assert!(mail.contains(&format!("href=\"{link}&#38;email=ada%2Bbc%40example.com\"")), "{mail}");
        let disabled = "/settings/notifications?disabled=62f86a30-2330-4b61-a26d-311ff3b608cf";
        assert_eq!(mail.matches(disabled).count(), 2, "{mail}");
        assert!(mail.contains("If you did not request it"));
    }

    #[test]
    fn a_name_is_escaped_in_html_and_cannot_add_headers() {
        let mail = readable(&rendered("ada@example.com", "<b>Ada</b>\r\nBcc: eve@example.com").unwrap());
        let (head, body) = mail.split_once("\r\n\r\n").unwrap();
        assert!(!head.contains("Bcc"));
        assert_eq!(body.matches("Hi <b>Ada</b>").count(), 1, "{body}");
        assert!(body.contains("Hi &#60;b&#62;Ada&#60;/b&#62;"), "{body}");
    }

    #[test]
    fn the_message_id_names_a_host_without_its_port() {
        for (url, expected) in [
            ("https://roster.example.com", "roster.example.com"),
            ("http://127.0.0.1:3000", "127.0.0.1"),
            ("http://[::1]:3000", "[::1]"),
            ("http://[::1]", "[::1]"),
        ] {
            assert_eq!(host(url), expected);
        }
    }

    #[test]
    fn each_attempt_renders_the_same_mail() {
        assert_eq!(rendered("ada@example.com", "Ada"), rendered("ada@example.com", "Ada"));
    }

    #[test]
    fn an_invalid_address_is_refused() {
        assert_eq!(rendered("ada@example.com\r\nBcc: eve@example.com", "Ada"), Err(RenderError::Address));
    }
}
