//! Encryption with AES-256-GCM for stored secrets that must be read again, such as private SSH keys. Also derives keys
//! and ids from the configured key of the deployment.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::clock::Random;

const NONCE_LENGTH: usize = 12;

const KEY_LENGTH: usize = 32;

/// The encryption key of the deployment, or a key derived from it.
pub struct Vault {
    sealing: LessSafeKey,
    deriving: hmac::Key,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

/// Why a key, or the encryption or decryption of a value, failed. Never contains the value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum VaultError {
    /// The configured key is not 32 bytes of standard base64.
    #[error("must be 32 bytes in base64")]
    Key,
    /// The value was encrypted with another key, for another purpose, or was changed.
    #[error("a stored secret cannot be decrypted with the configured encryption key")]
    Sealed,
}

impl Vault {
    /// A vault with the key of `ROSTER_ENCRYPTION_KEY`: 32 bytes in base64.
    pub fn new(key: &str) -> Result<Self, VaultError> {
        Self::of(&STANDARD.decode(key.trim()).map_err(|_| VaultError::Key)?)
    }

    fn of(key: &[u8]) -> Result<Self, VaultError> {
        let sealing = UnboundKey::new(&AES_256_GCM, key).map_err(|_| VaultError::Key)?;
        Ok(Self { sealing: LessSafeKey::new(sealing), deriving: hmac::Key::new(hmac::HMAC_SHA256, key) })
    }

    /// Derives bytes for one purpose: HMAC-SHA-256 of its name. They may be public, because they reveal neither the
    /// configured key nor the bytes of another purpose.
    pub fn derive(&self, purpose: &str) -> [u8; KEY_LENGTH] {
        let mut bytes = [0; KEY_LENGTH];
        bytes.copy_from_slice(hmac::sign(&self.deriving, purpose.as_bytes()).as_ref());
        bytes
    }

    /// A vault with a key that is derived for this purpose.
    pub fn derived(&self, purpose: &str) -> Result<Self, VaultError> {
        Self::of(&self.derive(purpose))
    }

    /// Encrypts a value and returns nonce and ciphertext. The value opens only with the same `purpose`, so it cannot be
    /// moved to another item.
    pub fn seal(&self, purpose: &str, plain: &[u8], random: &Random) -> Result<Vec<u8>, VaultError> {
        let nonce: [u8; NONCE_LENGTH] = random.bytes();
        let mut text = plain.to_vec();
        self.sealing
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(purpose.as_bytes()), &mut text)
            .map_err(|_| VaultError::Sealed)?;
        Ok([&nonce[..], &text].concat())
    }

    /// Decrypts a value of [`Vault::seal`].
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let (nonce, text) = sealed.split_at_checked(NONCE_LENGTH).ok_or(VaultError::Sealed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| VaultError::Sealed)?;
        let mut text = text.to_vec();
        let plain = self
            .sealing
            .open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut text)
            .map_err(|_| VaultError::Sealed)?;
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
    fn a_derived_vault_opens_only_the_values_of_the_same_derivation() {
        let random = Random::from_seed(1);
        let opened = Vault::new(KEY).and_then(|vault| {
            let sealed = vault.derived("tickets")?.seal("here", b"secret", &random)?;
            assert_eq!(vault.open("here", &sealed), Err(VaultError::Sealed));
            assert_eq!(vault.derived("other")?.open("here", &sealed), Err(VaultError::Sealed));
            vault.derived("tickets")?.open("here", &sealed)
        });
        assert_eq!(opened.as_deref(), Ok(&b"secret"[..]));
    }

    #[test]
    fn derived_bytes_differ_by_purpose_and_by_key() {
        let derive = |key, purpose| Vault::new(key).map(|vault| vault.derive(purpose));
        assert_eq!(derive(KEY, "a"), derive(KEY, "a"));
        assert_ne!(derive(KEY, "a"), derive(KEY, "b"));
        assert_ne!(derive(KEY, "a"), derive("HwEBAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "a"));
    }

    #[test]
    fn keys_of_another_length_are_refused() {
        assert_eq!(Vault::new("c2hvcnQ=").err(), Some(VaultError::Key));
        assert_eq!(Vault::new("not base64!").err(), Some(VaultError::Key));
    }
}
