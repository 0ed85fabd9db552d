//! A mail as it travels: headers, text and HTML, made from the message's own row and the settings alone, so that each
//! attempt sends the same (docs/api/notifications.md#mail-form).

use std::time::{Duration, SystemTime};

use askama::Template;
use lettre::Message;
use lettre::message::header::{ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use uuid::{Uuid, uuid};

use super::Mail;
use crate::domain::time::Timestamp;

/// Why a mail cannot be written. Never says what it was.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RenderError {
    /// The address is none that mail can be sent to.
    #[error("the address is none that mail can be sent to")]
    Address,
    /// The templates or the parts do not make a mail.
    #[error("the mail cannot be put together")]
    Form,
}

/// What the same templates say differently in each deployment.
#[derive(Clone, Copy, Debug)]
pub struct Sender<'a> {
    /// Who it is from.
    pub from: &'a Mailbox,
    /// Where every link leads: the configured address, never one that a request names.
    pub access_url: &'a str,
}

/// What every template knows.
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

/// Letters and digits and what else a query may hold as it is (RFC 3986, 2.3).
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The notification's id, by which people switch it off (docs/api/notifications.md#passcode-mail).
const ONE_TIME_PASSCODE: Uuid = uuid!("62f86a30-2330-4b61-a26d-311ff3b608cf");

/// Writes a mail. `id` and `written` are the message's own: they make the Message-Id and the Date.
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
        // A boundary that is no part of what is said, and the same for each attempt.
        .multipart(MultiPart::alternative().boundary(id.simple().to_string()).singlepart(text).singlepart(html))
        .map_err(|_| RenderError::Form)
}

/// The host of a URL without its port, which no Message-Id may hold.
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

/// The header as the reference spells it; lettre's own is called `Message-ID`.
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
#[expect(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use uuid::Uuid;

    use super::{RenderError, Sender, host, render};
    use crate::domain::time::Timestamp;
    use crate::notifications::Mail;

    fn written(to: &str, name: &str) -> Result<String, RenderError> {
        let from = "Roster <roster@example.com>".parse().unwrap();
        let sender = Sender { from: &from, access_url: "https://roster.example.com" };
        let mail = Mail::OneTimePasscode { to: to.to_owned(), name: name.to_owned(), passcode: Uuid::from_u128(7) };
        let at = Timestamp::from_micros(1_772_360_420_000_000).unwrap();
        let message = render(&mail, Uuid::from_u128(1), at, sender)?;
        Ok(String::from_utf8(message.formatted()).unwrap())
    }

    /// Undoes what quoted-printable does to ASCII.
    fn readable(mail: &str) -> String {
        mail.replace("=\r\n", "").replace("=3D", "=")
    }

    #[test]
    fn the_mail_has_the_recorded_headers_and_parts() {
        let mail = written("ada@example.com", "Ada").unwrap();
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
    fn the_links_lead_to_the_configured_address_and_carry_passcode_and_address() {
        let mail = readable(&written("ada+b c@example.com".replace(' ', "").as_str(), "Ada").unwrap());
        let link = "https://roster.example.com/reset-password/change?otp=00000000-0000-0000-0000-000000000007";
        assert!(mail.contains(&format!("{link}&email=ada%2Bbc%40example.com\r\n")), "{mail}");
        assert!(mail.contains(&format!("href=\"{link}&#38;email=ada%2Bbc%40example.com\"")), "{mail}");
        let disabled = "/settings/notifications?disabled=62f86a30-2330-4b61-a26d-311ff3b608cf";
        assert_eq!(mail.matches(disabled).count(), 2, "{mail}");
        assert!(mail.contains("If you did not ask for it"));
    }

    #[test]
    fn a_name_is_escaped_in_html_and_cannot_add_headers() {
        let mail = readable(&written("ada@example.com", "<b>Ada</b>\r\nBcc: eve@example.com").unwrap());
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
    fn each_attempt_writes_the_same_mail() {
        assert_eq!(written("ada@example.com", "Ada"), written("ada@example.com", "Ada"));
    }

    #[test]
    fn an_address_that_is_none_is_refused() {
        assert_eq!(written("ada@example.com\r\nBcc: eve@example.com", "Ada"), Err(RenderError::Address));
    }
}
