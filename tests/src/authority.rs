//! A certificate authority for one test, with its certificates as files.
#![expect(clippy::expect_used, reason = "a test that cannot begin fails")]

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use roster::clock::Random;

/// An authority and the directory of its files, which `Drop` removes.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    directory: PathBuf,
}

/// A certificate and its key, each in a file.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The certificate in PEM.
    pub certificate: PathBuf,
    /// The key in PEM.
    pub key: PathBuf,
}

impl Default for Authority {
    fn default() -> Self {
        let directory = std::env::temp_dir().join(format!("roster-authority-{}", Random::from_system().uuid()));
        fs::create_dir_all(&directory).expect("a directory can be made");
        let mut params = CertificateParams::new(Vec::new()).expect("an authority needs no name");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, "An authority of tests");
        let key = KeyPair::generate().expect("a key can be made");
        let certificate = params.self_signed(&key).expect("an authority vouches for itself");
        fs::write(directory.join("ca.pem"), certificate.pem()).expect("a file can be written");
        Self { issuer: Issuer::new(params, key), directory }
    }
}

impl Authority {
    /// The path of the authority's own certificate.
    pub fn file(&self) -> PathBuf {
        self.directory.join("ca.pem")
    }

    /// The directory of all files.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Issues a certificate for a host name or an IP address.
    ///
    /// # Panics
    ///
    /// When the files cannot be written.
    pub fn issue(&self, name: &str) -> Issued {
        let params = CertificateParams::new(vec![name.to_owned()]).expect("the name is one");
        let key = KeyPair::generate().expect("a key can be made");
        let certificate = params.signed_by(&key, &self.issuer).expect("the authority signs");
        let issued = Issued {
            certificate: self.directory.join(format!("{name}.pem")),
            key: self.directory.join(format!("{name}.key")),
        };
        fs::write(&issued.certificate, certificate.pem()).expect("a file can be written");
        fs::write(&issued.key, key.serialize_pem()).expect("a file can be written");
        issued
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        // A directory that cannot be removed does no harm.
        let _left = fs::remove_dir_all(&self.directory);
    }
}
