//! How mail goes out (docs/api/notifications.md#smtp-settings). Only the mailer function is given these settings in a
//! deployment.

use std::path::PathBuf;
use std::time::Duration;

use lettre::message::Mailbox;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::{ConfigError, Reader, Secret};

/// Settings of mail.
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// `ROSTER_EMAIL_FROM`: the sender, with or without a display name. Required with a smarthost.
    pub from: Mailbox,
    /// `ROSTER_EMAIL_SMARTHOST` and its companions, or `ROSTER_MAIL_DIR`. Default: none goes out.
    pub delivery: Delivery,
    /// `ROSTER_NOTIFICATIONS_MAX_SEND_ATTEMPTS`: how often a message is tried before it is given up. Default 5.
    pub max_attempts: u32,
    /// `ROSTER_NOTIFICATIONS_RETRY_INTERVAL`: between the first two attempts; doubles with each one. Default 30s.
    pub retry_interval: Duration,
}

/// Where mail goes.
#[derive(Clone, Debug)]
pub enum Delivery {
    /// Nowhere: messages are dropped.
    Off,
    /// `ROSTER_MAIL_DIR`: into a folder, one file each. For local mode.
    Folder(PathBuf),
    /// To an SMTP server.
    Smtp(Box<Smarthost>),
}

/// An SMTP server and how it is spoken to.
#[derive(Clone, Debug)]
pub struct Smarthost {
    /// The host of `ROSTER_EMAIL_SMARTHOST`, a name or an address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// `ROSTER_EMAIL_HELLO`: the name in EHLO. Default `localhost`.
    pub hello: String,
    /// `ROSTER_EMAIL_FORCE_TLS`, `ROSTER_EMAIL_TLS_STARTTLS`.
    pub encryption: Encryption,
    /// `ROSTER_EMAIL_AUTH_USERNAME` and its password. Default: no authentication.
    pub login: Option<Login>,
}

/// A username and its password.
#[derive(Clone, Debug)]
pub struct Login {
    /// `ROSTER_EMAIL_AUTH_USERNAME`.
    pub username: String,
    /// `ROSTER_EMAIL_AUTH_PASSWORD`, or what lies in `ROSTER_EMAIL_AUTH_PASSWORD_FILE`.
    pub password: Secret,
}

/// Whether, and from when on, a connection is encrypted.
#[derive(Clone, Debug)]
pub enum Encryption {
    /// Never.
    None,
    /// After STARTTLS, which the server must offer.
    StartTls(Tls),
    /// From the first byte: `ROSTER_EMAIL_FORCE_TLS`, and port 465.
    Implicit(Tls),
}

/// How the other side of an encrypted connection is known.
#[derive(Clone, Debug)]
pub struct Tls {
    /// `ROSTER_EMAIL_TLS_SERVERNAME`: the name in the server's certificate. Default: the host.
    pub server_name: String,
    /// Who vouches for the server.
    pub trust: Trust,
    /// `ROSTER_EMAIL_TLS_CERTFILE`, `ROSTER_EMAIL_TLS_CERTKEYFILE`: what this side shows. Default: nothing.
    pub identity: Option<Identity>,
}

/// Who vouches for a server.
#[derive(Clone, Debug)]
pub enum Trust {
    /// The authorities of the web.
    WebRoots,
    /// `ROSTER_EMAIL_TLS_CACERTFILE`: these authorities alone, in DER.
    Authorities(Vec<Vec<u8>>),
    /// `ROSTER_EMAIL_TLS_SKIPVERIFY`: nobody.
    Anybody,
}

/// A certificate of our own.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The certificate in DER.
    pub certificate: Vec<u8>,
    /// Its private key in PEM.
    pub key: Secret,
}

const FROM: &str = "ROSTER_EMAIL_FROM";
const SMARTHOST: &str = "ROSTER_EMAIL_SMARTHOST";
const HELLO: &str = "ROSTER_EMAIL_HELLO";
const FORCE_TLS: &str = "ROSTER_EMAIL_FORCE_TLS";
const USERNAME: &str = "ROSTER_EMAIL_AUTH_USERNAME";
const PASSWORD: &str = "ROSTER_EMAIL_AUTH_PASSWORD";
const PASSWORD_FILE: &str = "ROSTER_EMAIL_AUTH_PASSWORD_FILE";
const IDENTITY: &str = "ROSTER_EMAIL_AUTH_IDENTITY";
const STARTTLS: &str = "ROSTER_EMAIL_TLS_STARTTLS";
const SERVER_NAME: &str = "ROSTER_EMAIL_TLS_SERVERNAME";
const SKIP_VERIFY: &str = "ROSTER_EMAIL_TLS_SKIPVERIFY";
const AUTHORITIES_FILE: &str = "ROSTER_EMAIL_TLS_CACERTFILE";
const CERTIFICATE_FILE: &str = "ROSTER_EMAIL_TLS_CERTFILE";
const KEY_FILE: &str = "ROSTER_EMAIL_TLS_CERTKEYFILE";
const FOLDER: &str = "ROSTER_MAIL_DIR";
const MAX_ATTEMPTS: &str = "ROSTER_NOTIFICATIONS_MAX_SEND_ATTEMPTS";
const RETRY_INTERVAL: &str = "ROSTER_NOTIFICATIONS_RETRY_INTERVAL";

/// The port on which SMTP is encrypted from the first byte (RFC 8314).
const IMPLICIT_TLS_PORT: u16 = 465;
/// The sender of mail that goes into a folder.
const LOCAL_SENDER: &str = "Roster <roster@localhost>";

fn wrong(variable: &'static str, reason: impl Into<String>) -> ConfigError {
    ConfigError { variable, reason: reason.into() }
}

impl MailConfig {
    pub(super) fn read(env: &Reader<'_>) -> Result<Self, ConfigError> {
        let smarthost = read_smarthost(env)?;
        let sender = match env.text(FROM) {
            None if smarthost.is_some() => return Err(wrong(FROM, format!("is not set, and {SMARTHOST} is"))),
            sender => sender.unwrap_or_else(|| LOCAL_SENDER.to_owned()),
        };
        let folder = env.text(FOLDER).map_or(Delivery::Off, |path| Delivery::Folder(path.into()));
        let max_attempts = env.parsed(MAX_ATTEMPTS, 5, "a number from 1 to 20", |value| {
            value.parse().ok().filter(|attempts| (1..=20).contains(attempts))
        })?;
        Ok(Self {
            from: sender
                .trim()
                .parse()
                .map_err(|_| wrong(FROM, "must be one address, such as Roster <roster@example.com>"))?,
            delivery: smarthost.map_or(folder, |smarthost| Delivery::Smtp(Box::new(smarthost))),
            max_attempts,
            retry_interval: env.duration(RETRY_INTERVAL, Duration::from_secs(30))?,
        })
    }
}

fn read_smarthost(env: &Reader<'_>) -> Result<Option<Smarthost>, ConfigError> {
    let address = env.parsed(SMARTHOST, None, "a host and a port, such as smtp.example.com:587", |value| {
        let (host, port) = value.rsplit_once(':')?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port: u16 = port.parse().ok().filter(|port| *port != 0)?;
        let is_host = !host.is_empty() && !host.contains(['/', '@', ' ']);
        is_host.then(|| Some((host.to_owned(), port)))
    })?;
    let Some((host, port)) = address else { return Ok(None) };
    let encryption = read_encryption(env, &host, port)?;
    let login = read_login(env)?;
    let is_here = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    if login.is_some() && matches!(encryption, Encryption::None) && !is_here {
        let reason = format!("would send its password in the clear: set {STARTTLS} or {FORCE_TLS}");
        return Err(wrong(USERNAME, reason));
    }
    let hello = env.parsed(HELLO, "localhost".to_owned(), "a host name", |value| {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_[]:".contains(&byte);
        value.bytes().all(is_name).then(|| value.to_owned())
    })?;
    Ok(Some(Smarthost { host, port, hello, encryption, login }))
}

fn read_login(env: &Reader<'_>) -> Result<Option<Login>, ConfigError> {
    let username = env.text(USERNAME);
    let password = match (env.text(PASSWORD), env.text(PASSWORD_FILE)) {
        (Some(_), Some(_)) => return Err(wrong(PASSWORD_FILE, format!("and {PASSWORD} are both set"))),
        (Some(password), None) => Some(password),
        (None, Some(_)) => {
            let text = String::from_utf8(read_file(env, PASSWORD_FILE)?.unwrap_or_default());
            let text = text.map_err(|_| wrong(PASSWORD_FILE, "does not lead to text"))?;
            Some(text.trim_end_matches(['\r', '\n']).to_owned())
        }
        (None, None) => None,
    };
    // An authorization identity of somebody else's is the one thing of PLAIN that lettre does not speak.
    if env.text(IDENTITY).is_some_and(|identity| Some(identity) != username) {
        return Err(wrong(IDENTITY, format!("is not supported, unless it is the same as {USERNAME}")));
    }
    match (username, password) {
        (Some(username), Some(password)) => Ok(Some(Login { username, password: Secret(password) })),
        (Some(_), None) => Err(wrong(PASSWORD, format!("is not set, and {USERNAME} is"))),
        (None, Some(_)) => Err(wrong(USERNAME, "is not set, and its password is")),
        (None, None) => Ok(None),
    }
}

fn read_encryption(env: &Reader<'_>, host: &str, port: u16) -> Result<Encryption, ConfigError> {
    let is_implicit = env.bool(FORCE_TLS, port == IMPLICIT_TLS_PORT)? || port == IMPLICIT_TLS_PORT;
    let is_upgraded = env.bool(STARTTLS, false)?;
    if !is_implicit && !is_upgraded {
        let idle = [SERVER_NAME, AUTHORITIES_FILE, CERTIFICATE_FILE, KEY_FILE].into_iter();
        return match idle.into_iter().find(|variable| env.text(variable).is_some()) {
            Some(variable) => Err(wrong(variable, format!("has no effect without {STARTTLS} or {FORCE_TLS}"))),
            None => Ok(Encryption::None),
        };
    }
    let authorities = read_authorities(env)?;
    let trust = match (env.bool(SKIP_VERIFY, false)?, authorities) {
        (true, None) => Trust::Anybody,
        (true, Some(_)) => return Err(wrong(AUTHORITIES_FILE, format!("has no effect with {SKIP_VERIFY}"))),
        (false, Some(authorities)) => Trust::Authorities(authorities),
        (false, None) => Trust::WebRoots,
    };
    let server_name = env.parsed(SERVER_NAME, host.to_owned(), "a host name", |value| {
        rustls_pki_types::ServerName::try_from(value).ok().map(|_| value.to_owned())
    })?;
    let tls = Tls { server_name, trust, identity: read_identity(env)? };
    Ok(if is_implicit { Encryption::Implicit(tls) } else { Encryption::StartTls(tls) })
}

fn read_authorities(env: &Reader<'_>) -> Result<Option<Vec<Vec<u8>>>, ConfigError> {
    let Some(file) = read_file(env, AUTHORITIES_FILE)? else { return Ok(None) };
    Ok(Some(read_certificates(AUTHORITIES_FILE, &file)?))
}

fn read_identity(env: &Reader<'_>) -> Result<Option<Identity>, ConfigError> {
    match (read_file(env, CERTIFICATE_FILE)?, read_file(env, KEY_FILE)?) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(wrong(KEY_FILE, format!("is not set, and {CERTIFICATE_FILE} is"))),
        (None, Some(_)) => Err(wrong(CERTIFICATE_FILE, format!("is not set, and {KEY_FILE} is"))),
        (Some(certificates), Some(key)) => {
            let certificates = read_certificates(CERTIFICATE_FILE, &certificates)?;
            let [certificate] = <[Vec<u8>; 1]>::try_from(certificates)
                .map_err(|_| wrong(CERTIFICATE_FILE, "leads to more than one certificate"))?;
            PrivateKeyDer::from_pem_slice(&key)
                .map_err(|_| wrong(KEY_FILE, "does not lead to a private key in PEM"))?;
            let key = String::from_utf8(key).map_err(|_| wrong(KEY_FILE, "does not lead to text"))?;
            Ok(Some(Identity { certificate, key: Secret(key) }))
        }
    }
}

fn read_certificates(variable: &'static str, pem: &[u8]) -> Result<Vec<Vec<u8>>, ConfigError> {
    let certificates = CertificateDer::pem_slice_iter(pem).map(|found| found.map(|found| found.to_vec()));
    let certificates: Result<Vec<_>, _> = certificates.collect();
    let certificates = certificates.ok().filter(|certificates| !certificates.is_empty());
    certificates.ok_or_else(|| wrong(variable, "does not lead to a certificate in PEM"))
}

fn read_file(env: &Reader<'_>, variable: &'static str) -> Result<Option<Vec<u8>>, ConfigError> {
    let read = |path: String| std::fs::read(path).map_err(|error| wrong(variable, format!("cannot be read: {error}")));
    env.text(variable).map(read).transpose()
}

#[cfg(test)]
mod tests;
