//! `GET /api/v2/insights/user-status-counts`: how many users had each status on each of the last days.

use axum::extract::State;
use roster::api::insights::GetUserStatusCountsResponse;
use roster::app::App;
use roster::http::{ApiError, Authenticated, Payload, Query};

/// For those who may read everybody, in the days of a time zone.
pub(crate) async fn get_user_status_counts(
    State(app): State<App>,
    Authenticated { caller, .. }: Authenticated,
    query: Query,
) -> Result<Payload<GetUserStatusCountsResponse>, ApiError> {
    let counts = app.insights.user_status_counts(&caller, query.zone()?).await?;
    Ok(Payload(counts.into()))
}
