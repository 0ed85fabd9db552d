//! The table's stream: records become the events that Lambda makes of them, and go to the functions that subscribe to
//! them until each record is settled.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use roster_mailer::Mailer;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::functions;
use crate::template::{Function, StreamSource, Template};

/// How often the stream is looked at; Lambda does so four times a second.
const POLL: Duration = Duration::from_millis(250);
/// Before records that were not settled are delivered again.
const REDELIVERY: Duration = Duration::from_secs(1);
/// The life of an invocation.
const LIFE: TimeDelta = TimeDelta::minutes(15);

/// Where a function is that hears of records.
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

/// Why a function did not take an event.
type CallError = Box<dyn std::error::Error + Send + Sync>;

impl Listener {
    /// The functions of `cargo lambda watch` at an endpoint.
    pub(crate) fn lambda(endpoint: &str) -> Self {
        Self::Lambda { endpoint: endpoint.trim_end_matches('/').to_owned(), client: reqwest::Client::new() }
    }

    /// Calls a function and returns its answer.
    async fn call(&self, function: &str, event: &Value) -> Result<Value, CallError> {
        match self {
            Self::Here(mailer) => {
                let deadline = mailer.now().plus(LIFE);
                let called = functions::run_on_stream(function, mailer, event.clone(), deadline).await;
                called.ok_or("no function of that name hears of records")?
            }
            Self::Lambda { endpoint, client } => {
                let url = format!("{endpoint}/2015-03-31/functions/{function}/invocations");
                let answer = client.post(url).json(event).send().await?.error_for_status()?;
                Ok(answer.json().await?)
            }
        }
    }
}

/// Reads a table's stream from its beginning and calls every function of the template that hears of it: what was
/// settled before is found settled again.
pub(crate) fn start(
    tasks: &mut JoinSet<()>,
    template: &Template,
    database: &dynoxide::Database,
    table: &str,
    listener: &Listener,
) {
    for function in template.functions.iter().filter(|function| !function.streams.is_empty()) {
        tasks.spawn(follow(function.clone(), database.clone(), table.to_owned(), listener.clone()));
    }
}

async fn follow(function: Function, database: dynoxide::Database, table: String, listener: Listener) {
    let mut reader = StreamReader { database, table, position: None };
    let mut ticks = interval(POLL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut deliveries = JoinSet::new();
    loop {
        ticks.tick().await;
        while deliveries.try_join_next().is_some() {}
        let records = match reader.read() {
            Ok(records) => records,
            Err(error) => {
                tracing::error!(%error, "the table's stream cannot be read");
                continue;
            }
        };
        for source in &function.streams {
            for batch in heard(source, &records).chunks(source.batch_size) {
                deliveries.spawn(deliver(listener.clone(), function.name.clone(), batch.to_vec()));
            }
        }
    }
}

/// The records that pass a subscription's filters.
fn heard(source: &StreamSource, records: &[Value]) -> Vec<Value> {
    let passes =
        |record: &&Value| source.filters.is_empty() || source.filters.iter().any(|filter| filter.matches(record));
    records.iter().filter(passes).cloned().collect()
}

/// Delivers records until none is left.
async fn deliver(listener: Listener, function: String, mut records: Vec<Value>) {
    loop {
        match listener.call(&function, &json!({ "Records": records })).await {
            Ok(answer) => records.retain(|record| is_left(record, &answer)),
            Err(error) => tracing::warn!(function, error, "a function did not take its records"),
        }
        if records.is_empty() {
            return;
        }
        tokio::time::sleep(REDELIVERY).await;
    }
}

/// Whether an answer names a record among those to deliver again.
fn is_left(record: &Value, answer: &Value) -> bool {
    let failures = answer["batchItemFailures"].as_array();
    let number = &record["dynamodb"]["SequenceNumber"];
    failures.is_some_and(|failures| failures.iter().any(|failure| failure["itemIdentifier"] == *number))
}

/// Reads the one shard of a table's stream.
struct StreamReader {
    database: dynoxide::Database,
    table: String,
    position: Option<Position>,
}

/// Where the reader stands.
struct Position {
    arn: String,
    iterator: String,
}

/// Why a stream cannot be read.
#[derive(Debug, thiserror::Error)]
enum StreamError {
    #[error(transparent)]
    Database(#[from] dynoxide::DynoxideError),
    #[error("the table has no stream")]
    Missing,
    #[error("a record cannot be written down")]
    Record(#[from] serde_json::Error),
}

impl StreamReader {
    /// The records since the last time, in the form in which Lambda hands them to functions.
    fn read(&mut self) -> Result<Vec<Value>, StreamError> {
        use dynoxide::actions::get_records::GetRecordsRequest;
        let mut found = Vec::new();
        loop {
            let position = match self.position.take() {
                Some(position) => position,
                None => self.beginning()?,
            };
            let request = GetRecordsRequest { shard_iterator: position.iterator.clone(), limit: None };
            let answer = self.database.get_records(request);
            let iterator = answer.as_ref().ok().and_then(|answer| answer.next_shard_iterator.clone());
            let Position { arn, iterator: before } = position;
            let records = answer.map(|answer| answer.records);
            self.position = Some(Position { arn: arn.clone(), iterator: iterator.unwrap_or(before) });
            let records = records?;
            if records.is_empty() {
                return Ok(found);
            }
            for record in records {
                let mut record = serde_json::to_value(record)?;
                record["eventSourceARN"] = Value::from(arn.clone());
                found.push(record);
            }
        }
    }

    fn beginning(&self) -> Result<Position, StreamError> {
        use dynoxide::actions::describe_stream::DescribeStreamRequest;
        use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
        use dynoxide::actions::list_streams::ListStreamsRequest;
        let of_table = ListStreamsRequest { table_name: Some(self.table.clone()), ..Default::default() };
        let stream = self.database.list_streams(of_table)?.streams.pop().ok_or(StreamError::Missing)?;
        let arn = stream.stream_arn;
        let described = DescribeStreamRequest { stream_arn: arn.clone(), ..Default::default() };
        let shard = self.database.describe_stream(described)?.stream_description.shards.pop();
        let request = GetShardIteratorRequest {
            stream_arn: arn.clone(),
            shard_id: shard.ok_or(StreamError::Missing)?.shard_id,
            shard_iterator_type: "TRIM_HORIZON".to_owned(),
            sequence_number: None,
        };
        let iterator = self.database.get_shard_iterator(request)?.shard_iterator.ok_or(StreamError::Missing)?;
        Ok(Position { arn, iterator })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use roster::clock::Random;
    use roster::storage::dynamodb::client;
    use serde_json::{Value, json};

    use super::{StreamReader, heard, is_left};
    use crate::database::{EmbeddedDatabase, create_table};
    use crate::local::Local;
    use crate::options::Options;
    use crate::template::Template;

    /// The names of all fields, deep down, with the kinds of their values.
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
    async fn the_event_has_the_form_of_the_kept_one() {
        let kept: Value = serde_json::from_str(include_str!("../../events/mailer.json")).unwrap();
        let template = Template::bundled().unwrap();
        let local = Local::start(Options::in_memory()).await.unwrap();
        let now = local.app().now();
        let message = local.app().outbox_message(None, now, now).unwrap();
        local.app().store_message(&message).await.unwrap();
        let mut reader = StreamReader { database: local.database(), table: "Roster".to_owned(), position: None };
        let records = reader.read().unwrap();
        assert!(reader.read().unwrap().iter().all(|record| record["eventName"] != "INSERT"));
        let [source] = &*template.function("mailer").unwrap().streams else { panic!("it has one stream") };
        let event = json!({ "Records": heard(source, &records) });
        assert_eq!(form(&event), form(&kept));
        assert_eq!(event["Records"][0]["dynamodb"]["Keys"]["SK"]["S"], message.id.to_string());
        local.stop().await.unwrap();
    }

    #[tokio::test]
    async fn a_reader_goes_on_where_it_stopped() {
        let database = EmbeddedDatabase::memory().await.unwrap();
        let client = client::connect(Some(database.endpoint())).await;
        create_table(&client, "Roster", &Template::bundled().unwrap()).await.unwrap();
        let mut reader = StreamReader { database: database.handle(), table: "Roster".to_owned(), position: None };
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
