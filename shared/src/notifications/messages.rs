//! The stored form of a mail: sealed and padded to a fixed length. So an item of the outbox reveals neither its content
//! nor whether it has any.

use uuid::Uuid;

use super::Mail;
use crate::auth::vault::{Vault, VaultError};
use crate::clock::Random;

/// The length of a padded content in bytes. The longest mail fits, which the tests prove.
const LENGTH: usize = 1536;
/// The longest address in SMTP, in bytes (RFC 5321, 4.5.3.1.3, without the angle brackets).
const LONGEST_ADDRESS: usize = 254;
/// A longer name is cut to this many bytes.
const LONGEST_NAME: usize = 256;

/// Why a mail was not sealed or opened. Never contains the mail.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MessageError {
    /// Encryption or decryption failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The mail is longer than the fixed length.
    #[error("a mail is too long for the outbox")]
    TooLong,
    /// The decrypted content is not a mail of this version.
    #[error("a decrypted mail cannot be parsed: another version of Roster may have written it")]
    Unreadable,
}

/// Seals a mail for the message with this id. `None`, and a mail to an address that is too long for SMTP, become an
/// empty content of the same length.
pub fn seal(mail: Option<&Mail>, id: Uuid, vault: &Vault, random: &Random) -> Result<Vec<u8>, MessageError> {
    let mail = mail.filter(|mail| mail.to().len() <= LONGEST_ADDRESS).map(with_bounded_name);
    let mut text = serde_json::to_vec(&mail).map_err(|_| MessageError::Unreadable)?;
    if text.len() > LENGTH {
        return Err(MessageError::TooLong);
    }
    // A JSON parser ignores the blanks after the value.
    text.resize(LENGTH, b' ');
    Ok(vault.seal(&purpose(id), &text, random)?)
}

/// Opens a content of [`seal`].
pub fn open(sealed: &[u8], id: Uuid, vault: &Vault) -> Result<Option<Mail>, MessageError> {
    let text = vault.open(&purpose(id), sealed)?;
    serde_json::from_slice(&text).map_err(|_| MessageError::Unreadable)
}

fn purpose(id: Uuid) -> String {
    format!("outbox:{id}")
}

/// The mail with a name of bounded length. Control characters are removed, because JSON escapes each with six bytes.
fn with_bounded_name(mail: &Mail) -> Mail {
    match mail {
        Mail::OneTimePasscode { to, name, passcode } => {
            let name: String = name.chars().filter(|letter| !letter.is_control()).collect();
            let name = name[..name.floor_char_boundary(LONGEST_NAME)].to_owned();
            Mail::OneTimePasscode { to: to.clone(), name, passcode: *passcode }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};
    use uuid::Uuid;

    use super::{LONGEST_ADDRESS, open, seal};
    use crate::auth::vault::Vault;
    use crate::clock::Random;
    use crate::notifications::Mail;

    fn vault() -> Vault {
        Vault::new("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap()
    }

    fn passcode(to: &str, name: &str) -> Mail {
        Mail::OneTimePasscode { to: to.to_owned(), name: name.to_owned(), passcode: Uuid::from_u128(7) }
    }

    #[test]
    fn every_content_has_the_length_of_an_empty_one() {
        let (vault, random, id) = (vault(), Random::from_seed(1), Uuid::from_u128(1));
        let nothing = seal(None, id, &vault, &random).unwrap();
        let quotes = format!("\"{}\"@example.com", "\\\"".repeat(120));
        for mail in
            [passcode("a@b", ""), passcode(&quotes, &"\"".repeat(10_000)), passcode("a@b", &"\u{1}".repeat(900))]
        {
            assert!(mail.to().len() <= LONGEST_ADDRESS);
            assert_eq!(seal(Some(&mail), id, &vault, &random).unwrap().len(), nothing.len());
        }
        assert_eq!(open(&nothing, id, &vault).unwrap(), None);
    }

    #[test]
    fn a_mail_to_an_address_too_long_for_smtp_becomes_an_empty_content() {
        let (vault, random, id) = (vault(), Random::from_seed(1), Uuid::from_u128(1));
        let sealed = seal(Some(&passcode(&"x".repeat(255), "Ada")), id, &vault, &random).unwrap();
        assert_eq!(open(&sealed, id, &vault).unwrap(), None);
    }

    #[test]
    fn a_content_opens_only_for_its_own_message_and_is_unreadable_before() {
        let (vault, random, id) = (vault(), Random::from_seed(1), Uuid::from_u128(1));
        let mail = passcode("canary@example.com", "Canary");
        let sealed = seal(Some(&mail), id, &vault, &random).unwrap();
        assert_eq!(open(&sealed, id, &vault).unwrap(), Some(mail.clone()));
        assert!(open(&sealed, Uuid::from_u128(2), &vault).is_err());
        assert!(!String::from_utf8_lossy(&sealed).to_lowercase().contains("canary"));
        assert_eq!(format!("{mail:?}"), "OneTimePasscode");
    }

    proptest! {
        #[test]
        fn any_address_and_name_fit(to in ".{0,400}", name in ".{0,400}", id in any::<u128>()) {
            let (vault, random, id) = (vault(), Random::from_seed(1), Uuid::from_u128(id));
            let to: String = to.chars().filter(|letter| !letter.is_control()).collect();
            let sealed = seal(Some(&passcode(&to, &name)), id, &vault, &random).unwrap();
            let opened = open(&sealed, id, &vault).unwrap();
            assert_eq!(opened.is_some(), to.len() <= LONGEST_ADDRESS);
        }
    }
}
