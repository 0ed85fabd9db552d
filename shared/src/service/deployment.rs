//! What the deployment tells about itself.

use std::sync::Arc;

use uuid::Uuid;

use super::session::Caller;
use crate::auth::vault::Vault;
use crate::config::Config;
use crate::rbac::{Action, Object, ResourceType, authorize};
use crate::storage::{StorageError, Store};

/// Why something about the deployment is not shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DeploymentError {
    /// The caller may not read it. Its existence is public.
    #[error("not permitted")]
    Forbidden,
}

/// Facts about the deployment. It holds all settings, because an endpoint answers them.
pub struct Deployment {
    store: Store,
    config: Arc<Config>,
    id: Uuid,
}

impl Deployment {
    pub(crate) fn new(store: Store, config: Arc<Config>, vault: &Vault) -> Self {
        let mut id = [0; 16];
        id.copy_from_slice(&vault.derive(&format!("deployment id of {}", config.table))[..16]);
        Self { store, config, id: uuid::Builder::from_custom_bytes(id).into_uuid() }
    }

    /// The same in every answer of every function. It derives from the encryption key and the table's name, so it needs no
    /// read, and it stays when the deployment moves to another URL.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// The URL at which users reach the deployment, without a trailing slash.
    pub fn access_url(&self) -> &str {
        &self.config.access_url
    }

    /// The seats in use: active users who are people (docs/api/dormancy.md#seats). Exact, from the counters.
    pub async fn seats(&self) -> Result<u64, StorageError> {
        Ok(self.store.user_counts().await?.seats())
    }

    /// The settings, for callers who may read them. They include secrets.
    pub fn config(&self, caller: &Caller) -> Result<&Config, DeploymentError> {
        let may = authorize(&caller.subject, Action::Read, &Object::any(ResourceType::DeploymentConfig));
        if may { Ok(&self.config) } else { Err(DeploymentError::Forbidden) }
    }
}
