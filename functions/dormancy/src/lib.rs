//! The scheduled job that makes users dormant who were not seen for a long time.

use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use lambda_runtime::Error;
use roster::app::App;
use roster::service::dormancy::DormancyReport;
use serde_json::Value;

/// Runs the job for a scheduled event and returns a report: `{"due": n, "changed": n, "skipped": n, "unreadable": n}`.
/// Repeated and concurrent events are safe. Fails if the event is not from EventBridge, or if the database fails.
pub async fn run(app: &App, event: Value) -> Result<Value, Error> {
    let event: EventBridgeEvent = serde_json::from_value(event)?;
    let report = app.dormancy.run().await?;
    let id = event.id.as_deref().unwrap_or_default();
    let DormancyReport { due, changed, skipped, unreadable } = report;
    tracing::info!(event = id, due, changed, skipped, unreadable, "dormancy run");
    Ok(serde_json::to_value(report)?)
}
