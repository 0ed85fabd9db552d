//! Break-glass: what an operator may do past the API, by invoking a function that no route leads to.

use lambda_runtime::Error;
use roster::api::admin::{AdminCommand, AdminReport};
use roster::app::App;
use serde_json::Value;
use uuid::Uuid;

/// Carries a command out and says what was done, with the password that was chosen. Fails for what is no command, for
/// what is refused, and when the database cannot be used; then nothing was done. Neither logs nor errors hold a password.
pub async fn run(app: &App, event: Value, invocation: Uuid) -> Result<Value, Error> {
    let (action, report) = match AdminCommand::try_from(event)? {
        AdminCommand::ResetPassword { user, password } => {
            ("reset-password", app.operator.reset_password(&user, password, invocation).await?)
        }
        AdminCommand::CreateOwner(owner) => ("create-owner", app.operator.create_owner(owner, invocation).await?),
        AdminCommand::Unlock { user } => ("unlock", app.operator.unlock(&user, invocation).await?),
    };
    tracing::warn!(action, user = %report.user.id, %invocation, "an operator acted");
    Ok(serde_json::to_value(AdminReport::from(report))?)
}
