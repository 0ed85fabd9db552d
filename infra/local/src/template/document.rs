//! From the template's own words to this program's: what is missing or unknown is refused, never guessed.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::{
    Attribute, Filter, Function, Index, Key, Permission, Projection, Resource, Schedule, StreamSource, Table,
    TemplateError,
};

/// The table and the functions among a template's resources.
pub(super) fn read(resources: &[(String, Value)]) -> Result<(Table, Vec<Function>), TemplateError> {
    let mut table = None;
    let mut functions: Vec<(&str, Function)> = Vec::new();
    let mut streams = Vec::new();
    for (id, resource) in resources {
        match resource.get("Type").and_then(Value::as_str) {
            Some("AWS::DynamoDB::Table") => table = Some(read_table(id, resource)?),
            Some("AWS::Serverless::Function") => functions.push((id, read_function(id, resource)?)),
            Some("AWS::Lambda::EventSourceMapping") => streams.push((id, read_stream(id, resource)?)),
            _ => {}
        }
    }
    for (id, (function, stream)) in streams {
        let found = functions.iter_mut().find(|(name, _)| *name == function);
        let (_, found) = found.ok_or_else(|| unsupported(id, format!("there is no function {function}")))?;
        found.streams.push(stream);
    }
    let table = table.ok_or_else(|| unsupported("Table", "there is no table"))?;
    Ok((table, functions.into_iter().map(|(_, function)| function).collect()))
}

fn unsupported(place: &str, problem: impl Into<String>) -> TemplateError {
    TemplateError::Unsupported { place: place.to_owned(), problem: problem.into() }
}

fn typed<T: DeserializeOwned>(id: &str, value: &Value) -> Result<T, TemplateError> {
    T::deserialize(value).map_err(|source| TemplateError::Form { resource: id.to_owned(), source })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TableResource {
    properties: TableProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TableProperties {
    attribute_definitions: Vec<AttributeDefinition>,
    key_schema: Vec<KeyElement>,
    #[serde(default)]
    global_secondary_indexes: Vec<IndexProperties>,
    time_to_live_specification: Option<TimeToLive>,
    stream_specification: Option<StreamSpecification>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AttributeDefinition {
    attribute_name: String,
    attribute_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeyElement {
    attribute_name: String,
    key_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct IndexProperties {
    index_name: String,
    key_schema: Vec<KeyElement>,
    projection: ProjectionProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ProjectionProperties {
    projection_type: String,
    #[serde(default)]
    non_key_attributes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TimeToLive {
    attribute_name: String,
    enabled: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StreamSpecification {
    stream_view_type: String,
}

fn read_table(id: &str, resource: &Value) -> Result<Table, TemplateError> {
    let table = typed::<TableResource>(id, resource)?.properties;
    let attributes = table.attribute_definitions.into_iter();
    let indexes = table.global_secondary_indexes.into_iter().map(|index| read_index(id, index));
    Ok(Table {
        key: read_key(id, &table.key_schema)?,
        attributes: attributes.map(|it| Attribute { name: it.attribute_name, kind: it.attribute_type }).collect(),
        indexes: indexes.collect::<Result<_, _>>()?,
        ttl_attribute: table.time_to_live_specification.filter(|ttl| ttl.enabled).map(|ttl| ttl.attribute_name),
        stream_view: table.stream_specification.map(|stream| stream.stream_view_type),
    })
}

fn read_index(id: &str, index: IndexProperties) -> Result<Index, TemplateError> {
    let projection = match index.projection.projection_type.as_str() {
        "ALL" => Projection::All,
        "KEYS_ONLY" => Projection::KeysOnly,
        "INCLUDE" => Projection::Include(index.projection.non_key_attributes),
        other => return Err(unsupported(id, format!("no projection is called {other}"))),
    };
    Ok(Index { key: read_key(id, &index.key_schema)?, name: index.index_name, projection })
}

fn read_key(id: &str, schema: &[KeyElement]) -> Result<Key, TemplateError> {
    let element = |kind: &str| {
        let element = schema.iter().find(|element| element.key_type == kind);
        let missing = || unsupported(id, format!("a key lacks its {kind} attribute"));
        element.map(|element| element.attribute_name.clone()).ok_or_else(missing)
    };
    Ok(Key { partition: element("HASH")?, sort: element("RANGE")? })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FunctionResource {
    metadata: FunctionMetadata,
    properties: FunctionProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FunctionMetadata {
    build_properties: BuildProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BuildProperties {
    binary: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FunctionProperties {
    #[serde(default)]
    policies: Vec<Policy>,
    #[serde(default)]
    events: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    statement: Vec<Statement>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    action: OneOrMany,
    resource: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
#[serde(tag = "Type", content = "Properties")]
enum Event {
    /// A route, which is generated from the route table.
    HttpApi(IgnoredAny),
    ScheduleV2(ScheduleEvent),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ScheduleEvent {
    schedule_expression: String,
}

fn read_function(id: &str, resource: &Value) -> Result<Function, TemplateError> {
    let function: FunctionResource = typed(id, resource)?;
    let statements = function.properties.policies.into_iter().flat_map(|policy| policy.statement);
    let permissions = statements.map(|statement| read_permission(id, statement)).collect::<Result<_, _>>()?;
    let mut schedules = Vec::new();
    for event in function.properties.events.as_object().into_iter().flat_map(|events| events.values()) {
        match typed(id, event)? {
            Event::HttpApi(IgnoredAny) => {}
            Event::ScheduleV2(event) => schedules.push(read_schedule(id, &event.schedule_expression)?),
        }
    }
    let name = function.metadata.build_properties.binary;
    Ok(Function { name, schedules, streams: Vec::new(), permissions })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MappingResource {
    properties: MappingProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MappingProperties {
    function_name: BTreeMap<String, String>,
    event_source_arn: BTreeMap<String, String>,
    batch_size: usize,
    filter_criteria: FilterCriteria,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FilterCriteria {
    filters: Vec<FilterProperties>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FilterProperties {
    pattern: String,
}

/// The logical id of the function, and how it is called.
fn read_stream(id: &str, resource: &Value) -> Result<(String, StreamSource), TemplateError> {
    let mapping = typed::<MappingResource>(id, resource)?.properties;
    if mapping.event_source_arn.get("Fn::GetAtt").is_none_or(|source| source != "Table.StreamArn") {
        return Err(unsupported(id, "its source is not the table's stream"));
    }
    let function = mapping.function_name.get("Ref").cloned();
    let function = function.ok_or_else(|| unsupported(id, "its function is not named by reference"))?;
    let filters = mapping.filter_criteria.filters.into_iter().map(|filter| {
        let read = Filter::parse(&filter.pattern);
        read.ok_or_else(|| unsupported(id, format!("the filter {} is not understood", filter.pattern)))
    });
    Ok((function, StreamSource { batch_size: mapping.batch_size, filters: filters.collect::<Result<_, _>>()? }))
}

fn read_permission(id: &str, statement: Statement) -> Result<Permission, TemplateError> {
    let actions = match statement.action {
        OneOrMany::One(action) => vec![action],
        OneOrMany::Many(actions) => actions,
    };
    let attribute = statement.resource.get("Fn::GetAtt").map(String::as_str);
    let below_table = statement.resource.get("Fn::Sub").and_then(|arn| arn.strip_prefix("${Table.Arn}/"));
    let resource = match (attribute, below_table) {
        (Some("Table.Arn"), _) => Resource::Table,
        (Some("Table.StreamArn"), _) | (_, Some("stream/*")) => Resource::Stream,
        (Some(attribute), _) if attribute.ends_with(".Arn") => {
            Resource::Queue(attribute.trim_end_matches(".Arn").to_owned())
        }
        (_, Some(place)) if place.starts_with("index/") => {
            Resource::Index(place.trim_start_matches("index/").to_owned())
        }
        _ => return Err(unsupported(id, "a permission is about nothing that this program knows")),
    };
    Ok(Permission { actions, resource })
}

/// `rate(5 minutes)`, `rate(1 hour)`, `rate(2 days)`.
fn read_schedule(id: &str, expression: &str) -> Result<Schedule, TemplateError> {
    let words = expression.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')'));
    let (amount, unit) = words.and_then(|words| words.split_once(' ')).unwrap_or_default();
    let minutes = match unit.trim_end_matches('s') {
        "minute" => 1,
        "hour" => 60,
        "day" => 24 * 60,
        _ => 0,
    };
    match amount.parse::<u64>().unwrap_or_default() * minutes {
        0 => Err(unsupported(id, format!("{expression} is no rate"))),
        minutes => Ok(Schedule { every: Duration::from_secs(minutes * 60) }),
    }
}
