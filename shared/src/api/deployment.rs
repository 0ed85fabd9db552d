//! Facts about the deployment on the wire (docs/api/deployment.md).

pub mod entitlements;
pub mod options;

use serde::Serialize;
use uuid::Uuid;

use crate::config::Config;

/// The version of this server. Clients compare its major and minor parts with their own and require the leading `v`.
pub const BUILD_VERSION: &str = concat!("v", env!("CARGO_PKG_VERSION"));

/// The build and the URL of the deployment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct BuildInfo {
    /// The access URL, because no page describes this build.
    pub external_url: String,
    /// [`BUILD_VERSION`].
    pub version: &'static str,
    /// The access URL.
    pub dashboard_url: String,
    /// Always false: Roster sends no telemetry.
    pub telemetry: bool,
    /// Always false.
    pub workspace_proxy: bool,
    /// Unused, because no agents connect to Roster.
    pub agent_api_version: &'static str,
    /// Unused, because no provisioners connect to Roster.
    pub provisioner_api_version: &'static str,
    /// Always empty, so the CLI shows its default advice.
    pub upgrade_message: &'static str,
    /// The same in every answer of a deployment.
    pub deployment_id: Uuid,
    /// Always empty, because Roster sends no push messages.
    pub webpush_public_key: &'static str,
}

impl BuildInfo {
    /// The build of this deployment.
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

/// Whether a newer version exists. Roster asks no server, so this version always counts as current.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct UpdateCheck {
    /// Always true.
    pub current: bool,
    /// [`BUILD_VERSION`].
    pub version: &'static str,
    /// The access URL.
    pub url: String,
}

impl From<&Config> for UpdateCheck {
    fn from(config: &Config) -> Self {
        Self { current: true, version: BUILD_VERSION, url: config.access_url.clone() }
    }
}

/// The experiments that can be enabled. Roster has none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct AvailableExperiments {
    /// Always empty.
    pub safe: [&'static str; 0],
}

/// The appearance of the dashboard. It is always the default.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Appearance {
    /// Always empty, so the dashboard shows its default name.
    pub application_name: &'static str,
    /// Always empty, so the dashboard shows its default logo.
    pub logo_url: &'static str,
    /// The access URL.
    pub docs_url: String,
    /// The banner for old clients; never enabled.
    pub service_banner: Banner,
    /// Always empty.
    pub announcement_banners: [Banner; 0],
    /// Always empty.
    pub support_links: [&'static str; 0],
}

/// A banner of the dashboard.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Banner {
    /// Whether the banner is shown.
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

/// The regions of the deployment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Regions {
    /// The only region.
    pub regions: [Region; 1],
}

/// A region of the deployment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Region {
    /// The id of the deployment.
    pub id: Uuid,
    /// Unique.
    pub name: &'static str,
    /// The name for people.
    pub display_name: &'static str,
    /// Always empty.
    pub icon_url: &'static str,
    /// Always true.
    pub healthy: bool,
    /// The access URL.
    pub path_app_url: String,
    /// Always empty, because Roster serves no applications.
    pub wildcard_hostname: &'static str,
}

impl Regions {
    /// The region of this deployment.
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

/// The settings for `coder config-ssh`. They are Coder's defaults, because Roster has no workspaces.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SshConfig {
    /// The prefix of host names.
    pub hostname_prefix: &'static str,
    /// The suffix of host names.
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

/// A licence. Roster has none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct License {}
