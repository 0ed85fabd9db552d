//! `/reset-password/change`: where the link of the mail leads.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use roster::app::App;
use roster::auth::passcode::Passcode;
use roster::domain::names::Email;
use roster::http::{ApiError, Form, Query, RequestOrigin, sentence};
use roster::service::passcodes::{PasscodeRedemption, RedeemPasscodeError};

use super::{Failure, Notice, Problems, STYLE, page};

#[derive(Template)]
#[template(path = "pages/change.html")]
struct ChangeForm<'a> {
    email: &'a str,
    /// Goes along unseen; asked for when it is empty.
    passcode: &'a str,
    problems: Problems,
}

fn form(email: &str, passcode: &str, problems: Problems) -> Response {
    page(problems.status(), &ChangeForm { email, passcode, problems })
}

/// The form, with what the link says filled in. Whether the passcode is good is only told to who uses it.
pub(crate) async fn show(State(app): State<App>, query: Query) -> Result<Response, Failure> {
    app.passcodes.check_enabled()?;
    let value = |name| query.get(name).unwrap_or_default();
    Ok(form(value("email"), value("otp"), Problems::default()))
}

/// Changes the password, and ends every session and token of the account.
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
    if let Err(error) = app.passcodes.redeem(&redemption, &origin).await {
        // A passcode that is no good is not offered again.
        let passcode = if matches!(error, RedeemPasscodeError::Refused) { "" } else { sent.get("otp") };
        return Ok(form(sent.get("email"), passcode, problem(error)?));
    }
    let text = "Every session and token of the account has ended. You can now sign in with the new password.";
    let command = format!("coder login {}", app.config.access_url);
    Ok(page(StatusCode::OK, &Notice { title: "Your password is changed", text, command: &command }))
}

/// What the form asks for. Blanks around what people copy from a mail are not theirs; those of a password are.
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

/// What the person at the form can correct.
fn problem(error: RedeemPasscodeError) -> Result<Problems, ApiError> {
    let mut problems = Problems::default();
    match error {
        RedeemPasscodeError::WeakPassword(weakness) => problems.note("password", sentence(&weakness)),
        RedeemPasscodeError::Same => {
            problems.note("password", "This is the password that you have. Choose another one.");
        }
        RedeemPasscodeError::Refused => {
            problems.note("", "The code from the mail is wrong or too old, or belongs to another address.");
        }
        RedeemPasscodeError::PasswordsDisabled(_) | RedeemPasscodeError::Hash(_) | RedeemPasscodeError::Storage(_) => {
            return Err(error.into());
        }
    }
    Ok(problems)
}
