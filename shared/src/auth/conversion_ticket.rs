//! Conversion tickets. A user who proves their password gets one, and can then change to sign-in through a provider
//! (docs/api/single-sign-on.md#conversion-of-a-login-type, docs/api/single-sign-on.md#redemption-of-a-ticket). A ticket
//! is not stored: see `docs/decisions/0014-conversion-tickets-are-sealed.md`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use uuid::Uuid;

use super::vault::{Vault, VaultError};
use crate::clock::Random;
use crate::domain::time::Timestamp;
use crate::domain::user::LoginType;

/// How long a ticket is valid.
const LIFETIME: TimeDelta = TimeDelta::minutes(5);
/// The beginning of the state of every conversion. No other sign-in has such a state.
const STATE_PREFIX: &str = "convert-";
/// The number of random letters and digits in a state: 190 bits.
const STATE_LENGTH: usize = 32;
/// The purpose of the derived key, and the purpose that a ticket is sealed for.
const PURPOSE: &str = "conversion ticket";

/// Allows one user to change to another login type.
#[derive(Clone, PartialEq, Eq)]
pub struct ConversionTicket {
    /// The deployment that issued it.
    pub deployment_id: Uuid,
    /// The user to convert.
    pub user_id: Uuid,
    /// `convert-` and 32 letters and digits: the state of the sign-in that redeems the ticket.
    pub state: String,
    /// The login type of the user when the ticket was issued.
    pub from: LoginType,
    /// The new login type.
    pub to: LoginType,
    /// When the ticket expires.
    pub expires_at: Timestamp,
}

/// Hides the state, because it redeems the ticket.
impl std::fmt::Debug for ConversionTicket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("ConversionTicket");
        shown.field("user_id", &self.user_id).field("from", &self.from).field("to", &self.to).finish_non_exhaustive()
    }
}

/// Why a text is not a valid ticket.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TicketError {
    /// Another deployment issued the ticket, it was changed, or the text is not a ticket.
    #[error("the conversion ticket was not issued by this deployment, or was changed")]
    Foreign,
    /// The ticket has expired.
    #[error("the conversion ticket has expired")]
    Expired,
}

/// The sealed fields: deployment, user, state, from, to, expiry in microseconds.
type Content<'a> = (Uuid, Uuid, &'a str, &'a str, &'a str, i64);

impl ConversionTicket {
    /// A ticket for a user, valid for five minutes from `now`.
    pub fn issue(
        deployment_id: Uuid,
        user_id: Uuid,
        (from, to): (LoginType, LoginType),
        now: Timestamp,
        random: &Random,
    ) -> Self {
        let state = format!("{STATE_PREFIX}{}", random.base62(STATE_LENGTH));
        Self { deployment_id, user_id, state, from, to, expires_at: now.plus(LIFETIME) }
    }

    /// The ticket as an encrypted text of characters that a cookie may contain.
    pub fn seal(&self, vault: &Vault, random: &Random) -> Result<String, VaultError> {
        let (from, to) = (self.from.as_str(), self.to.as_str());
        let content: Content<'_> = (self.deployment_id, self.user_id, &self.state, from, to, self.expires_at.micros());
        let content = serde_json::json!(content).to_string();
        let sealed = vault.derived(PURPOSE)?.seal(PURPOSE, content.as_bytes(), random)?;
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Reads a text of [`ConversionTicket::seal`]. Fails if the ticket has expired at `now`.
    pub fn open(text: &str, vault: &Vault, now: Timestamp) -> Result<Self, TicketError> {
        let ticket = Self::unseal(text, vault).ok_or(TicketError::Foreign)?;
        if ticket.expires_at <= now { Err(TicketError::Expired) } else { Ok(ticket) }
    }

    fn unseal(text: &str, vault: &Vault) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let content = vault.derived(PURPOSE).ok()?.open(PURPOSE, &sealed).ok()?;
        let (deployment_id, user_id, state, from, to, expires): Content<'_> = serde_json::from_slice(&content).ok()?;
        Some(Self {
            deployment_id,
            user_id,
            state: state.to_owned(),
            from: LoginType::parse(from)?,
            to: LoginType::parse(to)?,
            expires_at: Timestamp::from_micros(expires)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::{ConversionTicket, PURPOSE, TicketError};
    use crate::auth::vault::{Vault, VaultError};
    use crate::clock::Random;
    use crate::domain::time::Timestamp;
    use crate::domain::user::LoginType;

    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const ANOTHER_KEY: &str = "HwEBAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn ticket(random: &Random) -> ConversionTicket {
        let [deployment, user] = [1, 2].map(Uuid::from_u128);
        let types = (LoginType::Password, LoginType::Oidc);
        ConversionTicket::issue(deployment, user, types, Timestamp::EPOCH, random)
    }

    #[test]
    fn a_ticket_can_be_opened_for_five_minutes() {
        let (vault, random) = (Vault::new(KEY).unwrap(), Random::from_seed(1));
        let ticket = ticket(&random);
        let text = ticket.seal(&vault, &random).unwrap();
        let end = Timestamp::EPOCH.plus(TimeDelta::minutes(5));
        let open = |now| ConversionTicket::open(&text, &vault, now);
        assert_eq!(open(end.minus(TimeDelta::microseconds(1))), Ok(ticket));
        assert_eq!(open(end), Err(TicketError::Expired));
    }

    #[test]
    fn a_ticket_of_another_key_or_with_a_changed_character_is_refused() {
        let (vault, random) = (Vault::new(KEY).unwrap(), Random::from_seed(1));
        let another = Vault::new(ANOTHER_KEY).unwrap();
        let text = ticket(&random).seal(&vault, &random).unwrap();
        let open = |text: &str, vault| ConversionTicket::open(text, vault, Timestamp::EPOCH);
        assert_eq!(open(&text, &another), Err(TicketError::Foreign));
        for at in 0..text.len() {
            let mut changed = text.clone();
            changed.replace_range(at..=at, if &text[at..=at] == "A" { "B" } else { "A" });
            assert_eq!(open(&changed, &vault), Err(TicketError::Foreign), "{at}");
        }
        for nonsense in ["", "-", "=", "not base64!"] {
            assert_eq!(open(nonsense, &vault), Err(TicketError::Foreign), "{nonsense}");
        }
    }

    #[test]
    fn tickets_are_sealed_with_a_derived_key() {
        let (vault, random) = (Vault::new(KEY).unwrap(), Random::from_seed(1));
        let text = ticket(&random).seal(&vault, &random).unwrap();
        let sealed = URL_SAFE_NO_PAD.decode(text).unwrap();
        assert_eq!(vault.open(PURPOSE, &sealed), Err(VaultError::Sealed));
        assert!(vault.derived(PURPOSE).and_then(|tickets| tickets.open(PURPOSE, &sealed)).is_ok());
    }

    #[test]
    fn a_sealed_ticket_reveals_nothing_and_differs_from_every_other() {
        let (vault, random) = (Vault::new(KEY).unwrap(), Random::from_seed(1));
        let (one, other) = (ticket(&random), ticket(&random));
        assert!(one.state.starts_with("convert-") && one.state.len() == 40);
        assert_ne!(one.state, other.state);
        let texts = [&one, &one, &other].map(|ticket| ticket.seal(&vault, &random).unwrap());
        assert!(texts[0] != texts[1] && texts[1] != texts[2]);
        let letters = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        assert!(texts.iter().all(|text| letters(text) && !text.contains(&one.state)));
    }
}
