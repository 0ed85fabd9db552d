//! What the log tells of mail, and what it keeps to itself.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use roster_tests::smtp::{Mood, Offer, PASSWORD, Security};
use roster_tests::{PostOffice, SmtpServer};
use tracing_subscriber::fmt::MakeWriter;

use super::{LIFE, PASSCODE, forgotten};

/// Keeps every line.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn the_most_talkative_log_names_neither_passcode_nor_address_nor_the_servers_password() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    // The test's runtime has this thread alone.
    let _logged = tracing::subscriber::set_default(subscriber);
    for mechanisms in [&["PLAIN"][..], &["LOGIN"]] {
        let server = SmtpServer::start(Offer { security: Security::StartTls, mechanisms }).await;
        let office = PostOffice::start(&server.settings()).await;
        for mood in [Mood::Well, Mood::Busy, Mood::Strict, Mood::Down] {
            server.set_mood(mood);
            let id = office.write(Some(&forgotten("canary@example.com")), LIFE).await;
            assert!(office.deliver(&[id]).await.is_empty());
        }
        assert_eq!((office.metric("MailSent"), office.metric("MailDead")), (1, 3));
    }
    let text = log.text();
    for told in ["a message was sent", "an attempt failed", "a message was given up", "status 451", "status 550"] {
        assert!(text.contains(told), "{told}");
    }
    let [passcode, compact] = [PASSCODE.to_string(), PASSCODE.simple().to_string()];
    for secret in ["canary@", "Canary", PASSWORD, passcode.as_str(), compact.as_str()] {
        assert!(!text.contains(secret), "{secret}");
    }
}
