//! `/cli-auth`: where `coder login` sends people for a token (docs/api/clients.md#page-of-the-cli-login). The dashboard
//! of the reference makes one for whoever is signed in; here nobody is signed in in a browser, so the page signs in and
//! shows the token of that session. Deviation (docs/api/deviations.md#session-of-the-cli-page): it lasts as long as a
//! session of a login, not as long as a key of `POST /users/me/keys`; both slide.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use roster::app::App;
use roster::domain::names::Email;
use roster::http::{ApiError, Form, RequestOrigin};
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

/// The form.
pub(crate) async fn show(State(app): State<App>) -> Result<Response, Failure> {
    app.passcodes.check_enabled()?;
    Ok(page(StatusCode::OK, &SignInForm { email: "", problems: Problems::default() }))
}

/// Signs in, as the API does, and shows the token; no cookie is set.
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
    let mut problems = Problems::default();
    if is_from_elsewhere(&headers) {
        problems.note("", "The form came from another site. Enter your password here only if you meant to sign in.");
        return again(StatusCode::FORBIDDEN, problems);
    }
    let email = Email::parse(sent.get("email").trim());
    if email.is_err() {
        problems.note("email", super::request::ADDRESS);
    }
    let password = sent.get("password");
    if password.is_empty() {
        problems.note("password", "Enter your password.");
    }
    let Ok(email) = email.map_err(|_| ()).and_then(|email| if problems.is_empty() { Ok(email) } else { Err(()) })
    else {
        return again(StatusCode::BAD_REQUEST, problems);
    };
    match app.sessions.login(&email, password, &origin).await {
        Ok(login) => {
            let (token, password_is_temporary) = (login.token.reveal(), login.password_is_temporary);
            Ok(page(StatusCode::OK, &TokenPage { token: &token, password_is_temporary }))
        }
        Err(error) => refused(error, sent.get("email")),
    }
}

/// Refusals have the status and the words of the API, and the form once more where that may help.
fn refused(error: LoginError, email: &str) -> Result<Response, Failure> {
    match error {
        LoginError::Credentials | LoginError::LoginType(_) | LoginError::NotActive(_) => {
            let error = ApiError::from(error);
            let mut problems = Problems::default();
            problems.note("", error.message());
            Ok(in_html(error.into_response(), &SignInForm { email, problems }))
        }
        LoginError::PasswordsDisabled | LoginError::Hash(_) | LoginError::Storage(_) => Err(error.into()),
    }
}

/// Somebody else's page could sign a visitor in to its own author's account, whose token the visitor would then paste.
/// Every browser of today says where a form comes from; one that does not is let through, as is `curl`.
fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none")
}
