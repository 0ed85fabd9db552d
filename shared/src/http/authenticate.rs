//! Authentication, and the arguments of handlers that come with it: the caller, the user of the path, and what was read
//! along in the same round trip.

use std::marker::PhantomData;

use axum::extract::{FromRequest, FromRequestParts, Request};
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::body::read_body;
use super::client::{origin_of, token};
use super::context::RequestContext;
use super::deferred::defer;
use super::error::ApiError;
use super::limits;
use super::params::PathParams;
use super::prefetch::PathPrefetch;
use super::query::Query;
use super::route::MatchedRoute;
use crate::api::fields::InvalidFields;
use crate::api::json;
use crate::app::App;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::search::{UserQuery, filter};
use crate::service::audit::RefusalEntry;
use crate::service::session::{Caller, Prefetch, Reads, Session};
use crate::storage::Lookup;

/// Authenticates a request and reads what it needs, in one round trip. The request is counted as soon as its user is known,
/// before any other error is answered.
pub(super) async fn authenticate(app: &App, parts: &Parts, reads: &Reads) -> Result<Session, ApiError> {
    let token = token(parts, &app.config);
    let verified = app.sessions.verify_token(token.as_deref(), reads).await;
    limits::count(app, parts, verified.as_ref().ok().map(|verified| &verified.user))?;
    let context = RequestContext::of(&parts.extensions);
    let mut session = app.sessions.require_active(verified?, origin_of(&parts.extensions)).await?;
    context.report_caller(session.caller.user.id);
    if let Some(update) = session.due.take() {
        let recorder = app.clone();
        defer(app, &context, "update the last use of an API key", async move {
            recorder.sessions.update_last_used(update).await
        });
    }
    Ok(session)
}

/// An authenticated request.
#[derive(Clone, Debug)]
pub struct Authenticated<P = ()> {
    /// Who sent the request.
    pub caller: Caller,
    /// What was read along.
    pub prefetched: P,
}

impl<P: PathPrefetch> FromRequestParts<App> for Authenticated<P> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let params = PathParams::of(parts);
        let mut reads = Reads::default();
        P::add_reads(&mut reads, &params);
        let session = authenticate(app, parts, &reads).await?;
        let prefetched = P::from_session(&session, &params)?;
        Ok(Self { caller: session.caller, prefetched })
    }
}

/// An authenticated request about the `{user}` of its path, whom the caller may read
/// (docs/api/users.md#user-path-parameter).
#[derive(Clone, Debug)]
pub struct Target<P = ()> {
    /// Who sent the request.
    pub caller: Caller,
    /// The user of the path.
    pub user: User,
    /// What was read along.
    pub prefetched: P,
    /// The parameters of the path.
    pub params: PathParams,
}

impl<P: PathPrefetch> FromRequestParts<App> for Target<P> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let params = PathParams::of(parts);
        let user = params.user.as_ref().ok_or_else(ApiError::not_found)?;
        let mut reads = Reads { lookups: user.lookup().into_iter().collect(), ..Reads::default() };
        P::add_reads(&mut reads, &params);
        let session = authenticate(app, parts, &reads).await?;
        let user = user.resolve(&session.caller, &session.records)?;
        if let Some(action) = parts.extensions.get().and_then(|route: &MatchedRoute| route.audited) {
            let entry = app.audit.entry_for_user(&session.caller, &user, action);
            RequestContext::of(&parts.extensions).report_refusal(RefusalEntry::new(entry));
        }
        let prefetched = P::from_session(&session, &params)?;
        Ok(Self { caller: session.caller, user, prefetched, params })
    }
}

/// An authenticated request for a list of users. The query is parsed first, so that the user of the cursor is read along.
#[derive(Clone, Debug)]
pub struct UserListing {
    /// Who sent the request.
    pub caller: Caller,
    /// Which users are asked for.
    pub query: UserQuery,
    /// The user of `after_id`; `None` if there is no such user or parameter.
    pub cursor: Option<User>,
}

impl FromRequestParts<App> for UserListing {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let asked = app.now();
        let query = parse_user_query(&Query::parse(parts.uri.query()), asked);
        let after_id = query.as_ref().ok().and_then(|query| query.pagination.after_id);
        let reads = Reads { lookups: after_id.map(Lookup::User).into_iter().collect(), ..Reads::default() };
        // The index is refreshed at the same time.
        let refresh = async {
            match &query {
                Ok(query) => app.user_search.prepare(query).await,
                Err(_) => Ok(()),
            }
        };
        let (session, refreshed) = tokio::join!(authenticate(app, parts, &reads), refresh);
        let session = session?;
        // A caller who may not read every user is answered without the index.
        if session.caller.reads_all_users() {
            refreshed?;
        }
        let cursor = after_id.map(|id| session.records.user(id)).transpose()?.flatten();
        Ok(Self { caller: session.caller, query: query?, cursor })
    }
}

fn parse_user_query(query: &Query, asked_at: Timestamp) -> Result<UserQuery, ApiError> {
    let filter = filter::parse(query.get("q").unwrap_or_default()).map_err(ApiError::invalid_query)?;
    let pagination = query.pagination().map_err(ApiError::invalid_query)?;
    Ok(UserQuery { filter, pagination, asked_at })
}

/// An authenticated request with a command `C`, which is decoded from a body `B` before the caller is known, so that what
/// it names is read along. A mistake in the body is answered only to an authenticated caller.
#[derive(Clone, Debug)]
pub struct PrefetchedCommand<B, C: Prefetch> {
    /// Who sent the request.
    pub caller: Caller,
    /// What is asked for.
    pub command: C,
    /// What the command names.
    pub found: C::Found,
    body: PhantomData<fn(B)>,
}

impl<B, C> FromRequest<App> for PrefetchedCommand<B, C>
where
    B: DeserializeOwned,
    C: TryFrom<B, Error = InvalidFields> + Prefetch + Send,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let command = read_body(body).await.and_then(|body| {
            let body: B = json::decode(&body)?;
            Ok(C::try_from(body)?)
        });
        let reads = Reads { lookups: command.as_ref().map(C::lookups).unwrap_or_default(), ..Reads::default() };
        let session = authenticate(app, &parts, &reads).await?;
        let command = command?;
        let found = command.found(&session.records)?;
        Ok(Self { caller: session.caller, command, found, body: PhantomData })
    }
}
