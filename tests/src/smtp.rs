//! An SMTP server in the test's own process: plain, with STARTTLS or encrypted from the first byte, with AUTH PLAIN and
//! LOGIN, and in a mood that the test chooses.
#![expect(clippy::expect_used, reason = "a test that cannot begin fails")]

mod conversation;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::authority::Authority;

/// The one account of the server.
pub const USERNAME: &str = "postmaster";
/// Its password.
pub const PASSWORD: &str = "canary-smtp-password";

/// How the server speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Security {
    /// In the clear.
    #[default]
    None,
    /// In the clear until STARTTLS, before which nothing else is taken.
    StartTls,
    /// Encrypted from the first byte.
    Implicit,
    /// The same, and the client has to show a certificate of the server's own authority.
    Mutual,
}

/// How the server takes mail at present.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Mood {
    /// It takes it.
    #[default]
    Well,
    /// It hangs up on whoever connects.
    Down,
    /// It refuses each recipient for now.
    Busy,
    /// It refuses each recipient for good, and says which one.
    Strict,
}

/// What a server offers.
#[derive(Clone, Debug, Default)]
pub struct Offer {
    /// How it speaks.
    pub security: Security,
    /// The mechanisms of AUTH, without which no mail is taken; empty for none.
    pub mechanisms: &'static [&'static str],
}

/// A mail as it arrived.
#[derive(Clone, Debug)]
pub struct Received {
    /// The name in EHLO.
    pub hello: String,
    /// The address in MAIL FROM.
    pub from: String,
    /// The addresses in RCPT TO.
    pub to: Vec<String>,
    /// How the client authenticated; empty when it did not.
    pub mechanism: String,
    /// Whether the connection was encrypted.
    pub is_encrypted: bool,
    /// Headers and body.
    pub text: String,
}

impl Received {
    /// The text without the line breaks and signs of quoted-printable.
    #[must_use]
    pub fn readable(&self) -> String {
        readable(&self.text)
    }
}

/// A mail without the line breaks and signs of quoted-printable.
#[must_use]
pub fn readable(mail: &str) -> String {
    mail.replace("=\r\n", "").replace("=3D", "=")
}

/// A running server; it ends when it is dropped.
pub struct SmtpServer {
    /// Whoever vouches for the server.
    pub authority: Authority,
    port: u16,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    offer: Offer,
    mood: Mutex<Mood>,
    mails: Mutex<Vec<Received>>,
    connections: AtomicUsize,
}

impl Shared {
    fn mood(&self) -> Mood {
        *self.mood.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, mail: Received) {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
    }
}

impl SmtpServer {
    /// A server on a port of its own; its certificate names `localhost`.
    ///
    /// # Panics
    ///
    /// When it cannot begin.
    pub async fn start(offer: Offer) -> Self {
        let authority = Authority::default();
        let tls = acceptor(&authority, offer.security);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port is free");
        let port = listener.local_addr().expect("a listener has an address").port();
        let shared = Arc::new(Shared { offer, ..Shared::default() });
        let accepting = tokio::spawn(accept(listener, shared.clone(), tls));
        Self { authority, port, shared, accepting }
    }

    /// The settings that lead to the server, and how it is spoken to.
    #[must_use]
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let mut settings = vec![
            ("ROSTER_EMAIL_FROM", "Roster <roster@example.com>".to_owned()),
            ("ROSTER_EMAIL_SMARTHOST", format!("localhost:{}", self.port)),
            ("ROSTER_EMAIL_HELLO", "mailer.example.com".to_owned()),
        ];
        match self.shared.offer.security {
            Security::None => {}
            Security::StartTls => settings.push(("ROSTER_EMAIL_TLS_STARTTLS", "true".to_owned())),
            Security::Implicit | Security::Mutual => settings.push(("ROSTER_EMAIL_FORCE_TLS", "true".to_owned())),
        }
        if self.shared.offer.security != Security::None {
            let file = self.authority.file().to_string_lossy().into_owned();
            settings.push(("ROSTER_EMAIL_TLS_CACERTFILE", file));
        }
        if !self.shared.offer.mechanisms.is_empty() {
            settings.push(("ROSTER_EMAIL_AUTH_USERNAME", USERNAME.to_owned()));
            settings.push(("ROSTER_EMAIL_AUTH_PASSWORD", PASSWORD.to_owned()));
        }
        settings
    }

    /// How it takes mail from now on.
    pub fn set_mood(&self, mood: Mood) {
        *self.shared.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }

    /// What arrived so far.
    #[must_use]
    pub fn mails(&self) -> Vec<Received> {
        self.shared.mails.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often somebody connected.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn acceptor(authority: &Authority, security: Security) -> TlsAcceptor {
    let leaf = authority.issue("localhost");
    let certificate = CertificateDer::from_pem_file(&leaf.certificate).expect("the certificate was written");
    let key = PrivateKeyDer::from_pem_file(&leaf.key).expect("the key was written");
    let config = if security == Security::Mutual {
        let mut roots = RootCertStore::empty();
        let root = CertificateDer::from_pem_file(authority.file()).expect("the authority was written");
        roots.add(root).expect("the authority is one");
        let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build().expect("there is an authority");
        ServerConfig::builder().with_client_cert_verifier(verifier)
    } else {
        ServerConfig::builder().with_no_client_auth()
    };
    let config = config.with_single_cert(vec![certificate], key).expect("key and certificate fit");
    TlsAcceptor::from(Arc::new(config))
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, tls: TlsAcceptor) {
    while let Ok((stream, _)) = listener.accept().await {
        shared.connections.fetch_add(1, Ordering::SeqCst);
        if shared.mood() != Mood::Down {
            // A client that breaks off is its own business.
            tokio::spawn(conversation::hold(stream, shared.clone(), tls.clone()));
        }
    }
}
