//! Secrets that must be read again (private SSH keys): sealed with AES-256-GCM before they are stored.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::clock::Random;

const NONCE_LENGTH: usize = 12;

/// The deployment's encryption key.
pub struct Vault(LessSafeKey);

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

/// Why a vault cannot be opened or a value not be sealed or unsealed. Never says what the value was.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum VaultError {
    /// The configured key is not 32 bytes of standard base64.
    #[error("must be 32 bytes in base64")]
    Key,
    /// The value was sealed with another key, for another purpose, or was changed.
    #[error("a sealed value cannot be opened with the configured key")]
    Sealed,
}

impl Vault {
    /// Opens with the key of `ROSTER_ENCRYPTION_KEY`: 32 bytes in base64.
    pub fn new(key: &str) -> Result<Self, VaultError> {
        let key = STANDARD.decode(key.trim()).map_err(|_| VaultError::Key)?;
        let key = UnboundKey::new(&AES_256_GCM, &key).map_err(|_| VaultError::Key)?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// Nonce and ciphertext. `purpose` binds the value to its place: sealed elsewhere, it does not open here.
    pub fn seal(&self, purpose: &str, plain: &[u8], random: &Random) -> Result<Vec<u8>, VaultError> {
        let nonce: [u8; NONCE_LENGTH] = random.bytes();
        let mut text = plain.to_vec();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(purpose.as_bytes()), &mut text)
            .map_err(|_| VaultError::Sealed)?;
        Ok([&nonce[..], &text].concat())
    }

    /// What [`Vault::seal`] was given.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let (nonce, text) = sealed.split_at_checked(NONCE_LENGTH).ok_or(VaultError::Sealed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| VaultError::Sealed)?;
        let mut text = text.to_vec();
        let plain =
            self.0.open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut text).map_err(|_| VaultError::Sealed)?;
        Ok(plain.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::{Vault, VaultError};
    use crate::clock::Random;

    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    #[test]
    fn a_sealed_value_opens_only_for_its_own_purpose_and_unchanged() {
        let random = Random::from_seed(1);
        let opened = Vault::new(KEY).and_then(|vault| {
            let sealed = vault.seal("here", b"secret", &random)?;
            let mut changed = sealed.clone();
            changed[NONCE_AND_FIRST] ^= 1;
            assert_eq!(vault.open("there", &sealed), Err(VaultError::Sealed));
            assert_eq!(vault.open("here", &changed), Err(VaultError::Sealed));
            assert_eq!(vault.open("here", &sealed[..5]), Err(VaultError::Sealed));
            vault.open("here", &sealed)
        });
        assert_eq!(opened.as_deref(), Ok(&b"secret"[..]));
    }

    const NONCE_AND_FIRST: usize = 13;

    #[test]
    fn keys_of_another_length_are_refused() {
        assert_eq!(Vault::new("c2hvcnQ=").err(), Some(VaultError::Key));
        assert_eq!(Vault::new("not base64!").err(), Some(VaultError::Key));
    }
}
