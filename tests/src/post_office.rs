//! The mailer over the service of a test: messages are stored, announced and delivered in simulated time.
#![expect(clippy::expect_used, reason = "a test that cannot begin fails")]

use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;
use roster::clock::{Clock, Sleep};
use roster::metrics::Metrics;
use roster::notifications::Mail;
use roster_mailer::Mailer;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::TestApp;

/// An event of the stream, as a developer sends it by hand. All events here have its shape.
const EVENT: &str = include_str!("../../infra/events/mailer.json");

/// A deployment and its mailer.
pub struct PostOffice {
    /// The service.
    pub app: TestApp,
    /// The mailer. It advances the test clock between attempts.
    pub mailer: Mailer,
    metrics: Arc<Mutex<Vec<Value>>>,
}

impl PostOffice {
    /// A fresh deployment with the given settings.
    pub async fn start(settings: &[(&'static str, String)]) -> Self {
        let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Self::of(TestApp::with(&settings).await)
    }

    /// The mailer of a deployment.
    pub fn of(app: TestApp) -> Self {
        let (mailer, metrics) = mailer(&app, app.clock.clone());
        Self { app, mailer, metrics }
    }

    /// Another process of the mailer, which waits with `sleep`.
    pub fn another_mailer(&self, sleep: Arc<dyn Sleep>) -> Mailer {
        mailer(&self.app, sleep).0
    }

    /// Stores a message that may be sent until `life` has passed. `None` stores a message without mail.
    ///
    /// # Panics
    ///
    /// When the message cannot be stored.
    pub async fn write(&self, mail: Option<&Mail>, life: TimeDelta) -> Uuid {
        let now = self.app.clock.now();
        let message = self.app.app.messages.seal(mail, now, now.plus(life)).expect("it fits");
        self.app.app.outbox.store(&message).await.expect("it is stored");
        message.id
    }

    /// The event that announces messages. The position of a message is its sequence number.
    ///
    /// # Panics
    ///
    /// When the example event is not JSON.
    pub fn event(ids: &[Uuid]) -> Value {
        let kept: Value = serde_json::from_str(EVENT).expect("the kept event is JSON");
        let record = |(index, id): (usize, &Uuid)| {
            let mut record = kept["Records"][0].clone();
            record["dynamodb"]["Keys"]["SK"]["S"] = json!(id);
            record["dynamodb"]["SequenceNumber"] = json!(index.to_string());
            record
        };
        json!({ "Records": ids.iter().enumerate().map(record).collect::<Vec<_>>() })
    }

    /// Invokes the mailer with its longest deadline. Returns the sequence numbers of the messages to deliver again.
    pub async fn deliver(&self, ids: &[Uuid]) -> Vec<String> {
        self.deliver_within(ids, TimeDelta::minutes(15)).await
    }

    /// Invokes the mailer with a deadline. Returns the sequence numbers of the messages to deliver again.
    pub async fn deliver_within(&self, ids: &[Uuid], life: TimeDelta) -> Vec<String> {
        invoke(&self.mailer, ids, life).await
    }

    /// The sum of a metric so far.
    pub fn metric(&self, name: &str) -> u64 {
        let metrics = self.metrics.lock().unwrap_or_else(PoisonError::into_inner);
        metrics.iter().filter_map(|line| line[name].as_u64()).sum()
    }
}

/// Invokes a mailer with a deadline. Returns the sequence numbers of the messages to deliver again.
///
/// # Panics
///
/// When the event is refused.
pub async fn invoke(mailer: &Mailer, ids: &[Uuid], life: TimeDelta) -> Vec<String> {
    let deadline = mailer.now().plus(life);
    let answer = roster_mailer::run(mailer, PostOffice::event(ids), deadline).await.expect("the event is one");
    let failures = answer["batchItemFailures"].as_array().expect("the answer lists what is left").iter();
    failures.map(|failure| failure["itemIdentifier"].as_str().unwrap_or_default().to_owned()).collect()
}

fn mailer(app: &TestApp, sleep: Arc<dyn Sleep>) -> (Mailer, Arc<Mutex<Vec<Value>>>) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let kept = lines.clone();
    let metrics = Metrics::new("Roster", move |line| {
        let line = serde_json::from_str(line).expect("a line of metrics is JSON");
        kept.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    });
    (Mailer::new(app.app.clone(), sleep, metrics).expect("the settings are right"), lines)
}
