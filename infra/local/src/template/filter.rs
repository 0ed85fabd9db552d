//! Event filters as Lambda applies them before it calls a function: the words that the template uses, and no others.

use serde_json::Value;

/// A pattern that events are compared with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Filter(Value);

impl Filter {
    /// Reads a pattern; `None` when it says something that [`matches`](Self::matches) does not understand.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let pattern: Value = serde_json::from_str(text).ok()?;
        is_understood(&pattern).then_some(Self(pattern))
    }

    /// Whether an event is let through.
    #[must_use]
    pub fn matches(&self, event: &Value) -> bool {
        matches(&self.0, event)
    }
}

fn is_understood(pattern: &Value) -> bool {
    match pattern {
        Value::Object(fields) => !fields.is_empty() && fields.values().all(is_understood),
        Value::Array(choices) => choices.iter().all(|choice| choice.is_string() || prefix(choice).is_some()),
        _ => false,
    }
}

/// The text of `{"prefix": "…"}`.
fn prefix(choice: &Value) -> Option<&str> {
    let fields = choice.as_object().filter(|fields| fields.len() == 1)?;
    fields.get("prefix")?.as_str()
}

fn matches(pattern: &Value, event: &Value) -> bool {
    match pattern {
        Value::Object(fields) => {
            fields.iter().all(|(name, pattern)| event.get(name).is_some_and(|event| matches(pattern, event)))
        }
        Value::Array(choices) => choices.iter().any(|choice| {
            let starts = |prefix| event.as_str().is_some_and(|text| text.starts_with(prefix));
            choice == event || prefix(choice).is_some_and(starts)
        }),
        _ => false,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use serde_json::json;

    use super::Filter;

    #[test]
    fn every_field_must_match_one_of_its_choices() {
        let filter = Filter::parse(r#"{"name":["A","B"],"key":{"S":[{"prefix":"X#"}]}}"#).unwrap();
        assert!(filter.matches(&json!({ "name": "B", "key": { "S": "X#1" }, "more": 1 })));
        for event in [
            json!({ "name": "C", "key": { "S": "X#1" } }),
            json!({ "name": "A", "key": { "S": "Y#1" } }),
            json!({ "name": "A", "key": { "N": "X#1" } }),
            json!({ "name": "A" }),
        ] {
            assert!(!filter.matches(&event), "{event}");
        }
    }

    #[test]
    fn a_pattern_in_other_words_is_refused() {
        for pattern in ["", "{}", r#"{"a":"b"}"#, r#"{"a":[{"exists":true}]}"#, r#"{"a":[1]}"#, "[]x"] {
            assert_eq!(Filter::parse(pattern), None, "{pattern}");
        }
    }
}
