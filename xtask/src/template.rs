//! Generates the parts of `infra/template.yaml` that depend on the table of functions or on the schema of the table.

use std::collections::BTreeMap;

use roster::storage::dynamodb::keys::OUTBOX_PREFIX;
use roster::storage::dynamodb::table::{INDEXES, PK, SK, TTL};
use roster_local::{DEFAULT, Group, Job, OUTBOX_BATCH_SIZE, Permissions, Trigger, gateway_routes};

/// The policy statements of a function for the table and its indexes.
pub(crate) fn statements(permissions: Permissions) -> String {
    let mut text = String::from("            - Effect: Allow\n              Action:\n");
    for action in permissions.actions {
        text.extend([format!("                - dynamodb:{action}\n")]);
    }
    text += "              Resource: !GetAtt Table.Arn\n";
    for index in permissions.indexes {
        text += "            - Effect: Allow\n              Action: dynamodb:Query\n";
        text.extend([format!("              Resource: !Sub ${{Table.Arn}}/index/{index}\n")]);
    }
    text
}

/// The events of a function: one for each route of the gateway to it.
pub(crate) fn events(group: &Group) -> String {
    let mut text = String::new();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let routes = gateway_routes();
    for route in routes.iter().filter(|route| route.function == group.name) {
        let count = seen.entry(route.operation).or_default();
        *count += 1;
        // An operation with several paths needs several names.
        let number = if *count == 1 { String::new() } else { count.to_string() };
        let event = format!(
            "Type: HttpApi, Properties: {{ ApiId: !Ref Api, Method: {}, Path: \"{}\" }}",
            route.method, route.path
        );
        text.extend([format!("        {}{number}: {{ {event} }}\n", event_name(route.operation))]);
    }
    if group.name == DEFAULT {
        text += "        Default: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: $default, Method: ANY } }\n";
    }
    text
}

/// The event source of a function without routes; `None` if an operator calls it.
pub(crate) fn trigger(job: &Job) -> Option<String> {
    match job.trigger {
        Trigger::Operator => None,
        Trigger::Schedule(every) => {
            let minutes = every.as_secs() / 60;
            let unit = if minutes == 1 { "minute" } else { "minutes" };
            Some(format!("            ScheduleExpression: rate({minutes} {unit})\n"))
        }
        Trigger::Outbox => {
            let keys = format!(r#"{{"{PK}":{{"S":[{{"prefix":"{OUTBOX_PREFIX}"}}]}}}}"#);
            let pattern = format!(r#"{{"eventName":["INSERT"],"dynamodb":{{"Keys":{keys}}}}}"#);
            Some(format!(
                "      BatchSize: {OUTBOX_BATCH_SIZE}\n      FilterCriteria:\n        Filters:\n          - Pattern: '{pattern}'\n"
            ))
        }
    }
}

/// Keys, indexes and time to live of the table.
pub(crate) fn table() -> String {
    let attribute = |name, kind| format!("        - {{ AttributeName: {name}, AttributeType: {kind} }}\n");
    let mut attributes = attribute(PK, "S") + &attribute(SK, "S");
    let mut indexes = String::new();
    for index in INDEXES {
        attributes += &(attribute(index.partition_key, "S") + &attribute(index.sort_key, "N"));
        let projection = match index.projection {
            None => "ProjectionType: ALL".to_owned(),
            Some(names) => format!("ProjectionType: INCLUDE, NonKeyAttributes: [{}]", names.join(", ")),
        };
        let keys = key_schema("            ", index.partition_key, index.sort_key);
        let head = format!("        - IndexName: {}\n          KeySchema:\n", index.name);
        indexes += &(head + &keys + &format!("          Projection: {{ {projection} }}\n"));
    }
    format!(
        "      TimeToLiveSpecification: {{ AttributeName: {TTL}, Enabled: true }}\n      AttributeDefinitions:\n{attributes}      \
         KeySchema:\n{}      GlobalSecondaryIndexes:\n{indexes}",
        key_schema("        ", PK, SK)
    )
}

fn key_schema(indentation: &str, partition: &str, sort: &str) -> String {
    let element = |name, kind| format!("{indentation}- {{ AttributeName: {name}, KeyType: {kind} }}\n");
    element(partition, "HASH") + &element(sort, "RANGE")
}

/// Turns `get-user-roles` into `GetUserRoles`, because the name of an event contains only letters and digits.
fn event_name(operation: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().to_string() + letters.as_str()).unwrap_or_default()
    };
    operation.split('-').map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::event_name;

    #[test]
    fn an_event_is_named_after_its_operation() {
        assert_eq!(event_name("get-user-roles"), "GetUserRoles");
    }
}
