//! Delivery of a mail: to an SMTP server, or as a file into a directory. The only file that uses the SMTP transport of
//! lettre.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, CertificateStore, Identity, Tls as SmtpTls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::config::{ConfigError, Delivery, Encryption, MailConfig, Smarthost, Tls, Trust};

/// The timeout of a connection to the server.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The timeout of a whole attempt.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);

type Smtp = AsyncSmtpTransport<Tokio1Executor>;

/// Where mail goes.
#[derive(Debug)]
pub enum Transport {
    /// Nowhere: mails are dropped.
    Off,
    /// Into a directory, one file for each mail.
    Directory(PathBuf),
    /// To an SMTP server. Each mail opens its own connection.
    Smtp(Box<Smtp>),
}

/// Why a mail was not sent. Never contains the text of the server, which may repeat the address.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SendError {
    /// Another attempt would fail too.
    #[error("{0}")]
    Permanent(String),
    /// Another attempt may succeed.
    #[error("{0}")]
    Passing(String),
}

impl Transport {
    /// The transport of the settings. Does not connect.
    pub fn new(config: &MailConfig) -> Result<Self, ConfigError> {
        Ok(match &config.delivery {
            Delivery::Off => Self::Off,
            Delivery::Directory(path) => Self::Directory(path.clone()),
            Delivery::Smtp(smarthost) => Self::Smtp(Box::new(smtp(smarthost)?)),
        })
    }

    /// Sends a mail. `name` is the file name, without suffix, in a directory.
    pub async fn send(&self, name: &str, mail: &Message) -> Result<(), SendError> {
        match self {
            Self::Off => Ok(()),
            Self::Directory(directory) => {
                let path = write_mail(directory, name, &mail.formatted())
                    .map_err(|error| SendError::Passing(format!("the mail directory cannot be written: {error}")))?;
                tracing::info!(path = %path.display(), "a mail was written to the mail directory");
                Ok(())
            }
            Self::Smtp(smtp) => match tokio::time::timeout(ATTEMPT_TIMEOUT, smtp.send(mail.clone())).await {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(send_error(&error)),
                Err(_) => Err(SendError::Passing("the server did not answer in time".to_owned())),
            },
        }
    }
}

/// Writes a mail to a temporary file and renames it, so a `.eml` file is always complete.
fn write_mail(directory: &Path, name: &str, mail: &[u8]) -> io::Result<PathBuf> {
    let path = directory.join(format!("{name}.eml"));
    let temporary = directory.join(format!("{name}.new"));
    let mut builder = fs::DirBuilder::new();
    let mut file = fs::OpenOptions::new();
    // Mails contain passcodes, so only the owner may read them.
    #[cfg(unix)]
    {
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    }
    builder.recursive(true).create(directory)?;
    file.write(true).create(true).truncate(true).open(&temporary)?.write_all(mail)?;
    fs::rename(temporary, &path)?;
    Ok(path)
}

/// Decides whether another attempt can succeed. It cannot after a permanent refusal, or if the server lacks what the
/// settings require, such as STARTTLS or an authentication mechanism. A wrong certificate may be replaced, so it is
/// temporary.
fn send_error(error: &lettre::transport::smtp::Error) -> SendError {
    if error.is_permanent() {
        let status = error.status().map(|status| status.to_string()).unwrap_or_default();
        SendError::Permanent(format!("the server refused with status {status}"))
    } else if error.is_client() {
        SendError::Permanent(
            "the server does not support what the settings or the address require: check the ROSTER_EMAIL settings"
                .to_owned(),
        )
    } else if let Some(status) = error.status() {
        SendError::Passing(format!("the server refused temporarily with status {status}"))
    } else if error.is_response() {
        SendError::Passing("the server closed the connection or did not answer in SMTP".to_owned())
    } else {
        SendError::Passing("no connection to the server was possible, or its certificate is not trusted".to_owned())
    }
}

fn smtp(smarthost: &Smarthost) -> Result<Smtp, ConfigError> {
    let encryption = match &smarthost.encryption {
        Encryption::None => SmtpTls::None,
        Encryption::StartTls(tls) => SmtpTls::Required(parameters(tls)?),
        Encryption::Implicit(tls) => SmtpTls::Wrapper(parameters(tls)?),
    };
    let builder = Smtp::builder_dangerous(&smarthost.host)
        .port(smarthost.port)
        .tls(encryption)
        .hello_name(ClientId::Domain(smarthost.hello.clone()))
        .timeout(Some(CONNECT_TIMEOUT));
    Ok(match &smarthost.login {
        None => builder.build(),
        Some(login) => builder
            .credentials(Credentials::new(login.username.clone(), login.password.reveal().to_owned()))
            .authentication(vec![Mechanism::Plain, Mechanism::Login])
            .build(),
    })
}

fn parameters(tls: &Tls) -> Result<TlsParameters, ConfigError> {
    let wrong = |variable, reason: &str| ConfigError { variable, reason: reason.to_owned() };
    let builder = TlsParameters::builder(tls.server_name.clone());
    let mut builder = match &tls.trust {
        Trust::WebRoots => builder.certificate_store(CertificateStore::WebpkiRoots),
        Trust::AnyCertificate => builder.dangerous_accept_invalid_certs(true).dangerous_accept_invalid_hostnames(true),
        Trust::Authorities(authorities) => {
            let alone = builder.certificate_store(CertificateStore::None);
            authorities.iter().try_fold(alone, |builder, authority| {
                let certificate = Certificate::from_der(authority.clone());
                let certificate = certificate
                    .map_err(|_| wrong("ROSTER_EMAIL_TLS_CACERTFILE", "holds a certificate that cannot be read"))?;
                Ok::<_, ConfigError>(builder.add_root_certificate(certificate))
            })?
        }
    };
    if let Some(identity) = &tls.identity {
        // The documentation of lettre 0.11 requires the certificate in PEM, but the code reads DER. A test covers this.
        let identity = Identity::from_pem(&identity.certificate, identity.key.reveal().as_bytes());
        let identity = identity.map_err(|_| wrong("ROSTER_EMAIL_TLS_CERTKEYFILE", "holds no key that can be used"))?;
        builder = builder.identify_with(identity);
    }
    builder
        .build_rustls()
        .map_err(|_| wrong("ROSTER_EMAIL_TLS_CERTFILE", "and the other TLS settings cannot be used together"))
}
