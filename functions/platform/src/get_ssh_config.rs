//! `GET /api/v2/deployment/ssh`: the settings for `coder config-ssh`.

use roster::api::deployment::SshConfig;
use roster::http::{Authenticated, Payload};

/// Coder's defaults.
pub(crate) async fn get_ssh_config(_: Authenticated) -> Payload<SshConfig> {
    Payload(SshConfig::default())
}
