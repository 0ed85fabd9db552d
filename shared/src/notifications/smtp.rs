//! The last step: a mail goes to the SMTP server, or into the outbox folder. The only file that names lettre's SMTP
//! transport.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, CertificateStore, Identity, Tls as SmtpTls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::config::{ConfigError, Delivery, Encryption, MailConfig, Smarthost, Tls, Trust};

/// How long the server may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an attempt may take as a whole.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);

type Smtp = AsyncSmtpTransport<Tokio1Executor>;

/// Where mail goes.
#[derive(Debug)]
pub enum Transport {
    /// Nowhere.
    Off,
    /// Into a folder, one file each.
    Folder(PathBuf),
    /// To an SMTP server, over a connection of its own.
    Smtp(Box<Smtp>),
}

/// Why a mail did not go out: in our own words, since a server's may repeat the address.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SendError {
    /// Another attempt would end the same.
    #[error("{0}")]
    Permanent(String),
    /// Another attempt may succeed.
    #[error("{0}")]
    Passing(String),
}

impl Transport {
    /// What the settings say. Connects to nothing yet.
    pub fn new(config: &MailConfig) -> Result<Self, ConfigError> {
        Ok(match &config.delivery {
            Delivery::Off => Self::Off,
            Delivery::Folder(path) => Self::Folder(path.clone()),
            Delivery::Smtp(smarthost) => Self::Smtp(Box::new(smtp(smarthost)?)),
        })
    }

    /// Sends a mail. `name` is what its file is called in the folder.
    pub async fn send(&self, name: &str, mail: &Message) -> Result<(), SendError> {
        match self {
            Self::Off => Ok(()),
            Self::Folder(folder) => {
                let path = keep(folder, name, &mail.formatted())
                    .map_err(|error| SendError::Passing(format!("the outbox folder cannot be written: {error}")))?;
                tracing::info!(path = %path.display(), "a mail lies in the outbox folder");
                Ok(())
            }
            Self::Smtp(smtp) => match tokio::time::timeout(ATTEMPT_TIMEOUT, smtp.send(mail.clone())).await {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(sorted(&error)),
                Err(_) => Err(SendError::Passing("the server did not answer in time".to_owned())),
            },
        }
    }
}

/// Writes a mail to a temporary file and moves it into place, so the folder holds only whole mails.
fn keep(folder: &Path, name: &str, mail: &[u8]) -> io::Result<PathBuf> {
    let path = folder.join(format!("{name}.eml"));
    let aside = folder.join(format!("{name}.new"));
    let mut directory = fs::DirBuilder::new();
    let mut file = fs::OpenOptions::new();
    // Passcodes lie there.
    #[cfg(unix)]
    {
        std::os::unix::fs::DirBuilderExt::mode(&mut directory, 0o700);
        std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    }
    directory.recursive(true).create(folder)?;
    file.write(true).create(true).truncate(true).open(&aside)?.write_all(mail)?;
    fs::rename(aside, &path)?;
    Ok(path)
}

/// What another attempt would bring. A server may say no for good, or what is configured and what it offers may not
/// meet (no STARTTLS, no mechanism): neither passes by itself. A certificate may be renewed meanwhile.
fn sorted(error: &lettre::transport::smtp::Error) -> SendError {
    if error.is_permanent() {
        let status = error.status().map(|status| status.to_string()).unwrap_or_default();
        SendError::Permanent(format!("the server refused with status {status}"))
    } else if error.is_client() {
        SendError::Permanent("the server does not offer what the settings or the address ask for".to_owned())
    } else if let Some(status) = error.status() {
        SendError::Passing(format!("the server refused for now with status {status}"))
    } else if error.is_response() {
        SendError::Passing("the server broke off or spoke no SMTP".to_owned())
    } else {
        SendError::Passing("no connection that can be trusted was made to the server".to_owned())
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
        // lettre 0.11 asks for the certificate in PEM and takes what it is given for DER; a test shows a server one.
        let identity = Identity::from_pem(&identity.certificate, identity.key.reveal().as_bytes());
        let identity = identity.map_err(|_| wrong("ROSTER_EMAIL_TLS_CERTKEYFILE", "holds no key that can be used"))?;
        builder = builder.identify_with(identity);
    }
    builder.build_rustls().map_err(|_| wrong("ROSTER_EMAIL_TLS_CERTFILE", "and its companions cannot be used"))
}
