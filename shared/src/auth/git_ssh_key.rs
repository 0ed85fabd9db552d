//! The git SSH key pair of a user (docs/api/settings.md#git-ssh-key).

mod pair;

use ssh_key::LineEnding;
use uuid::Uuid;

pub use self::pair::KeyAlgorithm;

use super::vault::{Vault, VaultError};
use crate::clock::Random;
use crate::domain::time::Timestamp;

/// A stored key pair, whose private key is sealed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GitSshKey {
    /// The owner.
    pub user_id: Uuid,
    /// One OpenSSH authorized-keys line, without comment, with its newline.
    pub public_key: String,
    /// The OpenSSH private key, sealed by the vault for [`purpose`].
    pub sealed_private_key: Vec<u8>,
    /// When the first pair of the user was generated.
    pub created_at: Timestamp,
    /// When this pair was generated.
    pub updated_at: Timestamp,
}

/// Why a key pair was not generated.
#[derive(Clone, Debug, thiserror::Error)]
pub enum KeyPairError {
    /// The generation of an RSA key failed.
    #[error("the RSA key could not be generated")]
    Generate(#[from] rsa::Error),
    /// The pair could not be encoded in the OpenSSH format.
    #[error("the SSH key pair could not be encoded")]
    Encode(#[from] ssh_key::Error),
    /// The private key could not be sealed.
    #[error("the private key could not be sealed")]
    Seal(#[from] VaultError),
}

/// The purpose for which the vault seals the private key of a user.
pub fn purpose(user_id: Uuid) -> String {
    format!("git-ssh-key:{user_id}")
}

impl GitSshKey {
    /// Generates a pair and seals its private key.
    pub fn generate(
        user_id: Uuid,
        algorithm: KeyAlgorithm,
        now: Timestamp,
        vault: &Vault,
        random: &Random,
    ) -> Result<Self, KeyPairError> {
        let pair = algorithm.generate(random)?;
        let private = pair.to_openssh(LineEnding::LF)?;
        Ok(Self {
            user_id,
            public_key: format!("{}\n", pair.public_key().to_openssh()?),
            sealed_private_key: vault.seal(&purpose(user_id), private.as_bytes(), random)?,
            created_at: now,
            updated_at: now,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{GitSshKey, KeyAlgorithm, purpose};
    use crate::auth::vault::Vault;
    use crate::clock::Random;
    use crate::domain::time::Timestamp;

    #[test]
    fn the_public_key_matches_the_sealed_private_key() {
        let random = Random::from_seed(1);
        let vault = Vault::new("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
        for (algorithm, name) in [
            (KeyAlgorithm::Ed25519, "ssh-ed25519 "),
            (KeyAlgorithm::Ecdsa, "ecdsa-sha2-nistp256 "),
            (KeyAlgorithm::Rsa4096, "ssh-rsa "),
        ] {
            let id = random.uuid();
            let key = GitSshKey::generate(id, algorithm, Timestamp::EPOCH, &vault, &random).unwrap();
            let private = vault.open(&purpose(id), &key.sealed_private_key).unwrap();
            let pair = ssh_key::PrivateKey::from_openssh(private).unwrap();
            assert!(key.public_key.starts_with(name) && key.public_key.ends_with('\n'), "{}", key.public_key);
            assert_eq!(pair.public_key().to_openssh().unwrap(), key.public_key.trim_end());
        }
    }
}
