//! The features of Coder and which of them Roster has (docs/api/deployment.md#entitlements).

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::time::Timestamp;

/// Every feature that clients know, and whether Roster has it.
const FEATURES: [(&str, bool); 27] = [
    ("access_control", false),
    ("advanced_template_scheduling", false),
    ("ai_governance_user_limit", false),
    ("aibridge", false),
    ("appearance", false),
    ("audit_log", false),
    ("boundary", false),
    ("browser_only", false),
    ("connection_log", false),
    ("control_shared_ports", false),
    ("custom_roles", false),
    ("external_provisioner_daemons", false),
    ("external_token_encryption", false),
    ("high_availability", false),
    ("managed_agent_limit", false),
    ("multiple_external_auth", false),
    ("multiple_organizations", false),
    ("scim", false),
    ("service_accounts", true),
    ("task_batch_actions", false),
    // Groups.
    ("template_rbac", false),
    // Seats are counted and not limited.
    (USER_LIMIT, false),
    // Roles from an identity provider.
    ("user_role_management", false),
    ("workspace_batch_actions", false),
    ("workspace_external_agent", false),
    ("workspace_prebuilds", false),
    ("workspace_proxy", false),
];

/// The feature whose `actual` is the number of taken seats.
const USER_LIMIT: &str = "user_limit";

/// The entitlements of the deployment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Entitlements {
    /// The features by name.
    pub features: BTreeMap<&'static str, Feature>,
    /// Always empty.
    pub warnings: [&'static str; 0],
    /// Always empty.
    pub errors: [&'static str; 0],
    /// Always true, because the dashboard shows no feature without a licence.
    pub has_license: bool,
    /// Always false.
    pub trial: bool,
    /// Always false.
    pub require_telemetry: bool,
    /// The time of the answer.
    pub refreshed_at: Timestamp,
}

/// One feature.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Feature {
    /// `entitled` or `not_entitled`.
    pub entitlement: &'static str,
    /// Whether the feature is enabled.
    pub enabled: bool,
    /// The used amount; left out for features without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual: Option<u64>,
}

impl Entitlements {
    /// The entitlements with this number of taken seats.
    pub fn new(seats: u64, now: Timestamp) -> Self {
        let features = FEATURES.into_iter().map(|(name, is_here)| {
            let entitlement = if is_here { "entitled" } else { "not_entitled" };
            let actual = (name == USER_LIMIT).then_some(seats);
            (name, Feature { entitlement, enabled: is_here, actual })
        });
        Self {
            features: features.collect(),
            warnings: [],
            errors: [],
            has_license: true,
            trial: false,
            require_telemetry: false,
            refreshed_at: now,
        }
    }
}
