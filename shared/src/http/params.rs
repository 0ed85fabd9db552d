//! The parameters of a path: what each segment means.

use http::request::Parts;
use percent_encoding::percent_decode_str;
use uuid::Uuid;

use super::route::{BASE, MatchedRoute};
use crate::service::organizations::OrganizationRef;
use crate::service::session::Caller;
use crate::service::target::UserRef;

/// The parameters of a path, parsed.
#[derive(Clone, Default, Debug)]
pub struct PathParams {
    /// `{user}`.
    pub user: Option<UserRef>,
    /// `{organization}`, or `{organizationname}`, which can only be a name.
    pub organization: Option<OrganizationRef>,
    /// `{keyid}`.
    pub key_id: String,
    /// `{keyname}`.
    pub key_name: String,
}

impl PathParams {
    /// The id of `{user}`; `None` if the path gives a username or no user.
    pub(super) fn user_id(&self, caller: &Caller) -> Option<Uuid> {
        match self.user.as_ref()? {
            UserRef::Me => Some(caller.user.id),
            UserRef::Id(id) => Some(*id),
            UserRef::Name(_) => None,
        }
    }

    pub(super) fn of(parts: &Parts) -> Self {
        let mut params = Self::default();
        let (Some(MatchedRoute { path: route, .. }), Some(path)) =
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
                "{organizationname}" => {
                    params.organization = Some(OrganizationRef::Name(segment.to_ascii_lowercase()));
                }
                "{keyid}" => params.key_id = segment.into_owned(),
                "{keyname}" => params.key_name = segment.into_owned(),
                _ => {}
            }
        }
        params
    }
}
