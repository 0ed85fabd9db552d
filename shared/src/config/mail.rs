//! The settings of mail, and the checks between them (docs/api/notifications.md#smtp-settings). Only the mailer function
//! is given them.

use std::path::PathBuf;
use std::time::Duration;

use lettre::message::Mailbox;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::DefaultValue::Text;
use super::Source::{Expression, NotSet, Parameter};
use super::kind::{BOOL, DURATION, NUMBER, OPTIONAL_BOOL, OPTIONAL_SECRET, OPTIONAL_TEXT, TEXT};
use super::setting::{Reader, SettingsTable, settings};
use super::{ConfigError, Secret};

settings! {
    /// The variables of mail, before they are checked against each other.
    pub(super) struct MailVariables {
        /// The sender, such as `Roster <roster@example.com>`; required with a smarthost.
        from: Option<String> = "ROSTER_EMAIL_FROM", OPTIONAL_TEXT, Text(""), Parameter("EmailFrom");
        /// The SMTP server as `host:port`. Without one, no mail is sent. Port 465 is encrypted from the first byte.
        smarthost: Option<String> = "ROSTER_EMAIL_SMARTHOST", OPTIONAL_TEXT, Text(""), Parameter("EmailSmarthost");
        /// The name in EHLO.
        hello: String = "ROSTER_EMAIL_HELLO", TEXT, Text("localhost"), Parameter("EmailHello");
        /// The connection is encrypted from the first byte. On port 465 it always is.
        force_tls: Option<bool> = "ROSTER_EMAIL_FORCE_TLS", OPTIONAL_BOOL, Text(""), Parameter("EmailForceTls");
        /// The username for the SMTP server, sent by AUTH PLAIN or LOGIN, and over an encrypted connection only.
        username: Option<String> = "ROSTER_EMAIL_AUTH_USERNAME", OPTIONAL_TEXT, Text(""),
            Parameter("EmailAuthUsername");
        /// The password for the SMTP server.
        password: Option<Secret> = "ROSTER_EMAIL_AUTH_PASSWORD", OPTIONAL_SECRET, Text(""), Expression(
            r#"!If [HasEmailPassword, !Sub "{{resolve:secretsmanager:${EmailAuthPasswordSecret}:SecretString}}", ""]"#
        );
        /// A file that holds the password, in place of the variable.
        password_file: Option<String> = "ROSTER_EMAIL_AUTH_PASSWORD_FILE", OPTIONAL_TEXT, Text(""), NotSet;
        /// The authorization identity. Only the username itself is supported.
        identity: Option<String> = "ROSTER_EMAIL_AUTH_IDENTITY", OPTIONAL_TEXT, Text(""), NotSet;
        /// The connection is encrypted by STARTTLS, which the server must offer.
        starttls: bool = "ROSTER_EMAIL_TLS_STARTTLS", BOOL, Text("false"), Parameter("EmailTlsStartTls");
        /// The name in the server's certificate, if it is not the host of the smarthost.
        server_name: Option<String> = "ROSTER_EMAIL_TLS_SERVERNAME", OPTIONAL_TEXT, Text(""),
            Parameter("EmailTlsServerName");
        /// The server's certificate is not verified.
        skip_verify: bool = "ROSTER_EMAIL_TLS_SKIPVERIFY", BOOL, Text("false"), Parameter("EmailTlsSkipVerify");
        /// A file of the only authorities whose certificates are accepted, in PEM.
        authorities_file: Option<String> = "ROSTER_EMAIL_TLS_CACERTFILE", OPTIONAL_TEXT, Text(""),
            Parameter("EmailTlsCaCertFile");
        /// A file with the certificate that is shown to the server, in PEM.
        certificate_file: Option<String> = "ROSTER_EMAIL_TLS_CERTFILE", OPTIONAL_TEXT, Text(""),
            Parameter("EmailTlsCertFile");
        /// A file with the private key of that certificate, in PEM.
        key_file: Option<String> = "ROSTER_EMAIL_TLS_CERTKEYFILE", OPTIONAL_TEXT, Text(""),
            Parameter("EmailTlsCertKeyFile");
        /// How often a mail is tried before it is given up: 1 to 20.
        max_attempts: u32 = "ROSTER_NOTIFICATIONS_MAX_SEND_ATTEMPTS", NUMBER, Text("5"),
            Parameter("NotificationsMaxSendAttempts");
        /// The wait between the first two attempts to send a mail. It doubles with each further attempt.
        retry_interval: Duration = "ROSTER_NOTIFICATIONS_RETRY_INTERVAL", DURATION, Text("30s"),
            Parameter("NotificationsRetryInterval");
        /// Without a smarthost, each mail becomes a file in this directory. Local mode sets it.
        directory: Option<String> = "ROSTER_MAIL_DIR", OPTIONAL_TEXT, Text(""), NotSet;
    }
}

/// How mail is sent.
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// The sender, with or without a display name.
    pub from: Mailbox,
    /// Where mail goes.
    pub delivery: Delivery,
    /// How often a message is tried before it is given up: 1 to 20.
    pub max_attempts: u32,
    /// The wait between the first two attempts; doubles with each further one.
    pub retry_interval: Duration,
}

/// Where mail goes.
#[derive(Clone, Debug)]
pub enum Delivery {
    /// Nowhere: messages are dropped.
    Off,
    /// Into a directory, one file for each message. For local mode.
    Directory(PathBuf),
    /// To an SMTP server.
    Smtp(Box<Smarthost>),
}

/// An SMTP server and how to connect to it.
#[derive(Clone, Debug)]
pub struct Smarthost {
    /// A name or an address.
    pub host: String,
    /// Not 0.
    pub port: u16,
    /// The name in EHLO.
    pub hello: String,
    /// Whether the connection is encrypted.
    pub encryption: Encryption,
    /// `None` without authentication.
    pub login: Option<Login>,
}

/// A username and its password.
#[derive(Clone, Debug)]
pub struct Login {
    /// Sent by AUTH PLAIN or LOGIN.
    pub username: String,
    /// From a variable or from a file.
    pub password: Secret,
}

/// Whether a connection is encrypted, and from when on.
#[derive(Clone, Debug)]
pub enum Encryption {
    /// Never.
    None,
    /// After STARTTLS, which the server must offer.
    StartTls(Tls),
    /// From the first byte.
    Implicit(Tls),
}

/// How the server of an encrypted connection is verified.
#[derive(Clone, Debug)]
pub struct Tls {
    /// The name in the server's certificate.
    pub server_name: String,
    /// Which certificates are accepted.
    pub trust: Trust,
    /// The certificate that is shown to the server.
    pub identity: Option<Identity>,
}

/// Which certificates of a server are accepted.
#[derive(Clone, Debug)]
pub enum Trust {
    /// Those of the authorities of the web.
    WebRoots,
    /// Those of these authorities alone, in DER.
    Authorities(Vec<Vec<u8>>),
    /// Any certificate.
    AnyCertificate,
}

/// A client certificate.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The certificate in DER.
    pub certificate: Vec<u8>,
    /// Its private key in PEM.
    pub key: Secret,
}

const FROM: &str = "ROSTER_EMAIL_FROM";
const SMARTHOST: &str = "ROSTER_EMAIL_SMARTHOST";
const FORCE_TLS: &str = "ROSTER_EMAIL_FORCE_TLS";
const USERNAME: &str = "ROSTER_EMAIL_AUTH_USERNAME";
const PASSWORD: &str = "ROSTER_EMAIL_AUTH_PASSWORD";
const PASSWORD_FILE: &str = "ROSTER_EMAIL_AUTH_PASSWORD_FILE";
const STARTTLS: &str = "ROSTER_EMAIL_TLS_STARTTLS";
const SERVER_NAME: &str = "ROSTER_EMAIL_TLS_SERVERNAME";
const SKIP_VERIFY: &str = "ROSTER_EMAIL_TLS_SKIPVERIFY";
const AUTHORITIES_FILE: &str = "ROSTER_EMAIL_TLS_CACERTFILE";
const CERTIFICATE_FILE: &str = "ROSTER_EMAIL_TLS_CERTFILE";
const KEY_FILE: &str = "ROSTER_EMAIL_TLS_CERTKEYFILE";

/// The port on which SMTP is encrypted from the first byte (RFC 8314).
const IMPLICIT_TLS_PORT: u16 = 465;
/// The sender of mail that goes into a directory.
const LOCAL_SENDER: &str = "Roster <roster@localhost>";

fn wrong(variable: &'static str, reason: impl Into<String>) -> ConfigError {
    ConfigError::new(variable, reason)
}

impl MailConfig {
    /// Reads the variables and the files that they name.
    pub(super) fn read(env: &Reader<'_>) -> Result<Self, ConfigError> {
        let mail = MailVariables::read(env)?;
        let smarthost = mail.smarthost()?;
        if smarthost.is_some() && mail.from.is_none() {
            return Err(wrong(FROM, format!("is not set, and {SMARTHOST} is")));
        }
        if !(1..=20).contains(&mail.max_attempts) {
            return Err(wrong("ROSTER_NOTIFICATIONS_MAX_SEND_ATTEMPTS", "must be a number from 1 to 20"));
        }
        let from = mail.from.as_deref().unwrap_or(LOCAL_SENDER).trim().parse();
        let directory = mail.directory.map_or(Delivery::Off, |path| Delivery::Directory(path.into()));
        Ok(Self {
            from: from.map_err(|_| wrong(FROM, "must be one address, such as Roster <roster@example.com>"))?,
            delivery: smarthost.map_or(directory, |smarthost| Delivery::Smtp(Box::new(smarthost))),
            max_attempts: mail.max_attempts,
            retry_interval: mail.retry_interval,
        })
    }
}

impl MailVariables {
    fn smarthost(&self) -> Result<Option<Smarthost>, ConfigError> {
        let Some(address) = &self.smarthost else { return Ok(None) };
        let (host, port) = parse_address(address.trim())
            .ok_or_else(|| wrong(SMARTHOST, "must be a host and a port, such as smtp.example.com:587"))?;
        let encryption = self.encryption(&host, port)?;
        let login = self.login()?;
        let is_loopback =
            host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        if login.is_some() && matches!(encryption, Encryption::None) && !is_loopback {
            let reason = format!("needs an encrypted connection for its password: set {STARTTLS} or {FORCE_TLS}");
            return Err(wrong(USERNAME, reason));
        }
        let hello = self.hello.trim().to_owned();
        if !hello.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_[]:".contains(&byte)) {
            return Err(wrong("ROSTER_EMAIL_HELLO", "must be a host name"));
        }
        Ok(Some(Smarthost { host, port, hello, encryption, login }))
    }

    fn login(&self) -> Result<Option<Login>, ConfigError> {
        let password = match (&self.password, &self.password_file) {
            (Some(_), Some(_)) => return Err(wrong(PASSWORD_FILE, format!("and {PASSWORD} are both set"))),
            (None, Some(path)) => {
                let text = String::from_utf8(read_file(PASSWORD_FILE, path)?);
                let text = text.map_err(|_| wrong(PASSWORD_FILE, "names a file that is not UTF-8 text"))?;
                Some(Secret::new(text.trim_end_matches(['\r', '\n'])))
            }
            (password, None) => password.clone(),
        };
        // lettre sends no authorization identity in AUTH PLAIN, which means that of the username.
        if self.identity.is_some() && self.identity != self.username {
            let reason = format!("is not supported, unless it is the same as {USERNAME}");
            return Err(wrong("ROSTER_EMAIL_AUTH_IDENTITY", reason));
        }
        match (self.username.clone(), password) {
            (Some(username), Some(password)) => Ok(Some(Login { username, password })),
            (Some(_), None) => Err(wrong(PASSWORD, format!("is not set, and {USERNAME} is"))),
            (None, Some(_)) => Err(wrong(USERNAME, "is not set, and its password is")),
            (None, None) => Ok(None),
        }
    }

    fn encryption(&self, host: &str, port: u16) -> Result<Encryption, ConfigError> {
        let is_implicit = self.force_tls == Some(true) || port == IMPLICIT_TLS_PORT;
        if !is_implicit && !self.starttls {
            let unused = [
                (SERVER_NAME, &self.server_name),
                (AUTHORITIES_FILE, &self.authorities_file),
                (CERTIFICATE_FILE, &self.certificate_file),
                (KEY_FILE, &self.key_file),
            ];
            return match unused.into_iter().find(|(_, value)| value.is_some()) {
                Some((variable, _)) => Err(wrong(variable, format!("has no effect without {STARTTLS} or {FORCE_TLS}"))),
                None => Ok(Encryption::None),
            };
        }
        let trust = match (self.skip_verify, &self.authorities_file) {
            (true, None) => Trust::AnyCertificate,
            (true, Some(_)) => return Err(wrong(AUTHORITIES_FILE, format!("has no effect with {SKIP_VERIFY}"))),
            (false, Some(path)) => Trust::Authorities(read_certificates(AUTHORITIES_FILE, path)?),
            (false, None) => Trust::WebRoots,
        };
        let server_name = self.server_name.as_deref().map_or(host, str::trim).to_owned();
        if self.server_name.is_some() && rustls_pki_types::ServerName::try_from(server_name.as_str()).is_err() {
            return Err(wrong(SERVER_NAME, "must be a host name"));
        }
        let tls = Tls { server_name, trust, identity: self.client_identity()? };
        Ok(if is_implicit { Encryption::Implicit(tls) } else { Encryption::StartTls(tls) })
    }

    fn client_identity(&self) -> Result<Option<Identity>, ConfigError> {
        let (certificate, key) = match (&self.certificate_file, &self.key_file) {
            (None, None) => return Ok(None),
            (Some(_), None) => return Err(wrong(KEY_FILE, format!("is not set, and {CERTIFICATE_FILE} is"))),
            (None, Some(_)) => return Err(wrong(CERTIFICATE_FILE, format!("is not set, and {KEY_FILE} is"))),
            (Some(certificate), Some(key)) => (certificate, key),
        };
        let [certificate] = <[Vec<u8>; 1]>::try_from(read_certificates(CERTIFICATE_FILE, certificate)?)
            .map_err(|_| wrong(CERTIFICATE_FILE, "names a file with more than one certificate"))?;
        let key = String::from_utf8(read_file(KEY_FILE, key)?)
            .ok()
            .filter(|key| PrivateKeyDer::from_pem_slice(key.as_bytes()).is_ok());
        let key = key.ok_or_else(|| wrong(KEY_FILE, "names a file without a private key in PEM"))?;
        Ok(Some(Identity { certificate, key: Secret::new(&key) }))
    }
}

/// `host:port`, where the host may be an IPv6 address in brackets.
fn parse_address(address: &str) -> Option<(String, u16)> {
    let (host, port) = address.rsplit_once(':')?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port: u16 = port.parse().ok().filter(|port| *port != 0)?;
    let is_host = !host.is_empty() && !host.contains(['/', '@', ' ']);
    is_host.then(|| (host.to_owned(), port))
}

fn read_certificates(variable: &'static str, path: &str) -> Result<Vec<Vec<u8>>, ConfigError> {
    let pem = read_file(variable, path)?;
    let certificates = CertificateDer::pem_slice_iter(&pem).map(|found| found.map(|found| found.to_vec()));
    let certificates: Result<Vec<_>, _> = certificates.collect();
    let certificates = certificates.ok().filter(|certificates| !certificates.is_empty());
    certificates.ok_or_else(|| wrong(variable, "names a file without a certificate in PEM"))
}

fn read_file(variable: &'static str, path: &str) -> Result<Vec<u8>, ConfigError> {
    std::fs::read(path).map_err(|error| wrong(variable, format!("names a file that cannot be read: {error}")))
}

#[cfg(test)]
mod tests;
