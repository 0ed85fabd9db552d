//! `/cli-auth`: the page to which `coder login` sends the user for a token (docs/api/clients.md#page-of-the-cli-login).
//! In Coder the dashboard creates a token for a signed-in user. In Roster no browser is signed in, so the page signs
//! the user in and shows the token of that session. Deviation (docs/api/deviations.md#session-of-the-cli-page): the
//! token has the lifetime of a login session, not of a key of `POST /users/me/keys`; both slide.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use roster::api::login::Credentials;
use roster::app::App;
use roster::domain::names::Email;
use roster::http::{ApiError, Form, RequestOrigin};
use roster::service::audit::Audited;
use roster::service::password_gate::LoginError;

use super::{Failure, Problems, STYLE, in_html, page};

#[derive(Template)]
#[template(path = "pages/cli_auth.html")]
struct SignInForm<'a> {
    email: &'a str,
    problems: Problems,
}

#[derive(Template)]
#[template(path = "pages/token.html")]
struct TokenPage<'a> {
    token: &'a str,
    password_is_temporary: bool,
}

/// Shows the form.
pub(crate) async fn show(State(app): State<App>) -> Result<Response, Failure> {
    app.passcodes.check_enabled()?;
    Ok(page(StatusCode::OK, &SignInForm { email: "", problems: Problems::default() }))
}

/// Signs in, as the API does, and shows the token. Sets no cookie.
pub(crate) async fn send(
    State(app): State<App>,
    RequestOrigin(origin): RequestOrigin,
    headers: HeaderMap,
    sent: Result<Form, ApiError>,
) -> Result<Response, Failure> {
    app.passcodes.check_enabled()?;
    let sent = sent?;
    let again = |status: StatusCode, problems| {
        Ok(in_html(status.into_response(), &SignInForm { email: sent.get("email"), problems }))
    };
    if is_from_another_site(&headers) {
        let mut problems = Problems::default();
        problems.note("", "The form came from another site. Enter your password here only if you want to sign in.");
        return again(StatusCode::FORBIDDEN, problems);
    }
    let Credentials { email, password } = match read(&sent) {
        Ok(credentials) => credentials,
        Err(problems) => return again(StatusCode::BAD_REQUEST, problems),
    };
    match app.sessions.login(&email, &password, &origin).await {
        Ok(login) => {
            let (token, password_is_temporary) = (login.token.reveal(), login.password_is_temporary);
            Ok(page(StatusCode::OK, &TokenPage { token: &token, password_is_temporary }))
        }
        Err(error) => refused(error, sent.get("email")),
    }
}

/// Reads the credentials of the form. Blanks around the address are removed.
fn read(sent: &Form) -> Result<Credentials, Problems> {
    let mut problems = Problems::default();
    let email = Email::parse(sent.get("email").trim());
    if email.is_err() {
        problems.note("email", super::request::ADDRESS);
    }
    let password = sent.get("password").to_owned();
    if password.is_empty() {
        problems.note("password", "Enter your password.");
    }
    match email {
        Ok(email) if problems.is_empty() => Ok(Credentials { email, password }),
        Ok(_) | Err(_) => Err(problems),
    }
}

/// Shows an error with the status and the text of the API, and the form again if another input can succeed.
fn refused(refused: Audited<LoginError>, email: &str) -> Result<Response, Failure> {
    match refused.error {
        LoginError::Credentials | LoginError::LoginType(_) | LoginError::NotActive(_) => {
            let error = ApiError::from(refused);
            let mut problems = Problems::default();
            problems.note("", error.message());
            Ok(in_html(error.into_response(), &SignInForm { email, problems }))
        }
        LoginError::PasswordsDisabled | LoginError::Hash(_) | LoginError::Storage(_) => Err(refused.into()),
    }
}

/// Whether another site sent the form. Such a site could sign the visitor in as a user of its author, and the visitor
/// would paste that token. Current browsers send the header; a client that does not, such as `curl`, is accepted.
fn is_from_another_site(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none")
}
