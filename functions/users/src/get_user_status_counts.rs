//! `GET /api/v2/insights/user-status-counts`: the number of users with each status on each of the last days.

use axum::extract::State;
use roster::api::insights::GetUserStatusCountsResponse;
use roster::app::App;
use roster::http::{ApiError, Authenticated, Payload, Query};

/// The counts by day of a time zone. Only for callers who may read every user.
pub(crate) async fn get_user_status_counts(
    State(app): State<App>,
    Authenticated { caller, .. }: Authenticated,
    query: Query,
) -> Result<Payload<GetUserStatusCountsResponse>, ApiError> {
    let counts = app.insights.user_status_counts(&caller, query.zone()?).await?;
    Ok(Payload(counts.into()))
}
