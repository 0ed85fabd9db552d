//! Sends the messages of the outbox. Each event of the table's stream contains new messages (decision 0011).

use std::sync::Arc;

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use futures_util::future::join_all;
use lambda_runtime::Error;
use roster::app::App;
use roster::clock::Sleep;
use roster::config::ConfigError;
use roster::domain::time::Timestamp;
use roster::metrics::Metrics;
use roster::notifications::smtp::Transport;
use roster::service::outbox::{Delivered, Postman};
use serde_json::Value;
use uuid::Uuid;

/// The application with the transport of mails.
pub struct Mailer {
    app: App,
    transport: Transport,
    sleep: Arc<dyn Sleep>,
    metrics: Metrics,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer").field("transport", &self.transport).finish_non_exhaustive()
    }
}

impl Mailer {
    /// The current time of the application's clock.
    pub fn now(&self) -> Timestamp {
        self.app.now()
    }

    /// A mailer with the transport of the settings. `sleep` waits between attempts.
    pub fn new(app: App, sleep: Arc<dyn Sleep>, metrics: Metrics) -> Result<Self, ConfigError> {
        let transport = Transport::new(&app.config.mail)?;
        Ok(Self { app, transport, sleep, metrics })
    }
}

/// Delivers the messages of a stream event concurrently. The answer names the records to deliver again: those that were
/// not finished before `deadline`. Repeated and concurrent events are safe. Fails if the event is not a stream event.
pub async fn run(mailer: &Mailer, event: Value, deadline: Timestamp) -> Result<Value, Error> {
    let event: Event = serde_json::from_value(event)?;
    let postman = Postman { transport: &mailer.transport, sleep: &*mailer.sleep, deadline };
    let messages = event.records.iter().filter_map(|record| Some((record, message_id(record)?)));
    let results = join_all(messages.map(async |(record, id)| {
        let delivered = mailer.app.outbox.deliver(id, postman).await.unwrap_or_else(|error| {
            tracing::error!(id = %id, error = &error as &dyn std::error::Error, "the delivery of a message failed");
            Delivered::Later
        });
        if delivered == Delivered::Later {
            tracing::info!(id = %id, "a message waits for the next delivery");
        }
        (record, delivered)
    }))
    .await;
    let count = |what: Delivered| results.iter().filter(|(_, delivered)| *delivered == what).count() as u64;
    let counts = [
        ("MailSent", count(Delivered::Sent)),
        ("MailExpired", count(Delivered::Expired)),
        ("MailDead", count(Delivered::Dead)),
    ];
    mailer.metrics.count(mailer.now(), &counts);
    let mut answer = DynamoDbEventResponse::default();
    answer.batch_item_failures = results
        .iter()
        .filter(|(_, delivered)| *delivered == Delivered::Later)
        .map(|(record, _)| {
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier.clone_from(&record.change.sequence_number);
            failure
        })
        .collect();
    Ok(serde_json::to_value(answer)?)
}

/// The id of the message in a stream record; `None` if the record is about another item.
fn message_id(record: &EventRecord) -> Option<Uuid> {
    let key = |name: &str| match record.change.keys.get(name) {
        Some(serde_dynamo::AttributeValue::S(text)) => Some(text.as_str()),
        _ => None,
    };
    let is_message = record.event_name == "INSERT" && key("PK")?.starts_with("OUTBOX#");
    is_message.then(|| key("SK")?.parse().ok()).flatten()
}
