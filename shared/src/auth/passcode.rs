//! One-time passcodes: what a mail carries so that its reader can choose another password
//! (docs/api/passwords.md#passcode-request, docs/api/passwords.md#passcode-redemption).

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// A random version 4 UUID in canonical form: 122 random bits, so a fast hash is enough to store.
#[derive(Clone)]
pub struct Passcode(String);

/// SHA-256 of a passcode's text: what is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct PasscodeHash(pub [u8; 32]);

impl std::fmt::Debug for PasscodeHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasscodeHash")
    }
}

impl std::fmt::Debug for Passcode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passcode")
    }
}

impl Passcode {
    /// The passcode that a mail spells out.
    #[must_use]
    pub fn of(random: Uuid) -> Self {
        Self(random.to_string())
    }

    /// What a client presents: any text, since malformed text is refused like a wrong passcode.
    #[must_use]
    pub fn presented(text: String) -> Self {
        Self(text)
    }

    /// What to store, and to look for.
    #[must_use]
    pub fn hash(&self) -> PasscodeHash {
        PasscodeHash(Sha256::digest(self.0.as_bytes()).into())
    }

    /// Whether this is the passcode of that hash. Takes the same time for every answer.
    #[must_use]
    pub fn matches(&self, stored: &PasscodeHash) -> bool {
        bool::from(self.hash().0.ct_eq(&stored.0))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::Passcode;

    #[test]
    fn a_passcode_matches_its_own_hash_and_is_never_printed() {
        let passcode = Passcode::of(Uuid::from_u128(7));
        assert!(Passcode::presented(Uuid::from_u128(7).to_string()).matches(&passcode.hash()));
        assert!(!Passcode::of(Uuid::from_u128(8)).matches(&passcode.hash()));
        assert!(!Passcode::presented(String::new()).matches(&passcode.hash()));
        assert_eq!(format!("{passcode:?}"), "Passcode");
    }
}
