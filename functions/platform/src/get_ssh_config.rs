//! `GET /api/v2/deployment/ssh`: what `coder config-ssh` writes.

use roster::api::deployment::SshConfig;
use roster::http::{Authenticated, Payload};

/// The reference's defaults.
pub(crate) async fn get_ssh_config(_: Authenticated) -> Payload<SshConfig> {
    Payload(SshConfig::default())
}
