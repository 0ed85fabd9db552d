//! Arguments of handlers that authenticate: the caller, the user of the path, and what was read along with them in the
//! same round trip.

use std::marker::PhantomData;

use axum::extract::{FromRequest, FromRequestParts, Request};
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::body::read_body;
use super::client::token;
use super::context::RequestContext;
use super::deferred::defer;
use super::error::ApiError;
use super::limits;
use super::params::PathParams;
use super::query::Query;
use super::routes::Route;
use crate::api::fields::InvalidFields;
use crate::api::json;
use crate::app::App;
use crate::auth::token::ShortId;
use crate::domain::user::User;
use crate::search::filter;
use crate::service::session::{Prefetch, Reads, Session};
use crate::service::target::UserRef;
use crate::service::users::list::UserQuery;
use crate::storage::Lookup;

/// What a handler wants to be read along, beyond what the path names.
pub trait PrefetchFor: Send + Sync + 'static {
    /// Adds to what is read anyway.
    fn add(reads: &mut Reads, named: &PathParams);
}

/// Nothing more.
#[derive(Clone, Copy, Debug)]
pub struct Nothing;

impl PrefetchFor for Nothing {
    fn add(_reads: &mut Reads, _named: &PathParams) {}
}

/// All keys of the caller, should the request be about them.
#[derive(Clone, Copy, Debug)]
pub struct OwnKeys;

impl PrefetchFor for OwnKeys {
    fn add(reads: &mut Reads, named: &PathParams) {
        reads.own_keys = matches!(named.user, None | Some(UserRef::Me));
    }
}

/// Items of the user named, should the path tell where they lie.
fn of_user(reads: &mut Reads, named: &PathParams, lookup: fn(ShortId) -> Lookup) {
    match &named.user {
        Some(UserRef::Id(id)) => reads.lookups.push(lookup(ShortId::of(*id))),
        Some(UserRef::Me) => reads.own.push(lookup),
        Some(UserRef::Name(_)) | None => {}
    }
}

/// The default organization.
#[derive(Clone, Copy, Debug)]
pub struct WithDefaultOrganization;

impl PrefetchFor for WithDefaultOrganization {
    fn add(reads: &mut Reads, _named: &PathParams) {
        reads.lookups.push(Lookup::DefaultOrganization);
    }
}

/// The git SSH key of the user named.
#[derive(Clone, Copy, Debug)]
pub struct WithSshKey;

impl PrefetchFor for WithSshKey {
    fn add(reads: &mut Reads, named: &PathParams) {
        of_user(reads, named, Lookup::GitSshKey);
    }
}

/// The password of the user named.
#[derive(Clone, Copy, Debug)]
pub struct WithPassword;

impl PrefetchFor for WithPassword {
    fn add(reads: &mut Reads, named: &PathParams) {
        of_user(reads, named, Lookup::Password);
    }
}

/// The settings of the user named.
#[derive(Clone, Copy, Debug)]
pub struct WithSettings;

impl PrefetchFor for WithSettings {
    fn add(reads: &mut Reads, named: &PathParams) {
        of_user(reads, named, Lookup::Settings);
    }
}

/// Authenticates a request and reads what it names. The request is counted as soon as it is known for whom, and one too
/// many hears of nothing else.
pub(super) async fn authenticate(app: &App, parts: &Parts, reads: &Reads) -> Result<Session, ApiError> {
    let token = token(parts, &app.config);
    let identified = app.verify_token(token.as_deref(), reads).await;
    limits::count(app, parts, identified.as_ref().ok().map(|identified| &identified.user))?;
    let context = RequestContext::of(&parts.extensions);
    let mut session = app.require_active(identified?, context.origin().clone()).await?;
    context.report_caller(session.caller.user.id);
    if let Some(due) = session.due.take() {
        let recorder = app.clone();
        defer(app, &context, "write down the use of an API key", async move { recorder.update_last_used(due).await });
    }
    Ok(session)
}

/// An authenticated request, with what its path names.
#[derive(Clone, Debug)]
pub struct Authenticated<P = Nothing> {
    /// Who asks, and what was read.
    pub session: Session,
    /// What the path names.
    pub named: PathParams,
    prefetch: PhantomData<P>,
}

impl<P: PrefetchFor> FromRequestParts<App> for Authenticated<P> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let named = PathParams::of(parts);
        let mut reads = Reads { lookups: named.lookups(), ..Reads::default() };
        P::add(&mut reads, &named);
        let session = authenticate(app, parts, &reads).await?;
        Ok(Self { session, named, prefetch: PhantomData })
    }
}

/// An authenticated request about the `{user}` of its path, whom the caller may read
/// (docs/api/users.md#user-path-parameter).
#[derive(Clone, Debug)]
pub struct Target<P = Nothing> {
    /// Who asks, and what was read.
    pub session: Session,
    /// Whom it is about.
    pub user: User,
    /// What the path names.
    pub named: PathParams,
    prefetch: PhantomData<P>,
}

impl<P: PrefetchFor> FromRequestParts<App> for Target<P> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Authenticated { session, named, .. } = Authenticated::<P>::from_request_parts(parts, app).await?;
        let user = named.user.as_ref().ok_or_else(ApiError::not_found)?;
        let user = user.resolve(&session.caller, &session.records)?;
        if let Some(action) = parts.extensions.get().and_then(|route: &Route| route.audited) {
            let row = app.audit.row_of_user(&session.caller, &user, action, 0);
            RequestContext::of(&parts.extensions).report_refusal(row);
        }
        Ok(Self { session, user, named, prefetch: PhantomData })
    }
}

/// An authenticated request for a list of users. The query is read first, so that the cursor's user is read along.
#[derive(Clone, Debug)]
pub struct UserListing {
    /// Who asks, and what was read.
    pub session: Session,
    /// What is asked for.
    pub query: UserQuery,
}

impl FromRequestParts<App> for UserListing {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let asked = app.now();
        let query = Query::parse(parts.uri.query());
        let query =
            filter::parse(query.get("q").unwrap_or_default()).map_err(ApiError::invalid_query).and_then(|filter| {
                let pagination = query.pagination().map_err(ApiError::invalid_query)?;
                Ok(UserQuery { filter, pagination, asked })
            });
        let cursor = query.as_ref().ok().and_then(|query| query.pagination.after_id);
        let reads = Reads { lookups: cursor.map(Lookup::User).into_iter().collect(), ..Reads::default() };
        // What a filter asks is brought up to date at the same time.
        let refresh = async {
            match &query {
                Ok(query) if query.may_need_directory() => app.refresh_directory(asked).await,
                Ok(_) | Err(_) => Ok(()),
            }
        };
        let (session, refreshed) = tokio::join!(authenticate(app, parts, &reads), refresh);
        let session = session?;
        // A caller who may not read every user is answered without the index.
        if session.caller.reads_everybody() {
            refreshed?;
        }
        Ok(Self { session, query: query? })
    }
}

/// An authenticated request with a command `C`, decoded from a body `B` before its sender is known: what the command
/// names is read in the round trip that authenticates. What is wrong with it is said only to who is authenticated.
#[derive(Clone, Debug)]
pub struct PrefetchedCommand<B, C> {
    /// Who asks, and what was read.
    pub session: Session,
    /// What is asked for.
    pub command: C,
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
        Ok(Self { session, command: command?, body: PhantomData })
    }
}
