//! One-time passcodes. A mail contains one, and its recipient can set a new password with it
//! (docs/api/passwords.md#passcode-request, docs/api/passwords.md#passcode-redemption).

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// A random version 4 UUID in canonical form. It has 122 random bits, so its stored hash can be a fast one.
#[derive(Clone)]
pub struct Passcode(String);

/// The stored form of a passcode: SHA-256 of its text.
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
    /// The passcode of a new mail.
    pub fn of(random: Uuid) -> Self {
        Self(random.to_string())
    }

    /// The passcode that a client sent. Accepts any text: malformed text is refused like a wrong passcode.
    pub fn presented(text: String) -> Self {
        Self(text)
    }

    /// The hash to store and to compare with.
    pub fn hash(&self) -> PasscodeHash {
        PasscodeHash(Sha256::digest(self.0.as_bytes()).into())
    }

    /// Whether the hash belongs to this passcode. Compares in constant time.
    pub fn matches(&self, stored: &PasscodeHash) -> bool {
        bool::from(self.hash().0.ct_eq(&stored.0))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::Passcode;

    #[test]
    fn a_passcode_matches_only_its_own_hash_and_is_never_printed() {
        let passcode = Passcode::of(Uuid::from_u128(7));
        assert!(Passcode::presented(Uuid::from_u128(7).to_string()).matches(&passcode.hash()));
        assert!(!Passcode::of(Uuid::from_u128(8)).matches(&passcode.hash()));
        assert!(!Passcode::presented(String::new()).matches(&passcode.hash()));
        assert_eq!(format!("{passcode:?}"), "Passcode");
    }
}
