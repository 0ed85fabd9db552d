//! `infra/template.yaml`, read into what local mode needs of it: the table, and each function's schedules and
//! permissions. Routes are not read: the template's are generated from the same table as the gateway's. Nothing here knows how any of that is served.

mod cloudformation;
mod document;
mod filter;

use std::time::Duration;

pub use self::filter::Filter;

/// The deployed template itself.
const SOURCE: &str = include_str!("../../template.yaml");

/// What the template declares.
#[derive(Clone, Debug)]
pub struct Template {
    /// The one table.
    pub table: Table,
    /// Every function, in the template's order.
    pub functions: Vec<Function>,
}

/// A table: keys, indexes, and the attribute that says when an item may go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Table {
    /// The primary key.
    pub key: Key,
    /// Attributes that keys are made of.
    pub attributes: Vec<Attribute>,
    /// Global secondary indexes.
    pub indexes: Vec<Index>,
    /// Name of the attribute that holds seconds since the Unix epoch; `None` when time to live is off.
    pub ttl_attribute: Option<String>,
    /// What the records of the table's stream show, such as `KEYS_ONLY`; `None` without a stream.
    pub stream_view: Option<String>,
}

/// A primary key, by the names of its attributes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Key {
    /// The partition key.
    pub partition: String,
    /// The sort key.
    pub sort: String,
}

/// An attribute of a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its type in DynamoDB's letters: `S`, `N` or `B`.
    pub kind: String,
}

/// A global secondary index.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Its key.
    pub key: Key,
    /// What its items hold.
    pub projection: Projection,
}

/// What the items of an index hold beside the keys.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Projection {
    /// Everything.
    All,
    /// Nothing.
    KeysOnly,
    /// These attributes.
    Include(Vec<String>),
}

/// A Lambda function.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Function {
    /// The binary it is built from, such as `users`: what local mode and `cargo lambda` call it.
    pub name: String,
    /// When it runs by itself.
    pub schedules: Vec<Schedule>,
    /// How it is called with what happens in the table.
    pub streams: Vec<StreamSource>,
    /// What it may do.
    pub permissions: Vec<Permission>,
}

/// A schedule of the form `rate(1 hour)`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Schedule {
    /// Time between two runs.
    pub every: Duration,
}

/// A subscription to the table's stream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StreamSource {
    /// The most records of one call.
    pub batch_size: usize,
    /// A record that matches none of them is skipped; without any, none is.
    pub filters: Vec<Filter>,
}

/// One statement of a function's policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Permission {
    /// Allowed actions, such as `dynamodb:Query`.
    pub actions: Vec<String>,
    /// On what.
    pub resource: Resource,
}

/// What a permission is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Resource {
    /// The table itself.
    Table,
    /// The index of that name.
    Index(String),
    /// The table's stream.
    Stream,
    /// The queue of that logical id.
    Queue(String),
}

/// Why a template cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// It is not YAML, or not of the form of a template.
    #[error("the template cannot be read")]
    Unreadable(#[from] serde_yaml_ng::Error),
    /// A resource is not of the form that this program knows.
    #[error("{resource} in the template is not of the expected form")]
    Form {
        /// Its logical id.
        resource: String,
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
    /// Something is missing or says what this program cannot do.
    #[error("{place} in the template: {problem}")]
    Unsupported {
        /// Where, by logical id.
        place: String,
        /// What is wrong there.
        problem: String,
    },
}

impl Template {
    /// The template that this program was built with.
    pub fn bundled() -> Result<Self, TemplateError> {
        Self::parse(SOURCE)
    }

    /// Reads a template from its text.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let (table, functions) = document::read(&cloudformation::resources(text)?)?;
        Ok(Self { table, functions })
    }

    /// The function of that name.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.name == name)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::{Index, Key, Permission, Projection, Resource, Schedule, Template};

    fn key(partition: &str, sort: &str) -> Key {
        Key { partition: partition.to_owned(), sort: sort.to_owned() }
    }

    #[test]
    fn the_table_has_its_keys_indexes_and_time_to_live() {
        let table = Template::bundled().unwrap().table;
        assert_eq!(table.key, key("PK", "SK"));
        assert_eq!(table.ttl_attribute.as_deref(), Some("ttl"));
        let seen = Index {
            name: "ActiveByLastSeen".to_owned(),
            key: key("active_partition", "last_seen_at"),
            projection: Projection::Include(vec!["id".to_owned()]),
        };
        let tokens =
            Index { name: "Tokens".to_owned(), key: key("token_listing", "created_at"), projection: Projection::All };
        assert_eq!(table.indexes, [seen, tokens]);
        assert_eq!(table.attributes.iter().filter(|attribute| attribute.kind == "N").count(), 2);
    }

    #[test]
    fn the_dormancy_function_runs_hourly_and_may_query_its_index_alone() {
        let template = Template::bundled().unwrap();
        let dormancy = template.function("dormancy").unwrap();
        assert_eq!(dormancy.schedules, [Schedule { every: Duration::from_hours(1) }]);
        let queries: Vec<&Permission> = dormancy
            .permissions
            .iter()
            .filter(|permission| permission.actions.iter().any(|action| action == "dynamodb:Query"))
            .collect();
        assert_eq!(queries.len(), 1);
        assert_eq!(queries[0].resource, Resource::Index("ActiveByLastSeen".to_owned()));
    }

    #[test]
    fn the_mailer_hears_of_new_messages_alone() {
        let template = Template::bundled().unwrap();
        assert_eq!(template.table.stream_view.as_deref(), Some("KEYS_ONLY"));
        let [stream] = &*template.function("mailer").unwrap().streams else { panic!("it has one stream") };
        assert_eq!(stream.batch_size, 10);
        let record = |name: &str, partition: &str| json!({ "eventName": name, "dynamodb": { "Keys": { "PK": { "S": partition } } } });
        let heard = |record: &Value| stream.filters.iter().any(|filter| filter.matches(record));
        assert!(heard(&record("INSERT", "OUTBOX#3")));
        assert!(!heard(&record("MODIFY", "OUTBOX#3")));
        assert!(!heard(&record("INSERT", "USER#0aB9zZ")));
    }

    #[test]
    fn no_function_may_do_everything() {
        for function in Template::bundled().unwrap().functions {
            assert!(!function.permissions.is_empty(), "{}", function.name);
            for permission in function.permissions {
                assert!(permission.actions.iter().all(|action| !action.contains('*')), "{}", function.name);
            }
        }
    }

    #[test]
    fn a_template_that_cannot_be_played_says_where() {
        let source = super::SOURCE;
        for (from, to, place) in [
            ("rate(1 hour)", "cron(0 3 * * ? *)", "DormancyFunction"),
            ("rate(1 hour)", "rate(0 hours)", "DormancyFunction"),
            ("{ Binary: keys }", "{}", "KeysFunction"),
            ("Type: ScheduleV2", "Type: SQS", "DormancyFunction"),
            ("EventSourceArn: !GetAtt Table.StreamArn", "EventSourceArn: !GetAtt Other.StreamArn", "MailerStream"),
            ("FunctionName: !Ref MailerFunction", "FunctionName: !Ref NoFunction", "MailerStream"),
            (r#"[{"prefix":"OUTBOX#"}]"#, r#"[{"suffix":"OUTBOX#"}]"#, "MailerStream"),
            ("!GetAtt MailerFailures.Arn", "!GetAtt MailerFailures.Name", "MailerFunction"),
            ("/index/Tokens", "/stream/Tokens", "KeysFunction"),
            ("KeyType: HASH", "KeyType: HUSH", "Table"),
            ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "Table"),
        ] {
            let changed = source.replace(from, to);
            assert_ne!(changed, source, "{from}");
            let error = Template::parse(&changed).unwrap_err().to_string();
            assert!(error.contains(place), "{from} -> {to}: {error}");
        }
    }
}
