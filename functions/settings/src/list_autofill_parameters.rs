//! `GET /api/v2/users/{user}/autofill-parameters`: values for the form that starts a workspace.

use axum::extract::State;
use roster::app::App;
use roster::http::{ApiError, Payload, Query, Target};

/// Always empty, because the values come from workspace builds and Roster has none
/// (docs/api/settings.md#autofill-parameters).
pub(crate) async fn list_autofill_parameters(
    State(app): State<App>,
    Target { caller, user, .. }: Target,
    query: Query,
) -> Result<Payload<[(); 0]>, ApiError> {
    query.only_template_id()?;
    app.users.check_may_read_personal(&caller, &user)?;
    Ok(Payload([]))
}
