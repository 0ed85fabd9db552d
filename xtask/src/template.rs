//! The parts of `infra/template.yaml` that follow from the functions behind the API: events and policy statements.

use std::collections::BTreeMap;

use roster_local::{DEFAULT, Group, gateway_routes};

/// What a function may do on the table and its indexes, as statements of its policy.
pub(crate) fn statements(group: &Group) -> String {
    let mut text = String::from("            - Effect: Allow\n              Action:\n");
    for action in group.actions {
        text.extend([format!("                - dynamodb:{action}\n")]);
    }
    text += "              Resource: !GetAtt Table.Arn\n";
    for index in group.indexes {
        text += "            - Effect: Allow\n              Action: dynamodb:Query\n";
        text.extend([format!("              Resource: !Sub ${{Table.Arn}}/index/{index}\n")]);
    }
    text
}

/// The routes of the gateway that lead to a function, one event each.
pub(crate) fn events(group: &Group) -> String {
    let mut text = String::new();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let routes = gateway_routes();
    for route in routes.iter().filter(|route| route.function == group.name) {
        let count = seen.entry(route.operation).or_default();
        *count += 1;
        // An operation at several paths needs several names.
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

/// `get-user-roles` becomes `GetUserRoles`: names of events hold letters and digits only.
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
