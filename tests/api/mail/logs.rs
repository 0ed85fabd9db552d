//! Log lines about mail, and secrets that they omit.

use roster_tests::log_capture::LogCapture;
use roster_tests::smtp::{Behaviour, Offer, PASSWORD, Security};
use roster_tests::{PostOffice, SmtpServer};

use super::{LIFE, PASSCODE, forgotten};

#[tokio::test]
async fn no_log_level_shows_passcode_email_address_or_smtp_password() {
    let log = LogCapture::default();
    for mechanisms in [&["PLAIN"][..], &["LOGIN"]] {
        let server = SmtpServer::start(Offer { security: Security::StartTls, mechanisms }).await;
        let office = PostOffice::start(&server.settings()).await;
        for behaviour in [Behaviour::Accept, Behaviour::Defer, Behaviour::Reject, Behaviour::Disconnect] {
            server.set_behaviour(behaviour);
            let id = office.write(Some(&forgotten("canary@example.com")), LIFE).await;
            assert!(office.deliver(&[id]).await.is_empty());
        }
        assert_eq!((office.metric("MailSent"), office.metric("MailDead")), (1, 3));
    }
    let text = log.text();
    for line in ["a message was sent", "an attempt failed", "a message was given up", "status 451", "status 550"] {
        assert!(text.contains(line), "{line}");
    }
    let [passcode, compact] = [PASSCODE.to_string(), PASSCODE.simple().to_string()];
    for secret in ["canary@", "Canary", PASSWORD, passcode.as_str(), compact.as_str()] {
        assert!(!text.contains(secret), "{secret}");
    }
}
