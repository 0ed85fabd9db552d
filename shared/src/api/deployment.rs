//! What the deployment says of itself (docs/api/deployment.md).

pub mod entitlements;
pub mod options;

use serde::Serialize;
use uuid::Uuid;

use crate::config::Config;

/// What this server calls its version: clients compare major and minor with their own and insist on the leading `v`.
pub const BUILD_VERSION: &str = concat!("v", env!("CARGO_PKG_VERSION"));

/// The build and where it runs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct BuildInfo {
    /// There is no page about this build: the access URL.
    pub external_url: String,
    /// [`BUILD_VERSION`].
    pub version: &'static str,
    /// The access URL.
    pub dashboard_url: String,
    /// Always false: Roster sends no telemetry.
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
    /// Always empty: browsers get no push messages.
    pub webpush_public_key: &'static str,
}

impl BuildInfo {
    /// The build behind that access URL.
    #[must_use]
    pub fn new(config: &Config, deployment_id: Uuid) -> Self {
        Self {
            external_url: config.access_url.clone(),
            version: BUILD_VERSION,
            dashboard_url: config.access_url.clone(),
            telemetry: false,
            workspace_proxy: false,
            agent_api_version: "1.0",
            provisioner_api_version: "1.0",
            upgrade_message: "",
            deployment_id,
            webpush_public_key: "",
        }
    }
}

/// Whether there is a newer version. Roster asks no server, so this version is always current.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct UpdateCheck {
    /// Always true.
    pub current: bool,
    /// [`BUILD_VERSION`].
    pub version: &'static str,
    /// Where that version is: here.
    pub url: String,
}

impl From<&Config> for UpdateCheck {
    fn from(config: &Config) -> Self {
        Self { current: true, version: BUILD_VERSION, url: config.access_url.clone() }
    }
}

/// Experiments that a client may switch on without risk: there are none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct AvailableExperiments {
    /// Always empty.
    pub safe: [&'static str; 0],
}

/// How the dashboard presents itself: as it comes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Appearance {
    /// Always empty: the product's own name.
    pub application_name: &'static str,
    /// Always empty: the product's own logo.
    pub logo_url: &'static str,
    /// There is no other documentation: the access URL.
    pub docs_url: String,
    /// The banner of earlier versions.
    pub service_banner: Banner,
    /// Always empty.
    pub announcement_banners: [Banner; 0],
    /// Always empty.
    pub support_links: [&'static str; 0],
}

/// A banner of the dashboard.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Banner {
    /// Whether it shows.
    pub enabled: bool,
}

impl From<&Config> for Appearance {
    fn from(config: &Config) -> Self {
        Self {
            application_name: "",
            logo_url: "",
            docs_url: config.access_url.clone(),
            service_banner: Banner { enabled: false },
            announcement_banners: [],
            support_links: [],
        }
    }
}

/// From where the deployment is served.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Regions {
    /// The one region.
    pub regions: [Region; 1],
}

/// One place that serves the deployment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Region {
    /// The deployment's own id: it is its primary region.
    pub id: Uuid,
    /// Unique.
    pub name: &'static str,
    /// What people read.
    pub display_name: &'static str,
    /// Always empty.
    pub icon_url: &'static str,
    /// Always true: it answers.
    pub healthy: bool,
    /// The access URL.
    pub path_app_url: String,
    /// Always empty: there are no applications.
    pub wildcard_hostname: &'static str,
}

impl Regions {
    /// The deployment as its own region.
    #[must_use]
    pub fn new(config: &Config, deployment_id: Uuid) -> Self {
        Self {
            regions: [Region {
                id: deployment_id,
                name: "primary",
                display_name: "Default",
                icon_url: "",
                healthy: true,
                path_app_url: config.access_url.clone(),
                wildcard_hostname: "",
            }],
        }
    }
}

/// What `coder config-ssh` writes: the reference's defaults, for workspaces that are not here.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SshConfig {
    /// Begins host names.
    pub hostname_prefix: &'static str,
    /// Ends host names.
    pub hostname_suffix: &'static str,
    /// Always empty.
    pub ssh_config_options: Empty,
}

/// An object without members.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Empty {}

impl Default for SshConfig {
    fn default() -> Self {
        Self { hostname_prefix: "coder.", hostname_suffix: "coder", ssh_config_options: Empty {} }
    }
}

/// A licence of the product: there are none, and nothing needs one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct License {}
