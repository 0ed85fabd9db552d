//! What the deployment says of itself (Spec: auth 9).

use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::config::Config;

/// What this server calls its version: clients compare major and minor with their own and insist on the leading `v`.
pub const BUILD_VERSION: &str = concat!("v", env!("CARGO_PKG_VERSION"));

/// The build and where it runs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct BuildInfo {
    /// Always empty: there is no page about this build.
    pub external_url: &'static str,
    /// [`BUILD_VERSION`].
    pub version: &'static str,
    /// The access URL.
    pub dashboard_url: String,
    /// Always false: nothing is reported to anybody.
    pub telemetry: bool,
    /// Always false.
    pub workspace_proxy: bool,
    /// No agents connect here.
    pub agent_api_version: &'static str,
    /// No provisioners connect here.
    pub provisioner_api_version: &'static str,
    /// Always empty: the CLI's own advice is right.
    pub upgrade_message: &'static str,
    /// The same for every answer of a deployment.
    pub deployment_id: Uuid,
}

impl From<&Config> for BuildInfo {
    fn from(config: &Config) -> Self {
        Self {
            external_url: "",
            version: BUILD_VERSION,
            dashboard_url: config.access_url.clone(),
            telemetry: false,
            workspace_proxy: false,
            agent_api_version: "1.0",
            provisioner_api_version: "1.0",
            upgrade_message: "",
            deployment_id: deployment_id(config),
        }
    }
}

/// A UUID that every function derives alike, without asking the database.
fn deployment_id(config: &Config) -> Uuid {
    let digest = Sha256::digest(format!("roster deployment {} {}", config.access_url, config.table));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
