//! The parameters of a path: what each segment means, and what must be read to resolve it.

use http::request::Parts;
use percent_encoding::percent_decode_str;

use super::error::ApiError;
use super::routes::{BASE, Route};
use crate::service::organizations::OrganizationRef;
use crate::service::target::UserRef;
use crate::storage::Lookup;

/// The parameters of a path, parsed.
#[derive(Clone, Default, Debug)]
pub struct PathParams {
    /// `{user}`.
    pub user: Option<UserRef>,
    /// `{organization}`.
    pub organization: Option<OrganizationRef>,
    /// `{organizationname}`, percent-decoded.
    pub organization_name: String,
    /// `{keyid}`.
    pub key_id: String,
    /// `{keyname}`.
    pub key_name: String,
}

impl PathParams {
    /// `{organization}`, or 404 on a path without it.
    pub fn organization(&self) -> Result<&OrganizationRef, ApiError> {
        self.organization.as_ref().ok_or_else(ApiError::not_found)
    }

    /// `{organization}` and `{user}`, or 404 on a path without them.
    pub fn member(&self) -> Result<(&OrganizationRef, &UserRef), ApiError> {
        self.organization.as_ref().zip(self.user.as_ref()).ok_or_else(ApiError::not_found)
    }

    pub(super) fn of(parts: &Parts) -> Self {
        let mut params = Self::default();
        let (Some(Route { path: route, .. }), Some(path)) =
            (parts.extensions.get(), parts.uri.path().strip_prefix(BASE))
        else {
            return params;
        };
        for (name, segment) in route.split('/').zip(path.split('/')) {
            // Bytes that are not UTF-8 become U+FFFD, which no name holds.
            let segment = percent_decode_str(segment).decode_utf8_lossy();
            match name {
                "{user}" => params.user = Some(UserRef::parse(&segment)),
                "{organization}" => params.organization = Some(OrganizationRef::parse(&segment)),
                "{organizationname}" => params.organization_name = segment.into_owned(),
                "{keyid}" => params.key_id = segment.into_owned(),
                "{keyname}" => params.key_name = segment.into_owned(),
                _ => {}
            }
        }
        params
    }

    pub(super) fn lookups(&self) -> Vec<Lookup> {
        let mut lookups = Vec::new();
        lookups.extend(self.user.as_ref().and_then(UserRef::lookup));
        lookups.extend(self.organization.as_ref().map(OrganizationRef::lookup));
        if !self.organization_name.is_empty() {
            lookups.push(Lookup::OrganizationName(self.organization_name.to_ascii_lowercase()));
        }
        if !self.key_id.is_empty() {
            lookups.push(Lookup::ApiKey(self.key_id.clone()));
            lookups.push(Lookup::OwnerOfKey(self.key_id.clone()));
        }
        lookups
    }
}
