//! The application: its settings and its use cases, built once in each process and shared by all requests.

use std::ops::Deref;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use chrono::TimeDelta;

use crate::auth::vault::{Vault, VaultError};
use crate::clock::{Clock, Random, SystemClock};
use crate::config::{Config, ConfigError};
use crate::service;
use crate::storage::Store;
use crate::storage::dynamodb::client;

/// The service as every request of a process shares it.
#[derive(Clone, Debug)]
pub struct App(Arc<service::Service>);

impl Deref for App {
    type Target = service::Service;

    fn deref(&self) -> &service::Service {
        &self.0
    }
}

/// Why a process cannot begin.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StartError {
    /// A setting is missing or wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The encryption key is none.
    #[error("ROSTER_ENCRYPTION_KEY {0}")]
    EncryptionKey(VaultError),
}

impl App {
    /// The service over the machine's clock and randomness and the configured database. Connects with the first call.
    pub async fn connect(config: Config) -> Result<Self, StartError> {
        let client = client::connect(config.dynamodb_endpoint.as_deref()).await;
        Self::new(config, client, Arc::new(SystemClock), Arc::new(Random::from_system()))
    }

    /// The service over given parts: tests choose the time, the randomness and the way to the database.
    pub fn new(config: Config, client: Client, clock: Arc<dyn Clock>, random: Arc<Random>) -> Result<Self, StartError> {
        let vault = Vault::new(config.encryption_key.reveal()).map_err(StartError::EncryptionKey)?;
        let mut store = Store::new(client, config.table.clone(), random.clone(), clock.clone());
        if let Some(retention) = config.audit_logs_retention {
            store = store.keeping_audit_rows_for(TimeDelta::from_std(retention).unwrap_or(TimeDelta::MAX));
        }
        Ok(Self(Arc::new(service::Service::new(config, store, vault, clock, random))))
    }
}
