//! Metrics for CloudWatch, as log lines in the embedded metric format.

use serde_json::{Map, Value, json};

use crate::domain::time::Timestamp;

/// The namespace of all metrics.
const NAMESPACE: &str = "Roster";

/// Writes metrics with the dimension `Table`, which identifies the deployment.
pub struct Metrics {
    table: String,
    write: Box<dyn Fn(&str) + Send + Sync>,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metrics").field("table", &self.table).finish_non_exhaustive()
    }
}

impl Metrics {
    /// Metrics of the deployment with this table. `write` receives each line without its line end.
    pub fn new(table: &str, write: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { table: table.to_owned(), write: Box::new(write) }
    }

    /// Metrics to standard output, which is the log of a function.
    pub fn to_log(table: &str) -> Self {
        Self::new(table, |line| {
            use std::io::Write;
            // Without a log there is no place to report the failure.
            let _gone = writeln!(std::io::stdout(), "{line}");
        })
    }

    /// Adds to counters in one line. Writes no line if all counts are zero.
    pub fn count(&self, now: Timestamp, counts: &[(&str, u64)]) {
        let counts: Vec<_> = counts.iter().filter(|(_, count)| *count > 0).collect();
        if counts.is_empty() {
            return;
        }
        let metrics: Vec<Value> = counts.iter().map(|(name, _)| json!({ "Name": name, "Unit": "Count" })).collect();
        let mut line = Map::from_iter([
            (
                "_aws".to_owned(),
                json!({
                    "Timestamp": now.micros() / 1000,
                    "CloudWatchMetrics": [{ "Namespace": NAMESPACE, "Dimensions": [["Table"]], "Metrics": metrics }],
                }),
            ),
            ("Table".to_owned(), json!(self.table)),
        ]);
        line.extend(counts.into_iter().map(|(name, count)| ((*name).to_owned(), json!(count))));
        (self.write)(&Value::Object(line).to_string());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use serde_json::{Value, json};

    use super::Metrics;
    use crate::domain::time::Timestamp;

    #[test]
    fn counters_above_zero_are_one_line_and_zeros_are_left_out() {
        let (sender, lines) = mpsc::channel();
        let metrics = Metrics::new("Roster", move |line| sender.send(line.to_owned()).unwrap());
        metrics.count(Timestamp::EPOCH, &[("MailSent", 0)]);
        metrics.count(Timestamp::from_micros(1_000_000).unwrap(), &[("MailSent", 0), ("MailDead", 2)]);
        let line: Value = serde_json::from_str(&lines.try_recv().unwrap()).unwrap();
        let expected = json!({
            "_aws": {
                "Timestamp": 1000,
                "CloudWatchMetrics": [{
                    "Namespace": "Roster",
                    "Dimensions": [["Table"]],
                    "Metrics": [{ "Name": "MailDead", "Unit": "Count" }],
                }],
            },
            "Table": "Roster",
            "MailDead": 2,
        });
        assert_eq!(line, expected);
        assert!(lines.try_recv().is_err());
    }
}
