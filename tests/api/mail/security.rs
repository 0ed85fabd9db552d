//! Encryption, certificates and authentication of SMTP connections.

use roster_tests::smtp::{Offer, Received, Security};
use roster_tests::{PostOffice, SmtpServer};

use super::{LIFE, forgotten};

const PLAIN: &[&str] = &["PLAIN"];
const LOGIN: &[&str] = &["LOGIN"];
const BOTH: &[&str] = &["LOGIN", "PLAIN"];

type Settings = Vec<(&'static str, String)>;

/// Sends one mail with changed settings of the server.
async fn send(server: &SmtpServer, change: impl FnOnce(&mut Settings)) -> PostOffice {
    let mut settings = server.settings();
    change(&mut settings);
    let office = PostOffice::start(&settings).await;
    let id = office.write(Some(&forgotten("ada@example.com")), LIFE).await;
    assert!(office.deliver(&[id]).await.is_empty());
    office
}

fn set(settings: &mut Settings, variable: &'static str, value: &str) {
    settings.retain(|(name, _)| *name != variable);
    settings.push((variable, value.to_owned()));
}

async fn delivered(offer: Offer) -> Received {
    let server = SmtpServer::start(offer).await;
    let office = send(&server, |_| {}).await;
    assert_eq!((office.metric("MailSent"), office.metric("MailDead")), (1, 0));
    server.mails().pop().expect("the mail arrived")
}

#[tokio::test]
async fn a_mail_is_sent_with_starttls_and_a_private_authority() {
    let mail = delivered(Offer { security: Security::StartTls, mechanisms: PLAIN }).await;
    assert_eq!((mail.from.as_str(), mail.to.as_slice()), ("roster@example.com", &["ada@example.com".to_owned()][..]));
    assert_eq!(
        (mail.hello.as_str(), mail.mechanism.as_str(), mail.is_encrypted),
        ("mailer.example.com", "PLAIN", true)
    );
    let link = "http://roster.test/reset-password/change?otp=0dec0de0-0000-4000-8000-000000000007";
    assert!(mail.readable().contains(&format!("{link}&email=ada%40example.com")), "{}", mail.readable());
    assert!(mail.text.contains("\r\nFrom: Roster <roster@example.com>\r\n"), "{}", mail.text);
}

#[tokio::test]
async fn implicit_tls_is_encrypted_from_the_first_byte() {
    assert!(delivered(Offer { security: Security::Implicit, mechanisms: PLAIN }).await.is_encrypted);
}

#[tokio::test]
async fn auth_plain_is_preferred_to_auth_login() {
    assert_eq!(delivered(Offer { security: Security::StartTls, mechanisms: BOTH }).await.mechanism, "PLAIN");
    assert_eq!(delivered(Offer { security: Security::StartTls, mechanisms: LOGIN }).await.mechanism, "LOGIN");
}

#[tokio::test]
async fn a_server_without_encryption_and_authentication_gets_mail() {
    let mail = delivered(Offer::default()).await;
    assert_eq!((mail.is_encrypted, mail.mechanism.as_str()), (false, ""));
}

#[tokio::test]
async fn a_client_certificate_is_presented_on_request() {
    let server = SmtpServer::start(Offer { security: Security::Mutual, mechanisms: &[] }).await;
    let ours = server.authority.issue("mailer.example.com");
    let office = send(&server, |settings| {
        set(settings, "ROSTER_EMAIL_TLS_CERTFILE", &ours.certificate.to_string_lossy());
        set(settings, "ROSTER_EMAIL_TLS_CERTKEYFILE", &ours.key.to_string_lossy());
    })
    .await;
    assert_eq!(office.metric("MailSent"), 1);
    let anonymous = send(&server, |_| {}).await;
    assert_eq!((anonymous.metric("MailDead"), server.mails().len()), (1, 1));
}

#[tokio::test]
async fn a_server_with_an_unknown_authority_gets_neither_mail_nor_password() {
    for security in [Security::StartTls, Security::Implicit] {
        let server = SmtpServer::start(Offer { security, mechanisms: PLAIN }).await;
        for stranger in [None, Some(roster_tests::authority::Authority::default())] {
            let office = send(&server, |settings| {
                let file = stranger.as_ref().map(|authority| authority.file().to_string_lossy().into_owned());
                set(settings, "ROSTER_EMAIL_TLS_CACERTFILE", &file.unwrap_or_default());
            })
            .await;
            assert_eq!((office.metric("MailSent"), office.metric("MailDead")), (0, 1));
            assert!(server.mails().is_empty());
        }
        let unverified = send(&server, |settings| {
            set(settings, "ROSTER_EMAIL_TLS_CACERTFILE", "");
            set(settings, "ROSTER_EMAIL_TLS_SKIPVERIFY", "true");
        })
        .await;
        assert_eq!(unverified.metric("MailSent"), 1);
    }
}

#[tokio::test]
async fn the_certificate_must_match_the_host_or_the_configured_name() {
    let server = SmtpServer::start(Offer { security: Security::StartTls, mechanisms: PLAIN }).await;
    let port = server.settings().iter().find_map(|(_, value)| value.strip_prefix("localhost:").map(str::to_owned));
    let address = format!("127.0.0.1:{}", port.expect("the server has a port"));
    let wrong = send(&server, |settings| set(settings, "ROSTER_EMAIL_SMARTHOST", &address)).await;
    assert_eq!(wrong.metric("MailDead"), 1);
    let named = send(&server, |settings| {
        set(settings, "ROSTER_EMAIL_SMARTHOST", &address);
        set(settings, "ROSTER_EMAIL_TLS_SERVERNAME", "localhost");
    })
    .await;
    assert_eq!(named.metric("MailSent"), 1);
}

#[tokio::test]
async fn a_wrong_password_is_not_retried() {
    let server = SmtpServer::start(Offer { security: Security::StartTls, mechanisms: BOTH }).await;
    let office = send(&server, |settings| set(settings, "ROSTER_EMAIL_AUTH_PASSWORD", "wrong")).await;
    assert_eq!((office.metric("MailDead"), server.connections()), (1, 1));
}

#[tokio::test]
async fn a_missing_feature_of_the_server_is_not_retried() {
    let without_accounts = SmtpServer::start(Offer { security: Security::StartTls, mechanisms: &[] }).await;
    let office = send(&without_accounts, |settings| {
        set(settings, "ROSTER_EMAIL_AUTH_USERNAME", "postmaster");
        set(settings, "ROSTER_EMAIL_AUTH_PASSWORD", "secret");
    })
    .await;
    assert_eq!((office.metric("MailDead"), without_accounts.connections()), (1, 1));

    let in_the_clear = SmtpServer::start(Offer::default()).await;
    let office = send(&in_the_clear, |settings| set(settings, "ROSTER_EMAIL_TLS_STARTTLS", "true")).await;
    assert_eq!((office.metric("MailDead"), in_the_clear.mails().len()), (1, 0));
}

#[tokio::test]
async fn the_password_can_be_read_from_a_file() {
    let server = SmtpServer::start(Offer { security: Security::StartTls, mechanisms: PLAIN }).await;
    let file = server.authority.directory().join("password");
    std::fs::write(&file, format!("{}\n", roster_tests::smtp::PASSWORD)).expect("a file can be written");
    let office = send(&server, |settings| {
        set(settings, "ROSTER_EMAIL_AUTH_PASSWORD", "");
        set(settings, "ROSTER_EMAIL_AUTH_PASSWORD_FILE", &file.to_string_lossy());
    })
    .await;
    assert_eq!(office.metric("MailSent"), 1);
}
