//! CloudFormation's short tags in YAML: `!Ref X` is read as `{"Ref": "X"}`, so that one set of types reads all.

use serde_json::{Map, Value};
use serde_yaml_ng::Value as Yaml;
use serde_yaml_ng::value::TaggedValue;

use super::TemplateError;

/// The template's resources by logical id, in the template's order.
pub(super) fn resources(text: &str) -> Result<Vec<(String, Value)>, TemplateError> {
    let document: Yaml = serde_yaml_ng::from_str(text)?;
    let resources = document.get("Resources").and_then(Yaml::as_mapping);
    let resources = resources.ok_or_else(|| TemplateError::Unsupported {
        place: "Resources".to_owned(),
        problem: "there are none".to_owned(),
    })?;
    Ok(resources.iter().map(|(id, resource)| (key(id), long_form(resource))).collect())
}

fn key(key: &Yaml) -> String {
    key.as_str().unwrap_or_default().to_owned()
}

/// The same value as JSON, its tags spelled out.
fn long_form(value: &Yaml) -> Value {
    match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => Value::Bool(*value),
        Yaml::Number(number) => number.as_i64().map_or_else(|| Value::from(number.as_f64()), Value::from),
        Yaml::String(text) => Value::String(text.clone()),
        Yaml::Sequence(items) => items.iter().map(long_form).collect(),
        Yaml::Mapping(entries) => entries.iter().map(|(name, value)| (key(name), long_form(value))).collect(),
        Yaml::Tagged(tagged) => intrinsic(tagged),
    }
}

/// `!Name value` as `{"Fn::Name": value}`; `Ref` alone has no prefix.
fn intrinsic(tagged: &TaggedValue) -> Value {
    let tag = tagged.tag.to_string();
    let name = tag.trim_start_matches('!');
    let name = if name == "Ref" { name.to_owned() } else { format!("Fn::{name}") };
    Value::Object(Map::from_iter([(name, long_form(&tagged.value))]))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use serde_json::json;

    use super::resources;

    #[test]
    fn short_tags_are_spelled_out_and_the_order_is_kept() {
        let text = "Resources:\n  B: !Ref Table\n  A: [!GetAtt Table.Arn, { x: !Sub '${Table}/y', n: 1 }]\n";
        let expected = vec![
            ("B".to_owned(), json!({"Ref": "Table"})),
            ("A".to_owned(), json!([{"Fn::GetAtt": "Table.Arn"}, {"x": {"Fn::Sub": "${Table}/y"}, "n": 1}])),
        ];
        assert_eq!(resources(text).unwrap(), expected);
    }

    #[test]
    fn a_document_without_resources_is_no_template() {
        assert!(resources("Parameters: {}").is_err());
    }
}
