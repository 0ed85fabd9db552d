//! An SMTP server in the process of the test: plain, with STARTTLS or encrypted from the first byte, with AUTH PLAIN
//! and LOGIN, and with failures that the test chooses.
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

/// The only username that the server accepts.
pub const USERNAME: &str = "postmaster";
/// The password of the user.
pub const PASSWORD: &str = "canary-smtp-password";

/// The encryption of the connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Security {
    /// No encryption.
    #[default]
    None,
    /// STARTTLS is required before any mail.
    StartTls,
    /// TLS from the first byte.
    Implicit,
    /// TLS from the first byte, and the client must present a certificate of the server's authority.
    Mutual,
}

/// How the server responds to mail.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Behaviour {
    /// It accepts mail.
    #[default]
    Accept,
    /// It closes each connection.
    Disconnect,
    /// It refuses each recipient temporarily.
    Defer,
    /// It refuses each recipient permanently, and repeats the address.
    Reject,
}

/// What a server offers.
#[derive(Clone, Debug, Default)]
pub struct Offer {
    /// The encryption.
    pub security: Security,
    /// The mechanisms of AUTH, which the server then requires; empty for no authentication.
    pub mechanisms: &'static [&'static str],
}

/// A mail as received.
#[derive(Clone, Debug)]
pub struct Received {
    /// The name in EHLO.
    pub hello: String,
    /// The address in MAIL FROM.
    pub from: String,
    /// The addresses in RCPT TO.
    pub to: Vec<String>,
    /// The mechanism with which the client authenticated; empty when it did not.
    pub mechanism: String,
    /// Whether the connection was encrypted.
    pub is_encrypted: bool,
    /// Headers and body.
    pub text: String,
}

impl Received {
    /// The mail without the line breaks and escapes of quoted-printable.
    pub fn readable(&self) -> String {
        readable(&self.text)
    }
}

/// Decodes the line breaks and escapes of quoted-printable.
pub fn readable(mail: &str) -> String {
    mail.replace("=\r\n", "").replace("=3D", "=")
}

/// A running server; it ends when it is dropped.
pub struct SmtpServer {
    /// The certificate authority of the server.
    pub authority: Authority,
    port: u16,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    offer: Offer,
    behaviour: Mutex<Behaviour>,
    mails: Mutex<Vec<Received>>,
    connections: AtomicUsize,
}

impl Shared {
    fn behaviour(&self) -> Behaviour {
        *self.behaviour.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, mail: Received) {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
    }
}

impl SmtpServer {
    /// Starts a server on a free port, with a certificate for `localhost`.
    ///
    /// # Panics
    ///
    /// When the server cannot start.
    pub async fn start(offer: Offer) -> Self {
        let authority = Authority::default();
        let tls = acceptor(&authority, offer.security);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port is free");
        let port = listener.local_addr().expect("a listener has an address").port();
        let shared = Arc::new(Shared { offer, ..Shared::default() });
        let accepting = tokio::spawn(accept(listener, shared.clone(), tls));
        Self { authority, port, shared, accepting }
    }

    /// The settings that make the service use this server.
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

    /// Sets how the server responds from now on.
    pub fn set_behaviour(&self, behaviour: Behaviour) {
        *self.shared.behaviour.lock().unwrap_or_else(PoisonError::into_inner) = behaviour;
    }

    /// The mails received so far.
    pub fn mails(&self) -> Vec<Received> {
        self.shared.mails.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The number of connections so far.
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
        if shared.behaviour() != Behaviour::Disconnect {
            // A client may disconnect at any time.
            tokio::spawn(conversation::hold(stream, shared.clone(), tls.clone()));
        }
    }
}
