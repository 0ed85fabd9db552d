use std::time::Duration;

use super::super::{Config, ConfigError};
use super::{Delivery, Encryption, MailConfig, Smarthost, Trust};

fn with(settings: &[(&str, &str)]) -> Result<MailConfig, ConfigError> {
    let lookup = |name: &str| match name {
        "ROSTER_ENCRYPTION_KEY" => Some("a-secret".to_owned()),
        _ => settings.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned()),
    };
    Config::from_lookup(&lookup).map(|config| config.mail)
}

fn smarthost(settings: &[(&str, &str)]) -> Result<Smarthost, ConfigError> {
    let from = [("ROSTER_EMAIL_FROM", "Roster <roster@example.com>")];
    with(&[settings, &from].concat()).map(|mail| match mail.delivery {
        Delivery::Smtp(smarthost) => *smarthost,
        other => panic!("{other:?}"),
    })
}

const HOST: (&str, &str) = ("ROSTER_EMAIL_SMARTHOST", "smtp.example.com:587");
const STARTTLS: (&str, &str) = ("ROSTER_EMAIL_TLS_STARTTLS", "true");
const USERNAME: (&str, &str) = ("ROSTER_EMAIL_AUTH_USERNAME", "roster");
const PASSWORD: (&str, &str) = ("ROSTER_EMAIL_AUTH_PASSWORD", "canary-password");

#[test]
fn without_a_smarthost_mail_is_off_or_goes_into_a_directory() {
    let off = with(&[]);
    assert!(off.is_ok_and(|mail| matches!(mail.delivery, Delivery::Off) && mail.max_attempts == 5));
    let directory = with(&[("ROSTER_MAIL_DIR", "outbox")]);
    assert!(
        directory.is_ok_and(|mail| matches!(mail.delivery, Delivery::Directory(path) if path.as_os_str() == "outbox"))
    );
    let both = smarthost(&[HOST, ("ROSTER_MAIL_DIR", "outbox")]);
    assert!(both.is_ok_and(|smarthost| smarthost.port == 587 && smarthost.hello == "localhost"));
}

#[test]
fn a_wrong_value_is_refused_by_its_variable() {
    let cases: &[(&str, &[(&str, &str)])] = &[
        ("ROSTER_EMAIL_FROM", &[HOST, ("ROSTER_EMAIL_FROM", "a@example.com, b@example.com")]),
        ("ROSTER_EMAIL_SMARTHOST", &[("ROSTER_EMAIL_SMARTHOST", "smtp.example.com")]),
        ("ROSTER_EMAIL_SMARTHOST", &[("ROSTER_EMAIL_SMARTHOST", "smtp.example.com:0")]),
        ("ROSTER_EMAIL_SMARTHOST", &[("ROSTER_EMAIL_SMARTHOST", ":25")]),
        ("ROSTER_EMAIL_HELLO", &[HOST, ("ROSTER_EMAIL_HELLO", "two words")]),
        ("ROSTER_EMAIL_FORCE_TLS", &[HOST, ("ROSTER_EMAIL_FORCE_TLS", "perhaps")]),
        ("ROSTER_EMAIL_TLS_STARTTLS", &[HOST, ("ROSTER_EMAIL_TLS_STARTTLS", "perhaps")]),
        ("ROSTER_EMAIL_TLS_SKIPVERIFY", &[HOST, STARTTLS, ("ROSTER_EMAIL_TLS_SKIPVERIFY", "perhaps")]),
        ("ROSTER_EMAIL_TLS_SERVERNAME", &[HOST, STARTTLS, ("ROSTER_EMAIL_TLS_SERVERNAME", "no name")]),
        ("ROSTER_EMAIL_TLS_CACERTFILE", &[HOST, STARTTLS, ("ROSTER_EMAIL_TLS_CACERTFILE", "/dev/null")]),
        ("ROSTER_EMAIL_TLS_CACERTFILE", &[HOST, STARTTLS, ("ROSTER_EMAIL_TLS_CACERTFILE", "/nowhere")]),
        ("ROSTER_EMAIL_TLS_CERTKEYFILE", &[HOST, STARTTLS, ("ROSTER_EMAIL_TLS_CERTFILE", "/dev/null")]),
        ("ROSTER_EMAIL_TLS_CERTFILE", &[HOST, STARTTLS, ("ROSTER_EMAIL_TLS_CERTKEYFILE", "/dev/null")]),
        ("ROSTER_EMAIL_AUTH_PASSWORD", &[HOST, STARTTLS, USERNAME]),
        ("ROSTER_EMAIL_AUTH_USERNAME", &[HOST, STARTTLS, PASSWORD]),
        ("ROSTER_EMAIL_AUTH_PASSWORD_FILE", &[HOST, PASSWORD, ("ROSTER_EMAIL_AUTH_PASSWORD_FILE", "/dev/null")]),
        ("ROSTER_NOTIFICATIONS_MAX_SEND_ATTEMPTS", &[("ROSTER_NOTIFICATIONS_MAX_SEND_ATTEMPTS", "0")]),
        ("ROSTER_NOTIFICATIONS_RETRY_INTERVAL", &[("ROSTER_NOTIFICATIONS_RETRY_INTERVAL", "soon")]),
    ];
    for (variable, settings) in cases {
        let from = [("ROSTER_EMAIL_FROM", "roster@example.com")];
        let refused = with(&[*settings, &from].concat()).err();
        assert_eq!(refused.map(|error| error.variable), Some(*variable), "{settings:?}");
    }
    assert_eq!(with(&[HOST]).err().map(|error| error.variable), Some("ROSTER_EMAIL_FROM"));
}

#[test]
fn a_setting_that_would_be_ignored_is_refused() {
    let cases: &[(&str, &[(&str, &str)])] = &[
        ("ROSTER_EMAIL_AUTH_IDENTITY", &[HOST, STARTTLS, USERNAME, PASSWORD, ("ROSTER_EMAIL_AUTH_IDENTITY", "other")]),
        ("ROSTER_EMAIL_TLS_SERVERNAME", &[HOST, ("ROSTER_EMAIL_TLS_SERVERNAME", "mail.example.com")]),
        ("ROSTER_EMAIL_TLS_CACERTFILE", &[HOST, ("ROSTER_EMAIL_TLS_CACERTFILE", "ca.pem")]),
    ];
    for (variable, settings) in cases {
        assert_eq!(smarthost(settings).err().map(|error| error.variable), Some(*variable));
    }
    let same = smarthost(&[HOST, STARTTLS, USERNAME, PASSWORD, ("ROSTER_EMAIL_AUTH_IDENTITY", "roster")]);
    assert!(same.is_ok());
}

#[test]
fn a_password_goes_over_an_encrypted_connection_or_stays_on_this_machine() {
    let refused = smarthost(&[HOST, USERNAME, PASSWORD]).err();
    assert_eq!(refused.map(|error| error.variable), Some("ROSTER_EMAIL_AUTH_USERNAME"));
    for host in ["localhost:25", "127.0.0.1:25", "[::1]:25"] {
        assert!(smarthost(&[("ROSTER_EMAIL_SMARTHOST", host), USERNAME, PASSWORD]).is_ok(), "{host}");
    }
}

#[test]
fn port_465_is_encrypted_from_the_first_byte_and_starttls_is_then_no_matter() {
    for settings in [
        &[("ROSTER_EMAIL_SMARTHOST", "smtp.example.com:465"), STARTTLS][..],
        &[("ROSTER_EMAIL_SMARTHOST", "smtp.example.com:465"), ("ROSTER_EMAIL_FORCE_TLS", "false")],
        &[HOST, ("ROSTER_EMAIL_FORCE_TLS", "true")],
    ] {
        let encryption = smarthost(settings).map(|smarthost| smarthost.encryption);
        assert!(matches!(encryption, Ok(Encryption::Implicit(tls)) if matches!(tls.trust, Trust::WebRoots)));
    }
    let upgraded = smarthost(&[HOST, STARTTLS]).map(|smarthost| smarthost.encryption);
    assert!(matches!(upgraded, Ok(Encryption::StartTls(tls)) if tls.server_name == "smtp.example.com"));
}

#[test]
fn the_password_is_never_printed() {
    let config = smarthost(&[HOST, STARTTLS, USERNAME, PASSWORD]);
    assert!(config.is_ok_and(|config| config.login.is_some() && !format!("{config:?}").contains("canary")));
}

#[test]
fn delays_begin_with_the_interval() {
    let config = with(&[("ROSTER_NOTIFICATIONS_RETRY_INTERVAL", "1m")]);
    assert!(config.is_ok_and(|config| config.retry_interval == Duration::from_mins(1)));
}
