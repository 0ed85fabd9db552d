//! How a mail lies in its row: sealed, and as long as every other, so that the row tells neither what it says nor
//! whether there is anything to say.

use uuid::Uuid;

use super::Mail;
use crate::auth::vault::{Vault, VaultError};
use crate::clock::Random;

/// How long a content is before it is sealed. The longest one fits: see the tests.
const LENGTH: usize = 1536;
/// The longest address that SMTP carries (RFC 5321, 4.5.3.1.3, without its angle brackets).
const LONGEST_ADDRESS: usize = 254;
/// A name longer than this greets with its beginning.
const LONGEST_NAME: usize = 256;

/// Why a content cannot be sealed or opened. Never says what it was.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MessageError {
    /// The vault refuses.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The mail does not fit into a row.
    #[error("a mail is too long for the outbox")]
    TooLong,
    /// What was unsealed is no mail of this version.
    #[error("an unsealed mail cannot be read")]
    Unreadable,
}

/// Seals a mail for the message of that id; `None` becomes as long a content that says nothing, and so does a mail to an
/// address that SMTP cannot carry.
pub fn seal(mail: Option<&Mail>, id: Uuid, vault: &Vault, random: &Random) -> Result<Vec<u8>, MessageError> {
    let mail = mail.filter(|mail| mail.to().len() <= LONGEST_ADDRESS).map(fitting);
    let mut text = serde_json::to_vec(&mail).map_err(|_| MessageError::Unreadable)?;
    if text.len() > LENGTH {
        return Err(MessageError::TooLong);
    }
    // White space after a JSON value is nothing.
    text.resize(LENGTH, b' ');
    Ok(vault.seal(&purpose(id), &text, random)?)
}

/// What [`seal`] was given.
pub fn open(sealed: &[u8], id: Uuid, vault: &Vault) -> Result<Option<Mail>, MessageError> {
    let text = vault.open(&purpose(id), sealed)?;
    serde_json::from_slice(&text).map_err(|_| MessageError::Unreadable)
}

fn purpose(id: Uuid) -> String {
    format!("outbox:{id}")
}

/// The mail with a name of bounded length and without control characters, which JSON writes six times as long.
fn fitting(mail: &Mail) -> Mail {
    match mail {
        Mail::OneTimePasscode { to, name, passcode } => {
            let name: String = name.chars().filter(|letter| !letter.is_control()).collect();
            let name = name[..name.floor_char_boundary(LONGEST_NAME)].to_owned();
            Mail::OneTimePasscode { to: to.clone(), name, passcode: *passcode }
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail")]
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
    fn every_content_is_as_long_as_the_one_that_says_nothing() {
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
    fn an_address_that_no_server_takes_becomes_nothing() {
        let (vault, random, id) = (vault(), Random::from_seed(1), Uuid::from_u128(1));
        let sealed = seal(Some(&passcode(&"x".repeat(255), "Ada")), id, &vault, &random).unwrap();
        assert_eq!(open(&sealed, id, &vault).unwrap(), None);
    }

    #[test]
    fn a_content_opens_for_its_own_message_alone_and_shows_nothing() {
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
