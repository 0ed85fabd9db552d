//! Break-glass: commands of an operator, who invokes this function directly. It has no route.

use lambda_runtime::Error;
use roster::api::admin::{AdminCommand, AdminReport};
use roster::app::App;
use serde_json::Value;
use uuid::Uuid;

/// Runs a command and returns its report, which contains the generated password. Fails if the event is not a command,
/// if the command is refused, or if the database fails. A failed command changes nothing. Logs and errors contain no
/// password.
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
