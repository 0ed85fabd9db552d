//! The scheduled job that makes long unseen users dormant.

use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use lambda_runtime::Error;
use roster::app::App;
use roster::service::dormancy::DormancyReport;
use serde_json::Value;

/// Carries a scheduled event out and reports what it did: `{"due": n, "changed": n, "skipped": n, "unreadable": n}`.
/// Deliveries may repeat and overlap. Fails for what is no EventBridge event, and when the database cannot be used.
pub async fn run(app: &App, event: Value) -> Result<Value, Error> {
    let event: EventBridgeEvent = serde_json::from_value(event)?;
    let report = app.dormancy.run().await?;
    let id = event.id.as_deref().unwrap_or_default();
    let DormancyReport { due, changed, skipped, unreadable } = report;
    tracing::info!(event = id, due, changed, skipped, unreadable, "dormancy run");
    Ok(serde_json::to_value(report)?)
}
