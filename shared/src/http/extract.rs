//! Arguments of handlers: who asks, whom and what the path names, and what the body says. Whatever a request names is
//! read in the one round trip that authenticates it.

use std::marker::PhantomData;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::request::Parts;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

use super::cookies::{self, SESSION};
use super::csrf::SESSION_HEADER;
use super::middleware::defer;
use super::query::Query;
use super::request::{current_id, note_caller, note_refusal};
use super::routes::{BASE, Route};
use super::{ApiError, client, limits};
use crate::api::fields::InvalidFields;
use crate::api::json;
use crate::app::App;
use crate::auth::token::ShortId;
use crate::config::Config;
use crate::domain::audit::Origin;
use crate::domain::user::User;
use crate::search::filter;
use crate::service::organizations::OrganizationRef;
use crate::service::session::{Prefetch, Reads, Session};
use crate::service::target::UserRef;
use crate::service::users::list::UserQuery;
use crate::storage::Lookup;

/// What the parameters of a path name.
#[derive(Clone, Default, Debug)]
pub struct PathParams {
    /// `{user}`.
    pub user: Option<UserRef>,
    /// `{organization}`.
    pub organization: Option<OrganizationRef>,
    /// `{organizationname}`, as written.
    pub organization_name: String,
    /// `{keyid}`.
    pub key_id: String,
    /// `{keyname}`.
    pub key_name: String,
}

impl PathParams {
    /// The organization of the path.
    pub fn organization(&self) -> Result<&OrganizationRef, ApiError> {
        self.organization.as_ref().ok_or_else(ApiError::not_found)
    }

    /// The organization and the user of a member's path.
    pub fn member(&self) -> Result<(&OrganizationRef, &UserRef), ApiError> {
        self.organization.as_ref().zip(self.user.as_ref()).ok_or_else(ApiError::not_found)
    }

    fn of(parts: &Parts) -> Self {
        let mut named = Self::default();
        let (Some(Route { path: route, .. }), Some(path)) =
            (parts.extensions.get(), parts.uri.path().strip_prefix(BASE))
        else {
            return named;
        };
        for (name, segment) in route.split('/').zip(path.split('/')) {
            // Bytes that are no text become a character that no name has: they name nobody.
            let segment = percent_decode_str(segment).decode_utf8_lossy();
            match name {
                "{user}" => named.user = Some(UserRef::parse(&segment)),
                "{organization}" => named.organization = Some(OrganizationRef::parse(&segment)),
                "{organizationname}" => named.organization_name = segment.into_owned(),
                "{keyid}" => named.key_id = segment.into_owned(),
                "{keyname}" => named.key_name = segment.into_owned(),
                _ => {}
            }
        }
        named
    }

    fn lookups(&self) -> Vec<Lookup> {
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

/// The token of a request: the first place that holds one counts, valid or not
/// (docs/api/authentication.md#token-sources).
pub(super) fn token(parts: &Parts, config: &Config) -> Option<String> {
    let filled = |token: &str| (!token.is_empty()).then(|| token.to_owned());
    let query = Query::parse(parts.uri.query());
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(token) = cookies::session(&parts.headers, config) {
        return Some(token);
    }
    if let Some(token) = query.get(SESSION).and_then(filled) {
        return Some(token);
    }
    if let Some(token) = header(SESSION_HEADER).and_then(filled) {
        return Some(token);
    }
    let authorization = header(AUTHORIZATION.as_str()).and_then(|value| value.split_once(' '));
    if let Some((scheme, token)) = authorization
        && scheme.eq_ignore_ascii_case("bearer")
    {
        return filled(token.trim());
    }
    query.get("access_token").map(str::trim).and_then(filled)
}

/// Where a request comes from.
fn origin(parts: &Parts) -> Origin {
    let user_agent = parts.headers.get(USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()));
    Origin::new(current_id(), client::address(&parts.extensions), user_agent.as_deref().unwrap_or_default())
}

/// Authenticates a request and reads what it names. The request is counted as soon as it is known for whom, and one too
/// many hears of nothing else.
pub(super) async fn authenticate(app: &App, parts: &Parts, reads: &Reads) -> Result<Session, ApiError> {
    let token = token(parts, &app.config);
    let identified = app.verify_token(token.as_deref(), reads).await;
    limits::count(app, parts, identified.as_ref().ok().map(|identified| &identified.user))?;
    let mut session = app.require_active(identified?, origin(parts)).await?;
    note_caller(session.caller.user.id);
    if let Some(due) = session.due.take() {
        let recorder = app.clone();
        defer(app, "write down the use of an API key", async move { recorder.update_last_used(due).await });
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
            note_refusal(app.row_of_user(&session.caller, &user, action, 0));
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
        // Whoever may not read everybody is answered without it.
        if session.caller.reads_everybody() {
            refreshed?;
        }
        Ok(Self { session, query: query? })
    }
}

/// Where a request comes from, for the audit log and for keys that it makes.
#[derive(Clone, Debug)]
pub struct RequestOrigin(pub Origin);

impl FromRequestParts<App> for RequestOrigin {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, Self::Rejection> {
        Ok(Self(origin(parts)))
    }
}

impl FromRequestParts<App> for Query {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, Self::Rejection> {
        Ok(Self::parse(parts.uri.query()))
    }
}

/// Why there is no body to decode.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum BodyError {
    /// Longer than [`json::MAX_BODY_BYTES`].
    TooLarge,
    /// The connection broke.
    Interrupted,
}

async fn read_body(body: Body) -> Result<Bytes, BodyError> {
    match Limited::new(body, json::MAX_BODY_BYTES).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(BodyError::TooLarge),
        Err(_) => Err(BodyError::Interrupted),
    }
}

/// A JSON body, in the way the API reads JSON (docs/api/conventions.md#request-bodies).
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _app: &App) -> Result<Self, ApiError> {
        let body = read_body(request.into_body()).await?;
        Ok(Self(json::decode(&body)?))
    }
}

/// A JSON body that is decoded when the handler asks for it, because other checks come first.
#[derive(Clone)]
pub struct RawBody(Result<Bytes, BodyError>);

/// Nothing of the body, which may hold a password.
impl std::fmt::Debug for RawBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RawBody").finish_non_exhaustive()
    }
}

impl RawBody {
    /// What the body says.
    pub fn decode<T: DeserializeOwned>(self) -> Result<T, ApiError> {
        Ok(json::decode(&self.0?)?)
    }
}

impl FromRequest<App> for RawBody {
    type Rejection = std::convert::Infallible;

    async fn from_request(request: Request, _app: &App) -> Result<Self, Self::Rejection> {
        Ok(Self(read_body(request.into_body()).await))
    }
}

/// What the form of a page sends: fields by their names, read as the browser wrote them.
#[derive(Clone, Default, Debug)]
pub struct Form(Query);

impl Form {
    /// The first value of a field; empty when there is none.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).unwrap_or_default()
    }
}

impl FromRequest<App> for Form {
    type Rejection = ApiError;

    async fn from_request(request: Request, _app: &App) -> Result<Self, ApiError> {
        let media_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = media_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(ApiError::not_a_form());
        }
        Ok(Self(Query::parse_bytes(&read_body(request.into_body()).await?)))
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
        let command = read_body(body).await.map_err(ApiError::from).and_then(|body| {
            let body: B = json::decode(&body)?;
            Ok(C::try_from(body)?)
        });
        let reads = Reads { lookups: command.as_ref().map(C::lookups).unwrap_or_default(), ..Reads::default() };
        let session = authenticate(app, &parts, &reads).await?;
        Ok(Self { session, command: command?, body: PhantomData })
    }
}
