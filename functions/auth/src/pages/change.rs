//! `/reset-password/change`: the page behind the link of the mail.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use roster::app::App;
use roster::auth::passcode::Passcode;
use roster::domain::names::Email;
use roster::http::{ApiError, Form, Query, RequestOrigin, sentence};
use roster::service::passcodes::{PasscodeRedemption, RedeemPasscodeError};

use super::{Failure, Notice, Problems, STYLE, in_html, page};

#[derive(Template)]
#[template(path = "pages/change.html")]
struct ChangeForm<'a> {
    email: &'a str,
    /// A hidden field; visible if it is empty.
    passcode: &'a str,
    problems: Problems,
}

fn form(email: &str, passcode: &str, problems: Problems) -> Response {
    page(problems.status(), &ChangeForm { email, passcode, problems })
}

/// Shows the form with the values of the link. The passcode is checked only when the form is sent.
pub(crate) async fn show(State(app): State<App>, query: Query) -> Result<Response, Failure> {
    app.passcodes.check_enabled()?;
    let value = |name| query.get(name).unwrap_or_default();
    Ok(form(value("email"), value("otp"), Problems::default()))
}

/// Changes the password and ends every session and token of the user.
pub(crate) async fn send(
    State(app): State<App>,
    RequestOrigin(origin): RequestOrigin,
    sent: Result<Form, ApiError>,
) -> Result<Response, Failure> {
    app.passcodes.check_enabled()?;
    let sent = sent?;
    let redemption = match read(&sent) {
        Ok(redemption) => redemption,
        Err(problems) => return Ok(form(sent.get("email"), sent.get("otp"), problems)),
    };
    if let Err(refused) = app.passcodes.redeem(&redemption, &origin).await {
        // A refused passcode is not filled in again.
        let passcode = if matches!(refused.error, RedeemPasscodeError::Refused) { "" } else { sent.get("otp") };
        let problems = problems(&refused.error);
        let error = ApiError::from(refused);
        if problems.is_empty() {
            return Err(error.into());
        }
        return Ok(in_html(error.into_response(), &ChangeForm { email: sent.get("email"), passcode, problems }));
    }
    let text = "All your sessions and tokens have ended. You can now sign in with the new password.";
    let command = format!("coder login {}", app.deployment.access_url());
    Ok(page(StatusCode::OK, &Notice { title: "Your password is changed", text, command: &command }))
}

/// Reads the form. Blanks around the address and the code are removed, because they come from copying. Those of a
/// password are kept.
fn read(sent: &Form) -> Result<PasscodeRedemption, Problems> {
    let mut problems = Problems::default();
    let email = Email::parse(sent.get("email").trim());
    if email.is_err() {
        problems.note("email", super::request::ADDRESS);
    }
    let passcode = sent.get("otp").trim();
    if passcode.is_empty() {
        problems.note("otp", "Enter the code from the link of the mail.");
    }
    let password = sent.get("password");
    if password.is_empty() {
        problems.note("password", "Enter a new password.");
    } else if password != sent.get("again") {
        problems.note("again", "The two passwords differ. Enter the same one twice.");
    }
    match email {
        Ok(email) if problems.is_empty() => Ok(PasscodeRedemption {
            email,
            password: password.to_owned(),
            passcode: Passcode::presented(passcode.to_owned()),
        }),
        _ => Err(problems),
    }
}

/// The error as a mistake in the form; empty if the user cannot correct it there.
fn problems(error: &RedeemPasscodeError) -> Problems {
    let mut problems = Problems::default();
    match error {
        RedeemPasscodeError::WeakPassword(weakness) => problems.note("password", sentence(weakness)),
        RedeemPasscodeError::Same => {
            problems.note("password", "This is your current password. Choose another one.");
        }
        RedeemPasscodeError::Refused => {
            problems.note("", "The code from the mail is wrong, expired, or for another address. Ask for a new mail.");
        }
        RedeemPasscodeError::PasswordsDisabled(_) | RedeemPasscodeError::Hash(_) | RedeemPasscodeError::Storage(_) => {}
    }
    problems
}
