//! What the deployment says of itself.

use uuid::Uuid;

use super::Service;
use super::session::Caller;
use crate::config::Config;
use crate::rbac::{Action, Object, ResourceType, authorize};
use crate::storage::StorageError;

/// Why somebody may not know something of the deployment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DeploymentError {
    /// The caller may not read it; that it exists is no secret.
    #[error("not permitted")]
    Forbidden,
}

impl Service {
    /// The same for every answer of every function: it follows from the configured key and the table's name, so that
    /// nobody has to read it, and it stays when the deployment moves to another URL.
    #[must_use]
    pub fn deployment_id(&self) -> Uuid {
        let mut id = [0; 16];
        id.copy_from_slice(&self.vault.derive(&format!("deployment id of {}", self.config.table))[..16]);
        uuid::Builder::from_custom_bytes(id).into_uuid()
    }

    /// The seats that are taken: people who are active (docs/api/dormancy.md#seats). Exact, from the counters.
    pub async fn seats(&self) -> Result<u64, StorageError> {
        Ok(self.store.user_counts().await?.seats())
    }

    /// The settings, for who may read them; secrets are among them.
    pub fn deployment_config(&self, caller: &Caller) -> Result<&Config, DeploymentError> {
        let may = authorize(&caller.subject, Action::Read, &Object::any(ResourceType::DeploymentConfig));
        if may { Ok(&self.config) } else { Err(DeploymentError::Forbidden) }
    }
}
