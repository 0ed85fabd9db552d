//! Conditions on items and changes of their attributes, and the expressions that DynamoDB takes for both. Placeholders
//! are numbered per operation, so several conditions and a change share one operation without a collision.

use aws_sdk_dynamodb::types::AttributeValue;

use uuid::Uuid;

use super::items::Attributes;
use super::table::PK;

/// Why a write was refused: what it means that a condition does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Conflict {
    /// The caller's permissions or API key changed.
    Authz,
    /// The record is no longer the one that was read.
    Version,
    /// The short id of a new user is taken.
    ShortId,
    /// The username is taken.
    Username,
    /// The e-mail address is taken.
    Email,
    /// The first user exists already.
    FirstUser,
    /// No owner would be left.
    LastOwner,
    /// This organization does not exist.
    Organization(Uuid),
    /// The id of a new key is taken.
    KeyId,
    /// The token name is taken.
    TokenName,
    /// The passcode was used or replaced.
    Passcode,
    /// The item to change does not exist.
    Missing,
    /// The item to create exists.
    Exists,
}

/// A condition, and what a write reports when it does not hold.
#[derive(Clone, Debug)]
pub(super) struct Precondition {
    pub(super) condition: Condition,
    pub(super) on_failure: Conflict,
}

/// What must hold of the stored item. A comparison with a missing attribute does not hold.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    /// The item does not exist.
    Absent,
    /// The item exists.
    Exists,
    /// The attribute has this value.
    Equals(&'static str, AttributeValue),
    /// The attribute is at least this value.
    AtLeast(&'static str, AttributeValue),
    /// The attribute is below this value.
    Below(&'static str, AttributeValue),
    /// The attribute is missing.
    Lacks(&'static str),
    /// The attribute is a set of two or more.
    HasSeveral(&'static str),
    /// All of them hold.
    All(Vec<Condition>),
    /// At least one of them holds.
    Any(Vec<Condition>),
}

impl Condition {
    /// The condition with the conflict that its failure means.
    pub(super) fn otherwise(self, on_failure: Conflict) -> Precondition {
        Precondition { condition: self, on_failure }
    }

    fn render(&self, placeholders: &mut Placeholders) -> String {
        let mut compare = |attribute: &str, operator: &str, value: &AttributeValue| {
            format!("{} {operator} {}", placeholders.name(attribute), placeholders.value(value))
        };
        match self {
            Self::Absent => format!("attribute_not_exists({PK})"),
            Self::Exists => format!("attribute_exists({PK})"),
            Self::Equals(attribute, value) => compare(attribute, "=", value),
            Self::AtLeast(attribute, value) => compare(attribute, ">=", value),
            Self::Below(attribute, value) => compare(attribute, "<", value),
            Self::Lacks(attribute) => format!("attribute_not_exists({})", placeholders.name(attribute)),
            Self::HasSeveral(attribute) => {
                let one = AttributeValue::N("1".to_owned());
                format!("size({}) > {}", placeholders.name(attribute), placeholders.value(&one))
            }
            Self::All(parts) => joined(parts, " AND ", placeholders),
            Self::Any(parts) => joined(parts, " OR ", placeholders),
        }
    }
}

fn joined(parts: &[Condition], operator: &str, placeholders: &mut Placeholders) -> String {
    let parts: Vec<String> = parts.iter().map(|part| part.render(placeholders)).collect();
    format!("({})", parts.join(operator))
}

/// How one attribute changes.
#[derive(Clone, Debug)]
enum Edit {
    Set(AttributeValue),
    Remove,
    Add(AttributeValue),
    DeleteFromSet(AttributeValue),
}

/// Changes of an item's attributes; the other attributes stay as they are.
#[derive(Clone, Debug, Default)]
pub(super) struct Change(Vec<(String, Edit)>);

impl Change {
    fn edit(mut self, attribute: &str, edit: Edit) -> Self {
        self.0.push((attribute.to_owned(), edit));
        self
    }

    /// Sets the attribute.
    pub(super) fn set(self, attribute: &str, value: AttributeValue) -> Self {
        self.edit(attribute, Edit::Set(value))
    }

    /// Removes the attribute.
    pub(super) fn remove(self, attribute: &str) -> Self {
        self.edit(attribute, Edit::Remove)
    }

    /// Adds to a number or to a set. A missing number counts as zero, a missing set as empty.
    pub(super) fn add(self, attribute: &str, value: AttributeValue) -> Self {
        self.edit(attribute, Edit::Add(value))
    }

    /// Removes elements from a set.
    pub(super) fn delete_from_set(self, attribute: &str, elements: AttributeValue) -> Self {
        self.edit(attribute, Edit::DeleteFromSet(elements))
    }

    fn render(&self, placeholders: &mut Placeholders) -> String {
        let mut clauses = [("SET", Vec::new()), ("REMOVE", Vec::new()), ("ADD", Vec::new()), ("DELETE", Vec::new())];
        for (attribute, edit) in &self.0 {
            let name = placeholders.name(attribute);
            let (clause, term) = match edit {
                Edit::Set(value) => (0, format!("{name} = {}", placeholders.value(value))),
                Edit::Remove => (1, name),
                Edit::Add(value) => (2, format!("{name} {}", placeholders.value(value))),
                Edit::DeleteFromSet(elements) => (3, format!("{name} {}", placeholders.value(elements))),
            };
            clauses[clause].1.push(term);
        }
        let used = clauses.iter().filter(|(_, terms)| !terms.is_empty());
        let rendered: Vec<String> = used.map(|(keyword, terms)| format!("{keyword} {}", terms.join(", "))).collect();
        rendered.join(" ")
    }
}

/// Names and values that expressions refer to as `#n0`, `:v0` and so on.
#[derive(Default)]
struct Placeholders {
    names: Vec<String>,
    values: Vec<AttributeValue>,
}

impl Placeholders {
    fn name(&mut self, attribute: &str) -> String {
        let known = self.names.iter().position(|name| name == attribute);
        let index = known.unwrap_or_else(|| {
            self.names.push(attribute.to_owned());
            self.names.len() - 1
        });
        format!("#n{index}")
    }

    fn value(&mut self, value: &AttributeValue) -> String {
        self.values.push(value.clone());
        format!(":v{}", self.values.len() - 1)
    }
}

/// The expressions of one operation, as the builders of the SDK take them: DynamoDB refuses empty maps.
pub(super) struct Expressions {
    pub(super) change: Option<String>,
    pub(super) condition: Option<String>,
    pub(super) names: Option<std::collections::HashMap<String, String>>,
    pub(super) values: Option<Attributes>,
}

impl Expressions {
    /// Of a change, where there is one, on the condition that all preconditions hold.
    pub(super) fn of(change: Option<&Change>, preconditions: &[Precondition]) -> Self {
        let mut placeholders = Placeholders::default();
        let change = change.map(|change| change.render(&mut placeholders));
        let conditions: Vec<String> =
            preconditions.iter().map(|precondition| precondition.condition.render(&mut placeholders)).collect();
        let numbered = |prefix: &str, index: usize| format!("{prefix}{index}");
        let names = placeholders.names.into_iter().enumerate().map(|(index, name)| (numbered("#n", index), name));
        let values = placeholders.values.into_iter().enumerate().map(|(index, value)| (numbered(":v", index), value));
        Self {
            change,
            condition: (!conditions.is_empty()).then(|| conditions.join(" AND ")),
            names: Some(names.collect()).filter(|names: &std::collections::HashMap<_, _>| !names.is_empty()),
            values: Some(values.collect()).filter(|values: &Attributes| !values.is_empty()),
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;

    use super::{Change, Condition, Conflict, Expressions};

    fn number(number: u8) -> AttributeValue {
        AttributeValue::N(number.to_string())
    }

    #[test]
    fn a_change_and_two_conditions_on_one_attribute_keep_their_values() {
        let change = Change::default().set("version", number(3)).remove("record").add("users", number(4));
        let conditions = [
            Condition::Equals("version", number(1)).otherwise(Conflict::Version),
            Condition::Any(vec![Condition::Absent, Condition::AtLeast("version", number(2))])
                .otherwise(Conflict::Authz),
        ];
        let expressions = Expressions::of(Some(&change), &conditions);
        assert_eq!(expressions.change.as_deref(), Some("SET #n0 = :v0 REMOVE #n1 ADD #n2 :v1"));
        let condition = "#n0 = :v2 AND (attribute_not_exists(PK) OR #n0 >= :v3)";
        assert_eq!(expressions.condition.as_deref(), Some(condition));
        let values = expressions.values.unwrap_or_default();
        assert_eq!([":v0", ":v1", ":v2", ":v3"].map(|name| values[name].clone()), [3, 4, 1, 2].map(number));
    }

    #[test]
    fn a_write_without_conditions_has_no_expression() {
        let expressions = Expressions::of(None, &[]);
        assert!(expressions.condition.is_none() && expressions.names.is_none() && expressions.values.is_none());
    }
}
