//! The stream of the table, emulated: new items of the outbox become the events that Lambda makes of stream records, and
//! are delivered to the mailer until each record is settled. The streams of the embedded database are
//! not used: they keep every record forever and are searched at each write, so this module polls the outbox.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use dynoxide::AttributeValue;
use dynoxide::actions::query::QueryRequest;
use roster::clock::{Clock, SystemClock};
use roster::storage::dynamodb::keys::{OUTBOX_PREFIX, OUTBOX_SHARDS};
use roster::storage::dynamodb::table::{PK, SK};
use roster_mailer::Mailer;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::functions::{MAILER, OUTBOX_BATCH_SIZE};

/// How often the outbox is polled; Lambda polls a stream four times a second.
const POLL: Duration = Duration::from_millis(250);
/// The wait before records that were not settled are delivered again.
const REDELIVERY: Duration = Duration::from_secs(1);
/// The time limit of an invocation.
const LIFE: TimeDelta = TimeDelta::minutes(15);

/// The mailer, which receives records.
#[derive(Clone, Debug)]
pub(crate) enum Listener {
    /// In this process.
    Here(Arc<Mailer>),
    /// Behind the invoke endpoint of `cargo lambda watch`.
    Lambda {
        /// The endpoint, such as `http://127.0.0.1:9000`.
        endpoint: String,
        /// The client.
        client: reqwest::Client,
    },
}

/// Why a function did not accept an event.
type CallError = Box<dyn std::error::Error + Send + Sync>;

impl Listener {
    /// The functions of `cargo lambda watch` at an endpoint.
    pub(crate) fn lambda(endpoint: &str) -> Self {
        Self::Lambda { endpoint: endpoint.trim_end_matches('/').to_owned(), client: reqwest::Client::new() }
    }

    /// Calls the mailer and returns its answer.
    async fn call(&self, event: &Value) -> Result<Value, CallError> {
        match self {
            Self::Here(mailer) => roster_mailer::run(mailer, event.clone(), mailer.now().plus(LIFE)).await,
            Self::Lambda { endpoint, client } => {
                let url = format!("{endpoint}/2015-03-31/functions/{MAILER}/invocations");
                let answer = client.post(url).json(event).send().await?.error_for_status()?;
                Ok(answer.json().await?)
            }
        }
    }
}

/// Reads a table's outbox from its beginning and delivers it to the mailer, without end. Records that were settled before
/// are settled again without effect.
pub(crate) async fn deliver_outbox(database: dynoxide::Database, table: String, listener: Listener) {
    let mut reader = OutboxReader::new(database, table);
    let mut ticks = interval(POLL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut deliveries = JoinSet::new();
    loop {
        ticks.tick().await;
        while deliveries.try_join_next().is_some() {}
        let records = match reader.read() {
            Ok(records) => records,
            Err(error) => {
                tracing::error!(%error, "the table's outbox cannot be read");
                continue;
            }
        };
        for batch in records.chunks(OUTBOX_BATCH_SIZE) {
            deliveries.spawn(deliver(listener.clone(), batch.to_vec()));
        }
    }
}

/// Delivers records until none is left.
async fn deliver(listener: Listener, mut records: Vec<Value>) {
    loop {
        match listener.call(&json!({ "Records": records })).await {
            Ok(answer) => records.retain(|record| is_left(record, &answer)),
            Err(error) => tracing::warn!(error, "the mailer did not accept its records"),
        }
        if records.is_empty() {
            return;
        }
        tokio::time::sleep(REDELIVERY).await;
    }
}

/// Whether an answer lists a record as one to deliver again.
fn is_left(record: &Value, answer: &Value) -> bool {
    let failures = answer["batchItemFailures"].as_array();
    let number = &record["dynamodb"]["SequenceNumber"];
    failures.is_some_and(|failures| failures.iter().any(|failure| failure["itemIdentifier"] == *number))
}

/// Reads the new items of a table's outbox.
struct OutboxReader {
    database: dynoxide::Database,
    table: String,
    /// Partition and sort key of every item of the previous poll.
    present: BTreeSet<(String, String)>,
    records: u64,
}

impl OutboxReader {
    fn new(database: dynoxide::Database, table: String) -> Self {
        Self { database, table, present: BTreeSet::new(), records: 0 }
    }

    /// One record for each item since the previous poll, in the form in which Lambda delivers them.
    fn read(&mut self) -> Result<Vec<Value>, dynoxide::DynoxideError> {
        let mut present = BTreeSet::new();
        for shard in 0..OUTBOX_SHARDS {
            present.extend(self.partition(&format!("{OUTBOX_PREFIX}{shard}"))?);
        }
        let new: Vec<_> = present.difference(&self.present).cloned().collect();
        self.present = present;
        Ok(new.into_iter().map(|(partition, sort)| self.record(&partition, &sort)).collect())
    }

    fn partition(&self, partition: &str) -> Result<Vec<(String, String)>, dynoxide::DynoxideError> {
        let mut found = Vec::new();
        let mut start = None;
        loop {
            let value = AttributeValue::S(partition.to_owned());
            let answer = self.database.query(QueryRequest {
                table_name: self.table.clone(),
                key_condition_expression: Some(format!("{PK} = :partition")),
                expression_attribute_values: Some(HashMap::from([(":partition".to_owned(), value)])),
                projection_expression: Some(SK.to_owned()),
                scan_index_forward: true,
                exclusive_start_key: start,
                ..QueryRequest::default()
            })?;
            for item in answer.items.unwrap_or_default() {
                if let Some(AttributeValue::S(sort)) = item.get(SK) {
                    found.push((partition.to_owned(), sort.clone()));
                }
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(found);
            }
        }
    }

    fn record(&mut self, partition: &str, sort: &str) -> Value {
        self.records += 1;
        let number = format!("{:021}", self.records);
        json!({
            "eventID": format!("{:032x}", self.records),
            "eventName": "INSERT",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "local",
            "dynamodb": {
                "ApproximateCreationDateTime": SystemClock.now().unix_seconds(),
                "Keys": { PK: { "S": partition }, SK: { "S": sort } },
                "SequenceNumber": number,
                "SizeBytes": PK.len() + SK.len() + partition.len() + sort.len(),
                "StreamViewType": "KEYS_ONLY",
            },
            "eventSourceARN": format!("arn:aws:dynamodb:local:000000000000:table/{}/stream/1", self.table),
        })
    }
}

#[cfg(test)]
mod tests {
    use roster::clock::Random;
    use roster::storage::dynamodb::client;
    use serde_json::{Value, json};

    use super::{OutboxReader, is_left};
    use crate::database::{EmbeddedDatabase, create_table};
    use crate::local::Local;
    use crate::options::Options;

    /// The names of all fields, nested ones included, with the types of their values.
    fn form(value: &Value) -> Value {
        match value {
            Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), form(value))).collect(),
            Value::Array(items) => items.iter().map(form).collect(),
            Value::String(_) => json!("text"),
            Value::Number(_) => json!("number"),
            other => other.clone(),
        }
    }

    #[tokio::test]
    async fn the_event_has_the_form_of_the_recorded_one() {
        let kept: Value = serde_json::from_str(include_str!("../../events/mailer.json")).unwrap();
        let local = Local::start(Options::in_memory()).await.unwrap();
        let now = local.app().now();
        let message = local.app().messages.seal(None, now, now).unwrap();
        local.app().outbox.store(&message).await.unwrap();
        let mut reader = OutboxReader::new(local.database(), "Roster".to_owned());
        let records = reader.read().unwrap();
        assert!(reader.read().unwrap().is_empty());
        let event = json!({ "Records": records });
        assert_eq!(form(&event), form(&kept));
        assert_eq!(event["Records"][0]["dynamodb"]["Keys"]["SK"]["S"], message.id.to_string());
        local.stop().await.unwrap();
    }

    #[tokio::test]
    async fn a_reader_continues_after_the_last_item_it_read() {
        let database = EmbeddedDatabase::memory().await.unwrap();
        let client = client::connect(Some(database.endpoint())).await;
        create_table(&client, "Roster").await.unwrap();
        let mut reader = OutboxReader::new(database.handle(), "Roster".to_owned());
        assert!(reader.read().unwrap().is_empty());
        let random = Random::from_seed(1);
        for _ in 0..2 {
            let id = random.uuid().to_string();
            let put = client.put_item().table_name("Roster");
            let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
            put.item("PK", text("OUTBOX#1")).item("SK", text(&id)).send().await.unwrap();
            let records = reader.read().unwrap();
            assert_eq!(records.len(), 1);
            assert_eq!(records[0]["dynamodb"]["Keys"]["SK"]["S"], id);
        }
        assert!(reader.read().unwrap().is_empty());
        database.stop().await.unwrap();
    }

    #[test]
    fn only_records_that_the_answer_names_are_left() {
        let record = |number: &str| json!({ "dynamodb": { "SequenceNumber": number } });
        let answer = json!({ "batchItemFailures": [{ "itemIdentifier": "2" }] });
        assert!(is_left(&record("2"), &answer));
        assert!(!is_left(&record("1"), &answer));
        assert!(!is_left(&record("1"), &Value::Null));
    }
}
