//! The names of scopes, as clients request them and as keys store them. The actions that they allow are in `scope_set`.

/// The scope that allows every action.
pub(super) const ALL: &str = "coder:all";
/// The scope that allows only connections to applications of workspaces.
pub(super) const APPLICATION_CONNECT: &str = "coder:application_connect";

/// The names that a client may request, sorted by bytes. See docs/api/api-keys.md#public-scopes.
///
/// `user:*` is among them although `user:create`, `user:update` and `user:delete` are not.
pub const PUBLIC_SCOPES: [&str; 55] = [
    "api_key:*",
    "api_key:create",
    "api_key:delete",
    "api_key:read",
    "api_key:update",
    ALL,
    "coder:apikeys.manage_self",
    APPLICATION_CONNECT,
    "coder:templates.author",
    "coder:templates.build",
    "coder:workspaces.access",
    "coder:workspaces.create",
    "coder:workspaces.delete",
    "coder:workspaces.operate",
    "file:*",
    "file:create",
    "file:read",
    "organization:*",
    "organization:delete",
    "organization:read",
    "organization:update",
    "task:*",
    "task:create",
    "task:delete",
    "task:read",
    "task:update",
    "template:*",
    "template:create",
    "template:delete",
    "template:read",
    "template:update",
    "template:use",
    "user:*",
    "user:read",
    "user:read_personal",
    "user:update_personal",
    "user_secret:*",
    "user_secret:create",
    "user_secret:delete",
    "user_secret:read",
    "user_secret:update",
    "user_skill:*",
    "user_skill:create",
    "user_skill:delete",
    "user_skill:read",
    "user_skill:update",
    "workspace:*",
    "workspace:application_connect",
    "workspace:create",
    "workspace:delete",
    "workspace:read",
    "workspace:ssh",
    "workspace:start",
    "workspace:stop",
    "workspace:update",
];

/// Whether a client may request this canonical name.
pub fn is_public_scope(name: &str) -> bool {
    PUBLIC_SCOPES.binary_search(&name).is_ok()
}

/// The name under which a scope is stored. The two legacy names get a prefix; other names are unchanged.
///
/// Deviation: docs/api/deviations.md#legacy-names-in-scopes. Coder accepts the legacy names only in the field `scope`,
/// and fails if `scopes` contains one.
pub fn canonical_scope(name: &str) -> &str {
    match name {
        "all" => ALL,
        "application_connect" => APPLICATION_CONNECT,
        other => other,
    }
}

/// The value of the deprecated field `scope` of a key with these canonical names; often empty. See
/// docs/api/api-keys.md#key-object.
pub fn legacy_scope(names: &[String]) -> &'static str {
    let contains = |wanted: &str| names.iter().any(|name| name == wanted);
    if contains(APPLICATION_CONNECT) {
        "application_connect"
    } else if contains(ALL) {
        "all"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::{canonical_scope, is_public_scope, legacy_scope};

    #[test]
    fn internal_and_unknown_names_are_not_public() {
        for name in [
            "debug_info:read",
            "user:create",
            "user:delete",
            "user:update",
            "organization:create",
            "assign_role:*",
            "all",
            "*:*",
            "",
        ] {
            assert!(!is_public_scope(name), "{name}");
        }
    }

    #[test]
    fn legacy_names_become_canonical_and_public() {
        assert_eq!(canonical_scope("all"), "coder:all");
        assert_eq!(canonical_scope("application_connect"), "coder:application_connect");
        assert_eq!(canonical_scope("user:read"), "user:read");
        assert_eq!(canonical_scope("All"), "All");
    }

    #[test]
    fn the_deprecated_field_prefers_application_connect() {
        let legacy = |names: &[&str]| legacy_scope(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
        assert_eq!(legacy(&["coder:all"]), "all");
        assert_eq!(legacy(&["coder:all", "coder:application_connect"]), "application_connect");
        assert_eq!(legacy(&["user:read", "api_key:*"]), "");
        assert_eq!(legacy(&[]), "");
    }
}
