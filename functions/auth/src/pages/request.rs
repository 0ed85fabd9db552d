//! `/reset-password`: asks for a passcode by mail.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use roster::app::App;
use roster::domain::names::Email;
use roster::http::{ApiError, Form, Query, RequestOrigin};

use super::{Failure, Notice, Problems, STYLE, page};

#[derive(Template)]
#[template(path = "pages/request.html")]
struct RequestForm<'a> {
    email: &'a str,
    problems: Problems,
}

fn form(email: &str, problems: Problems) -> Response {
    page(problems.status(), &RequestForm { email, problems })
}

/// Shows the form with the address of the query.
pub(crate) async fn show(State(app): State<App>, query: Query) -> Result<Response, Failure> {
    app.passcodes.check_enabled()?;
    Ok(form(query.get("email").unwrap_or_default(), Problems::default()))
}

/// Sends the mail. The answer is the same if no user has the address.
pub(crate) async fn send(
    State(app): State<App>,
    RequestOrigin(origin): RequestOrigin,
    sent: Result<Form, ApiError>,
) -> Result<Response, Failure> {
    app.passcodes.check_enabled()?;
    let sent = sent?;
    let Ok(email) = Email::parse(sent.get("email").trim()) else {
        let mut problems = Problems::default();
        problems.note("email", ADDRESS);
        return Ok(form(sent.get("email"), problems));
    };
    app.passcodes.request(&email, &origin).await?;
    let minutes = app.passcodes.lifetime().as_secs().div_ceil(60);
    let text = format!(
        "If a user with this address signs in with a password, a mail with a link is on its way. The link is valid for \
         {minutes} minutes and for one change."
    );
    Ok(page(StatusCode::OK, &Notice { title: "Check your mail", text: &text, command: "" }))
}

/// The text for an invalid address.
pub(super) const ADDRESS: &str = "Enter an e-mail address, such as user@example.com.";
