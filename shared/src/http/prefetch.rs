//! Values that a handler needs beside its caller and that the path of the request names. They are read in the round trip
//! that authenticates the request.

use super::error::ApiError;
use super::params::PathParams;
use crate::auth::git_ssh_key::GitSshKey;
use crate::auth::token::ShortId;
use crate::domain::api_key::ApiKey;
use crate::domain::organization::Organization;
use crate::domain::settings::Settings;
use crate::service::api_keys::KeyWithOwner;
use crate::service::organizations::{Member, OrganizationRef};
use crate::service::session::{Reads, Session};
use crate::service::target::UserRef;
use crate::storage::{Lookup, StoredPassword};

/// A value that is read along with the caller.
pub trait PathPrefetch: Sized + Send {
    /// Adds what must be read.
    fn add_reads(reads: &mut Reads, params: &PathParams);

    /// Takes the value out of what was read.
    fn from_session(session: &Session, params: &PathParams) -> Result<Self, ApiError>;
}

impl PathPrefetch for () {
    fn add_reads(_: &mut Reads, _: &PathParams) {}

    fn from_session(_: &Session, _: &PathParams) -> Result<Self, ApiError> {
        Ok(())
    }
}

/// The default organization; `None` before the first user exists.
#[derive(Clone, Debug)]
pub struct DefaultOrganization(pub Option<Organization>);

impl PathPrefetch for DefaultOrganization {
    fn add_reads(reads: &mut Reads, _: &PathParams) {
        reads.lookups.push(Lookup::DefaultOrganization);
    }

    fn from_session(session: &Session, _: &PathParams) -> Result<Self, ApiError> {
        Ok(Self(session.records.default_organization()?))
    }
}

/// The organization of the path, which the caller may read.
#[derive(Clone, Debug)]
pub struct NamedOrganization(pub Organization);

impl PathPrefetch for NamedOrganization {
    fn add_reads(reads: &mut Reads, params: &PathParams) {
        reads.lookups.extend(params.organization.as_ref().map(OrganizationRef::lookup));
    }

    fn from_session(session: &Session, params: &PathParams) -> Result<Self, ApiError> {
        let organization = params.organization.as_ref().ok_or_else(ApiError::not_found)?;
        Ok(Self(organization.resolve(&session.caller, &session.records)?))
    }
}

/// The member of an organization that the path names, which the caller may read.
#[derive(Clone, Debug)]
pub struct NamedMember(pub Member);

impl PathPrefetch for NamedMember {
    fn add_reads(reads: &mut Reads, params: &PathParams) {
        reads.lookups.extend(params.user.as_ref().and_then(UserRef::lookup));
        NamedOrganization::add_reads(reads, params);
    }

    fn from_session(session: &Session, params: &PathParams) -> Result<Self, ApiError> {
        let (organization, user) =
            params.organization.as_ref().zip(params.user.as_ref()).ok_or_else(ApiError::not_found)?;
        Ok(Self(Member::resolve(&session.caller, organization, user, &session.records)?))
    }
}

/// The API key of the path with its owner, whom the caller may be or not; `None` if the key does not exist.
#[derive(Clone, Debug)]
pub struct NamedKey(pub Option<KeyWithOwner>);

impl PathPrefetch for NamedKey {
    fn add_reads(reads: &mut Reads, params: &PathParams) {
        reads.lookups.push(Lookup::ApiKey(params.key_id.clone()));
        reads.lookups.push(Lookup::OwnerOfKey(params.key_id.clone()));
    }

    fn from_session(session: &Session, params: &PathParams) -> Result<Self, ApiError> {
        let records = &session.records;
        let found = records.api_key(&params.key_id)?.zip(records.owner_of_key(&params.key_id)?);
        Ok(Self(found.map(|(key, owner)| KeyWithOwner { key, owner })))
    }
}

/// All keys of the caller that are alive. Empty if the path names another user.
#[derive(Clone, Debug)]
pub struct OwnKeys(pub Vec<ApiKey>);

impl PathPrefetch for OwnKeys {
    fn add_reads(reads: &mut Reads, params: &PathParams) {
        reads.own_keys = matches!(params.user, None | Some(UserRef::Me));
    }

    fn from_session(session: &Session, _: &PathParams) -> Result<Self, ApiError> {
        Ok(Self(session.own_keys.clone()))
    }
}

/// The git SSH key of the path's user; `None` if there is none, or if the path names the user by username, which does not
/// tell the key of the item.
#[derive(Clone, Debug)]
pub struct StoredSshKey(pub Option<GitSshKey>);

impl PathPrefetch for StoredSshKey {
    fn add_reads(reads: &mut Reads, params: &PathParams) {
        add_item_of_user(reads, params, Lookup::GitSshKey);
    }

    fn from_session(session: &Session, params: &PathParams) -> Result<Self, ApiError> {
        let Some(id) = params.user_id(&session.caller) else { return Ok(Self(None)) };
        Ok(Self(session.records.git_ssh_key(id)?))
    }
}

/// The password of the path's user; `None` as for [`StoredSshKey`].
#[derive(Clone, Debug)]
pub struct CurrentPassword(pub Option<StoredPassword>);

impl PathPrefetch for CurrentPassword {
    fn add_reads(reads: &mut Reads, params: &PathParams) {
        add_item_of_user(reads, params, Lookup::Password);
    }

    fn from_session(session: &Session, params: &PathParams) -> Result<Self, ApiError> {
        let Some(id) = params.user_id(&session.caller) else { return Ok(Self(None)) };
        Ok(Self(session.records.password(id)?))
    }
}

/// The settings of the path's user; `None` if the path names the user by username.
#[derive(Clone, Debug)]
pub struct StoredSettings(pub Option<Settings>);

impl PathPrefetch for StoredSettings {
    fn add_reads(reads: &mut Reads, params: &PathParams) {
        add_item_of_user(reads, params, Lookup::Settings);
    }

    fn from_session(session: &Session, params: &PathParams) -> Result<Self, ApiError> {
        let Some(id) = params.user_id(&session.caller) else { return Ok(Self(None)) };
        Ok(Self(Some(session.records.settings(id)?.unwrap_or_default())))
    }
}

fn add_item_of_user(reads: &mut Reads, params: &PathParams, lookup: fn(ShortId) -> Lookup) {
    match &params.user {
        Some(UserRef::Id(id)) => reads.lookups.push(lookup(ShortId::of(*id))),
        Some(UserRef::Me) => reads.own.push(lookup),
        Some(UserRef::Name(_)) | None => {}
    }
}
