//! The application: its settings and its use cases, built once in each process and shared by all requests.

use std::ops::Deref;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use chrono::TimeDelta;
use uuid::Uuid;

use crate::auth::password::Hasher;
use crate::auth::vault::{Vault, VaultError};
use crate::clock::{Clock, Random, SystemClock};
use crate::config::{Config, ConfigError};
use crate::domain::api_key::Sliding;
use crate::domain::time::Timestamp;
use crate::service;
use crate::service::api_keys::{ApiKeys, TokenLifetimes};
use crate::service::audit::AuditLog;
use crate::service::changes::UserChanges;
use crate::service::deferred::DeferredTasks;
use crate::service::dormancy::Dormancy;
use crate::service::outbox::{DeliverySettings, MessageSealer, Outbox};
use crate::service::password_gate::{PasswordGate, PasswordSignIn};
use crate::service::session::{SessionPolicy, Sessions};

use crate::service::git_ssh_keys::{GitSshKeys, SshKeyGenerator};
use crate::service::operator::Operator;
use crate::service::organizations::Organizations;
use crate::service::passcodes::{PasscodePolicy, Passcodes};
use crate::service::passwords::Passwords;
use crate::service::users::{UserParts, Users};
use crate::storage::Store;
use crate::storage::dynamodb::client;

/// The application, as handlers and jobs receive it. Clones share everything.
#[derive(Clone)]
pub struct App(Arc<UseCases>);

impl Deref for App {
    type Target = UseCases;

    fn deref(&self) -> &UseCases {
        &self.0
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("config", &self.config).finish_non_exhaustive()
    }
}

/// The use cases, one field an aggregate. Each holds only what it works with.
pub struct UseCases {
    /// Settings.
    pub config: Arc<Config>,
    /// Rows of the audit log that belong to no other write.
    pub audit: AuditLog,
    /// Work that runs after the answer was sent.
    pub deferred: DeferredTasks,
    /// The scheduled job that makes users dormant.
    pub dormancy: Dormancy,
    /// API keys and named tokens.
    pub api_keys: ApiKeys,
    /// Sessions: login, logout, and the caller of a token.
    pub sessions: Sessions,
    /// Makes messages for the outbox.
    pub messages: MessageSealer,
    /// Messages in the outbox.
    pub outbox: Outbox,
    /// The git SSH key of each user.
    pub git_ssh_keys: GitSshKeys,
    /// Organizations and their members.
    pub organizations: Organizations,
    /// Changes of passwords.
    pub passwords: Passwords,
    /// Forgotten passwords.
    pub passcodes: Passcodes,
    /// What an operator may do past the API.
    pub operator: Operator,
    /// Users: created, changed and deleted.
    pub users: Users,
    service: service::Service,
    clock: Arc<dyn Clock>,
    random: Arc<Random>,
    hasher: Arc<Hasher>,
}

impl Deref for UseCases {
    type Target = service::Service;

    fn deref(&self) -> &service::Service {
        &self.service
    }
}

/// Why a process cannot start.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StartError {
    /// A setting is missing or wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The encryption key cannot be used.
    #[error("ROSTER_ENCRYPTION_KEY {0}")]
    EncryptionKey(VaultError),
}

impl App {
    /// The application with the clock and the randomness of the machine and the configured database. Connects with the
    /// first call.
    pub async fn connect(config: Config) -> Result<Self, StartError> {
        let client = client::connect(config.dynamodb_endpoint.as_deref()).await;
        Self::new(config, client, Arc::new(SystemClock), Arc::new(Random::from_system()))
    }

    /// The application with given parts: tests choose the time, the randomness and the database client.
    pub fn new(config: Config, client: Client, clock: Arc<dyn Clock>, random: Arc<Random>) -> Result<Self, StartError> {
        let config = Arc::new(config);
        let vault = Arc::new(Vault::new(config.encryption_key.reveal()).map_err(StartError::EncryptionKey)?);
        let hasher = Arc::new(Hasher::new(config.argon2.clone(), &random.bytes()));
        let mut store = Store::new(client, config.table.clone(), random.clone(), clock.clone());
        if let Some(retention) = config.audit_logs_retention {
            store = store.keeping_audit_rows_for(TimeDelta::from_std(retention).unwrap_or(TimeDelta::MAX));
        }
        let deferred = DeferredTasks::default();
        let audit = AuditLog::new(store.clone(), random.clone(), deferred.clone());
        let changes = UserChanges::new(store.clone(), audit.clone());
        let dormancy = Dormancy::new(store.clone(), clock.clone(), config.dormancy_threshold);
        let api_keys = ApiKeys::new(
            store.clone(),
            clock.clone(),
            random.clone(),
            TokenLifetimes {
                default: config.default_token_lifetime,
                max: config.max_token_lifetime,
                max_admin: config.max_admin_token_lifetime,
            },
        );
        let password_sign_in =
            PasswordSignIn { lockout: config.lockout, is_disabled: config.disable_password_auth };
        let gate = PasswordGate::new(
            store.clone(),
            clock.clone(),
            hasher.clone(),
            audit.clone(),
            deferred.clone(),
            password_sign_in,
        );
        let sessions = Sessions::new(
            store.clone(),
            clock.clone(),
            random.clone(),
            hasher.clone(),
            audit.clone(),
            gate.clone(),
            session_policy(&config),
        );
        let messages = MessageSealer::new(vault.clone(), random.clone());
        let ssh_keys = SshKeyGenerator::new(config.ssh_keygen_algorithm, vault.clone(), random.clone());
        let outbox = Outbox::new(
            store.clone(),
            clock.clone(),
            vault.clone(),
            DeliverySettings {
                from: config.mail.from.clone(),
                access_url: config.access_url.clone(),
                max_attempts: config.mail.max_attempts,
                retry_interval: config.mail.retry_interval,
            },
        );
        let git_ssh_keys = GitSshKeys::new(store.clone(), clock.clone(), audit.clone(), ssh_keys.clone());
        let organizations = Organizations::new(store.clone(), clock.clone(), changes.clone());
        let passwords = Passwords::new(store.clone(), random.clone(), hasher.clone(), audit.clone());
        let passcodes = Passcodes::new(
            store.clone(),
            clock.clone(),
            random.clone(),
            hasher.clone(),
            audit.clone(),
            messages.clone(),
            PasscodePolicy { lifetime: config.passcode_lifetime, is_disabled: config.disable_password_auth },
        );
        let operator = Operator::new(
            store.clone(),
            clock.clone(),
            random.clone(),
            hasher.clone(),
            audit.clone(),
            ssh_keys.clone(),
            config.disable_password_auth,
        );
        let users = Users::new(UserParts {
            store: store.clone(),
            clock: clock.clone(),
            random: random.clone(),
            hasher: hasher.clone(),
            audit: audit.clone(),
            changes: changes.clone(),
            ssh_keys: ssh_keys.clone(),
            passwords_are_disabled: config.disable_password_auth,
        });
        let service = service::Service::new(service::Parts {
            config: config.clone(),
            store,
            vault,
            clock: clock.clone(),
            random: random.clone(),
            gate,
        });
        Ok(Self(Arc::new(UseCases {
            config,
            audit,
            deferred,
            dormancy,
            api_keys,
            sessions,
            messages,
            outbox,
            git_ssh_keys,
            organizations,
            passwords,
            passcodes,
            operator,
            users,
            service,
            clock,
            random,
            hasher,
        })))
    }
}

fn session_policy(config: &Config) -> SessionPolicy {
    let delta = |duration| TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX);
    let sliding = match config.session_absolute_limit {
        _ if config.disable_session_expiry_refresh => Sliding::Never,
        None => Sliding::Freely,
        Some(age) => Sliding::UntilAge(delta(age)),
    };
    SessionPolicy { duration: delta(config.session_duration), sliding }
}

impl UseCases {
    /// The present moment, by the application's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// An id for a new request.
    #[must_use]
    pub fn new_request_id(&self) -> Uuid {
        self.random.uuid()
    }

    /// Random bytes, for values that `http` makes.
    #[must_use]
    pub fn random_bytes<const N: usize>(&self) -> [u8; N] {
        self.random.bytes()
    }

    /// How many password hashes this process has computed: for metrics, and for tests that prove that a login costs the
    /// same whatever the state of the user.
    #[must_use]
    pub fn hash_computations(&self) -> u64 {
        self.hasher.computations()
    }
}
