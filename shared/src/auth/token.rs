//! Tokens of API keys: `<key id>-<secret>`, and the stored hash of the secret.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::clock::{BASE62, Random};

/// Length of a key id in bytes.
pub const ID_LENGTH: usize = 10;
/// Length of the secret in bytes: 131 bits of randomness.
pub const SECRET_LENGTH: usize = 22;
/// Length of a short id in bytes.
pub const SHORT_ID_LENGTH: usize = 6;

/// The first 35 bits of a user's UUID as six base62 characters. It is part of the user's partition key and the
/// beginning of the user's key ids, so the partition follows from a token or a UUID without a lookup.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ShortId(String);

impl ShortId {
    /// The short id of a user.
    pub fn of(user_id: Uuid) -> Self {
        // The top 35 of 128 bits.
        let mut bits = (user_id.as_u128() >> 93) as u64;
        let mut letters = [0; SHORT_ID_LENGTH];
        for letter in letters.iter_mut().rev() {
            *letter = BASE62[(bits % 62) as usize];
            bits /= 62;
        }
        Self(letters.iter().map(|&letter| char::from(letter)).collect())
    }

    /// The short id at the beginning of a key id; `None` if the text cannot be a key id of Roster.
    pub fn of_key(key_id: &str) -> Option<Self> {
        let well_formed = key_id.len() == ID_LENGTH && key_id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        well_formed.then(|| Self(key_id[..SHORT_ID_LENGTH].to_owned()))
    }

    /// The six characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A token as a client sends it. `Debug` hides the secret.
#[derive(Clone)]
pub struct Token {
    /// The part before the hyphen; not secret.
    pub key_id: String,
    secret: String,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

/// Why a text is not a token (docs/api/authentication.md#order-of-checks).
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MalformedToken {
    /// The text does not have exactly one hyphen. Holds the number of parts.
    #[error("an API key has two parts separated by a hyphen, this one has {0}")]
    Parts(usize),
    /// The id has the wrong length, which the variant holds.
    #[error("the id of an API key has {ID_LENGTH} characters, this one has {0}")]
    Id(usize),
    /// The secret has the wrong length, which the variant holds.
    #[error("the secret of an API key has {SECRET_LENGTH} characters, this one has {0}")]
    Secret(usize),
}

impl Token {
    /// A new token for a user; its id begins with the user's short id.
    pub fn generate(owner: &ShortId, random: &Random) -> Self {
        Self {
            key_id: format!("{}{}", owner.as_str(), random.base62(ID_LENGTH - SHORT_ID_LENGTH)),
            secret: random.base62(SECRET_LENGTH),
        }
    }

    /// Parses `<id>-<secret>`. Checks the lengths but not the alphabet (docs/api/authentication.md#token-format).
    pub fn parse(text: &str) -> Result<Self, MalformedToken> {
        let parts: Vec<&str> = text.split('-').collect();
        let [key_id, secret] = parts[..] else {
            return Err(MalformedToken::Parts(parts.len()));
        };
        if key_id.len() != ID_LENGTH {
            return Err(MalformedToken::Id(key_id.len()));
        }
        if secret.len() != SECRET_LENGTH {
            return Err(MalformedToken::Secret(secret.len()));
        }
        Ok(Self { key_id: key_id.to_owned(), secret: secret.to_owned() })
    }

    /// The complete token. Only the answer that creates the key contains it.
    pub fn reveal(&self) -> String {
        format!("{}-{}", self.key_id, self.secret)
    }

    /// The stored hash of the secret. It needs no salt and no slow function, because the secret is random.
    pub fn secret_hash(&self) -> [u8; 32] {
        Sha256::digest(self.secret.as_bytes()).into()
    }

    /// Whether the hash belongs to this secret. Compares in constant time.
    pub fn matches(&self, secret_hash: &[u8; 32]) -> bool {
        self.secret_hash().ct_eq(secret_hash).into()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{MalformedToken, ShortId, Token};
    use crate::clock::Random;

    #[test]
    fn the_short_id_depends_only_on_the_first_35_bits() {
        let id = Uuid::from_u128(0xffff_ffff_e000_0000_0000_0000_0000_0000);
        let same = Uuid::from_u128(0xffff_ffff_ffff_ffff_ffff_ffff_ffff_ffff);
        let other = Uuid::from_u128(0xffff_ffff_c000_0000_0000_0000_0000_0000);
        assert_eq!(ShortId::of(id), ShortId::of(same));
        assert_ne!(ShortId::of(id), ShortId::of(other));
        assert_eq!(ShortId::of(Uuid::nil()).as_str(), "000000");
    }

    #[test]
    fn a_generated_token_parses_and_begins_with_the_short_id_of_its_owner() {
        let random = Random::from_seed(3);
        let owner = ShortId::of(random.uuid());
        let token = Token::generate(&owner, &random);
        let parsed = Token::parse(&token.reveal());
        assert!(parsed.is_ok_and(|parsed| parsed.matches(&token.secret_hash())));
        assert_eq!(ShortId::of_key(&token.key_id), Some(owner));
    }

    #[test]
    fn the_error_of_a_malformed_token_names_the_wrong_part() {
        let parse = |text: &str| Token::parse(text).err();
        assert_eq!(parse("nonsense"), Some(MalformedToken::Parts(1)));
        assert_eq!(parse("a-b-c"), Some(MalformedToken::Parts(3)));
        assert_eq!(parse("short-0123456789012345678901"), Some(MalformedToken::Id(5)));
        assert_eq!(parse("0123456789-short"), Some(MalformedToken::Secret(5)));
    }

    #[test]
    fn debugging_a_token_does_not_show_its_secret() {
        let token = Token::generate(&ShortId::of(Uuid::nil()), &Random::from_seed(1));
        let secret = token.reveal().split('-').nth(1).map(str::to_owned).unwrap_or_default();
        assert!(!format!("{token:?}").contains(&secret));
    }
}
