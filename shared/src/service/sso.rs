//! Sign-in through GitHub or an OpenID provider: the ticket with which a user changes to it, and the claims of the last
//! sign-in. No provider can be configured yet.

use std::sync::Arc;

use uuid::Uuid;

use super::audit::Audited;
use super::password_gate::{LoginError, PasswordGate};
use super::session::Caller;
use crate::auth::conversion_ticket::ConversionTicket;
use crate::auth::vault::{Vault, VaultError};
use crate::clock::{Clock, Random};
use crate::domain::audit::{AuditAction, AuditEntry, AuditedResource};
use crate::domain::user::{LoginType, User};
use crate::storage::Store;

/// The request to sign in another way from now on.
#[derive(Clone)]
pub struct Conversion {
    /// The login type wanted, as written.
    pub to_type: String,
    /// The user's password, in plain text.
    pub password: String,
}

/// A ticket that was issued.
#[derive(Clone)]
pub struct IssuedTicket {
    /// What it allows.
    pub ticket: ConversionTicket,
    /// The form that only this deployment reads.
    pub sealed: String,
}

/// Without the form that redeems it.
impl std::fmt::Debug for IssuedTicket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuedTicket").field("ticket", &self.ticket).finish_non_exhaustive()
    }
}

/// Why no ticket was issued (docs/api/single-sign-on.md#conversion-of-a-login-type).
#[derive(Debug, thiserror::Error)]
pub enum ConvertLoginError {
    /// A user can be converted to GitHub and OpenID only.
    #[error("a user cannot be converted to sign in with {0}")]
    NotConvertible(String),
    /// There is no such login type.
    #[error("there is no login type of that name")]
    UnknownType,
    /// The password was refused.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// The ticket cannot be sealed.
    #[error("the ticket cannot be sealed")]
    Vault(#[from] VaultError),
}

/// Why a user has no claims (docs/api/single-sign-on.md#oidc-claims).
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoClaims {
    /// Only users who sign in with OpenID have claims.
    #[error("the user signs in with {}, and only oidc has claims", .0.as_str())]
    LoginType(LoginType),
    /// The user signs in with OpenID and has no linked identity.
    #[error("the user {0} has no linked identity")]
    NoLink(Uuid),
}

fn target_type(name: &str) -> Result<LoginType, ConvertLoginError> {
    match (LoginType::parse(name), name) {
        (Some(to @ (LoginType::Github | LoginType::Oidc)), _) => Ok(to),
        (Some(LoginType::Password | LoginType::None), _) | (None, "token") => {
            Err(ConvertLoginError::NotConvertible(name.to_owned()))
        }
        (None, _) => Err(ConvertLoginError::UnknownType),
    }
}

/// Signing in through a provider: conversion tickets and claims.
pub struct SingleSignOn {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<Random>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) gate: PasswordGate,
    pub(crate) deployment_id: Uuid,
}

impl SingleSignOn {
    /// Issues a ticket if the password of `target` is right; whether the provider is configured does not matter.
    ///
    /// Deviation (docs/api/deviations.md#tickets-leave-users-dormant): a dormant user stays dormant. Coder
    /// activates the user as a login does. A ticket is no sign-in and changes nothing.
    pub async fn convert_login(
        &self,
        caller: &Caller,
        target: &User,
        asked: &Conversion,
    ) -> Result<IssuedTicket, Audited<ConvertLoginError>> {
        let to = target_type(&asked.to_type)?;
        let attempt = self.gate.confirm(target, &asked.password, &caller.origin).await.map_err(Audited::map)?;
        let entry = AuditEntry {
            action: AuditAction::Create,
            resource: AuditedResource::ConvertLogin,
            resource_id: target.id,
            target: to.as_str().to_owned(),
            actor: Some(caller.user.id),
            ..attempt.success_entry(target.id)
        };
        if let Err(error) = self.store.put_audit_entry(&entry).await {
            return Err(self.gate.refuse(&attempt, error.into()).map());
        }
        self.gate.accept(&attempt);
        let types = (LoginType::Password, to);
        let ticket = ConversionTicket::issue(self.deployment_id, target.id, types, self.clock.now(), &self.random);
        let sealed = ticket.seal(&self.vault, &self.random).map_err(ConvertLoginError::from)?;
        Ok(IssuedTicket { ticket, sealed })
    }

    /// Why the caller has no claims: no user has any while no provider can be configured.
    pub fn oidc_claims(&self, caller: &Caller) -> NoClaims {
        match caller.user.login_type {
            LoginType::Oidc => NoClaims::NoLink(caller.user.id),
            other @ (LoginType::Password | LoginType::Github | LoginType::None) => NoClaims::LoginType(other),
        }
    }
}
