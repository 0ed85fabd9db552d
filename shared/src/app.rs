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
use crate::search::UserIndex;
use crate::service::api_keys::{ApiKeys, TokenLifetimes};
use crate::service::audit::AuditLog;
use crate::service::changes::UserChanges;
use crate::service::deferred::DeferredTasks;
use crate::service::deployment::Deployment;
use crate::service::dormancy::Dormancy;
use crate::service::git_ssh_keys::{GitSshKeys, SshKeyGenerator};
use crate::service::insights::Insights;
use crate::service::operator::Operator;
use crate::service::organizations::Organizations;
use crate::service::outbox::{DeliverySettings, MessageSealer, Outbox};
use crate::service::passcodes::{PasscodePolicy, Passcodes};
use crate::service::password_gate::{PasswordGate, PasswordSignIn};
use crate::service::passwords::Passwords;
use crate::service::rate_limits::{RateLimiter, RateLimits};
use crate::service::session::{SessionPolicy, Sessions};
use crate::service::settings::UserSettings;
use crate::service::sso::SingleSignOn;
use crate::service::user_creator::UserCreator;
use crate::service::user_search::UserSearch;
use crate::service::users::Users;
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

/// The use cases, one field for each aggregate. Each holds only the dependencies that it uses.
pub struct UseCases {
    /// Settings.
    pub config: Arc<Config>,
    /// API keys and named tokens.
    pub api_keys: ApiKeys,
    /// Entries of the audit log that belong to no other write.
    pub audit: AuditLog,
    /// Work that runs after the answer was sent.
    pub deferred: DeferredTasks,
    /// Facts about the deployment.
    pub deployment: Deployment,
    /// The scheduled job that makes users dormant.
    pub dormancy: Dormancy,
    /// The git SSH key of each user.
    pub git_ssh_keys: GitSshKeys,
    /// Statistics about all users.
    pub insights: Insights,
    /// Makes messages for the outbox.
    pub messages: MessageSealer,
    /// Actions of an operator outside the API.
    pub operator: Operator,
    /// Organizations and their members.
    pub organizations: Organizations,
    /// Messages in the outbox.
    pub outbox: Outbox,
    /// Forgotten passwords.
    pub passcodes: Passcodes,
    /// Changes of passwords.
    pub passwords: Passwords,
    /// Limits on the number of requests.
    pub rate_limiter: RateLimiter,
    /// Sessions: login, logout, and the caller of a token.
    pub sessions: Sessions,
    /// Appearance and preferences of each user.
    pub settings: UserSettings,
    /// Signing in through a provider.
    pub single_sign_on: SingleSignOn,
    /// Users: created, changed and deleted.
    pub users: Users,
    /// The list of users.
    pub user_search: UserSearch,
    clock: Arc<dyn Clock>,
    random: Arc<Random>,
    hasher: Arc<Hasher>,
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
        let parts = Parts::new(config, client, clock, random)?;
        let deployment = Deployment::new(parts.store.clone(), parts.config.clone(), &parts.vault);
        Ok(Self(Arc::new(UseCases {
            api_keys: parts.api_keys(),
            dormancy: Dormancy::new(
                parts.store.clone(),
                parts.clock.clone(),
                parts.config.dormancy_threshold,
                parts.audit.clone(),
            ),
            git_ssh_keys: parts.git_ssh_keys(),
            insights: Insights { store: parts.store.clone() },
            operator: parts.operator(),
            organizations: Organizations {
                store: parts.store.clone(),
                clock: parts.clock.clone(),
                changes: parts.changes.clone(),
                audit: parts.audit.clone(),
            },
            outbox: parts.outbox(),
            passcodes: parts.passcodes(),
            passwords: parts.passwords(),
            rate_limiter: parts.rate_limiter(),
            sessions: parts.sessions(),
            settings: UserSettings { store: parts.store.clone() },
            single_sign_on: parts.single_sign_on(deployment.id()),
            users: parts.users(),
            deployment,
            user_search: parts.user_search(),
            config: parts.config,
            audit: parts.audit,
            deferred: parts.deferred,
            messages: parts.messages,
            clock: parts.clock,
            random: parts.random,
            hasher: parts.hasher,
        })))
    }
}

/// What several use cases share.
struct Parts {
    config: Arc<Config>,
    store: Store,
    clock: Arc<dyn Clock>,
    random: Arc<Random>,
    vault: Arc<Vault>,
    hasher: Arc<Hasher>,
    deferred: DeferredTasks,
    audit: AuditLog,
    changes: UserChanges,
    gate: PasswordGate,
    messages: MessageSealer,
    ssh_keys: SshKeyGenerator,
}

impl Parts {
    fn new(config: Config, client: Client, clock: Arc<dyn Clock>, random: Arc<Random>) -> Result<Self, StartError> {
        let vault = Arc::new(Vault::new(config.encryption_key.reveal()).map_err(StartError::EncryptionKey)?);
        let hasher = Arc::new(Hasher::new(config.argon2(), &random.bytes()));
        let mut store = Store::new(client, config.table.clone(), random.clone(), clock.clone());
        if let Some(retention) = config.audit_logs_retention {
            store = store.keeping_audit_rows_for(TimeDelta::from_std(retention).unwrap_or(TimeDelta::MAX));
        }
        let deferred = DeferredTasks::default();
        let audit = AuditLog { store: store.clone(), random: random.clone(), deferred: deferred.clone() };
        let sign_in = PasswordSignIn { lockout: config.lockout(), is_disabled: config.disable_password_auth };
        Ok(Self {
            changes: UserChanges { store: store.clone(), audit: audit.clone() },
            gate: PasswordGate {
                store: store.clone(),
                clock: clock.clone(),
                hasher: hasher.clone(),
                audit: audit.clone(),
                deferred: deferred.clone(),
                policy: sign_in,
            },
            messages: MessageSealer { vault: vault.clone(), random: random.clone() },
            ssh_keys: SshKeyGenerator {
                algorithm: config.ssh_keygen_algorithm,
                vault: vault.clone(),
                random: random.clone(),
            },
            config: Arc::new(config),
            store,
            clock,
            random,
            vault,
            hasher,
            deferred,
            audit,
        })
    }

    fn api_keys(&self) -> ApiKeys {
        let lifetimes = TokenLifetimes {
            default: self.config.default_token_lifetime,
            max: self.config.max_token_lifetime,
            max_admin: self.config.max_admin_token_lifetime,
        };
        ApiKeys {
            store: self.store.clone(),
            clock: self.clock.clone(),
            random: self.random.clone(),
            lifetimes,
            audit: self.audit.clone(),
        }
    }

    fn creator(&self) -> UserCreator {
        UserCreator {
            store: self.store.clone(),
            random: self.random.clone(),
            hasher: self.hasher.clone(),
            audit: self.audit.clone(),
            ssh_keys: self.ssh_keys.clone(),
        }
    }

    fn git_ssh_keys(&self) -> GitSshKeys {
        GitSshKeys {
            store: self.store.clone(),
            clock: self.clock.clone(),
            audit: self.audit.clone(),
            generator: self.ssh_keys.clone(),
        }
    }

    fn operator(&self) -> Operator {
        Operator {
            store: self.store.clone(),
            clock: self.clock.clone(),
            random: self.random.clone(),
            hasher: self.hasher.clone(),
            audit: self.audit.clone(),
            creator: self.creator(),
            passwords_are_disabled: self.config.disable_password_auth,
        }
    }

    fn outbox(&self) -> Outbox {
        let settings = DeliverySettings {
            from: self.config.mail.from.clone(),
            access_url: self.config.access_url.clone(),
            max_attempts: self.config.mail.max_attempts,
            retry_interval: self.config.mail.retry_interval,
        };
        Outbox { store: self.store.clone(), clock: self.clock.clone(), vault: self.vault.clone(), settings }
    }

    fn passcodes(&self) -> Passcodes {
        let policy =
            PasscodePolicy { lifetime: self.config.passcode_lifetime, is_disabled: self.config.disable_password_auth };
        Passcodes {
            store: self.store.clone(),
            clock: self.clock.clone(),
            random: self.random.clone(),
            hasher: self.hasher.clone(),
            audit: self.audit.clone(),
            messages: self.messages.clone(),
            policy,
        }
    }

    fn passwords(&self) -> Passwords {
        Passwords {
            store: self.store.clone(),
            random: self.random.clone(),
            hasher: self.hasher.clone(),
            audit: self.audit.clone(),
        }
    }

    fn rate_limiter(&self) -> RateLimiter {
        let limits = RateLimits { api: self.config.api_rate_limit, login: self.config.login_rate_limit() };
        RateLimiter::new(self.store.clone(), self.clock.clone(), limits)
    }

    fn sessions(&self) -> Sessions {
        Sessions {
            store: self.store.clone(),
            clock: self.clock.clone(),
            random: self.random.clone(),
            hasher: self.hasher.clone(),
            audit: self.audit.clone(),
            gate: self.gate.clone(),
            policy: session_policy(&self.config),
        }
    }

    fn single_sign_on(&self, deployment_id: Uuid) -> SingleSignOn {
        SingleSignOn {
            store: self.store.clone(),
            clock: self.clock.clone(),
            random: self.random.clone(),
            vault: self.vault.clone(),
            gate: self.gate.clone(),
            deployment_id,
        }
    }

    fn user_search(&self) -> UserSearch {
        let index = UserIndex::new(self.store.clone(), self.clock.clone(), self.config.directory_loading_time);
        UserSearch::new(self.store.clone(), index)
    }

    fn users(&self) -> Users {
        Users {
            store: self.store.clone(),
            clock: self.clock.clone(),
            random: self.random.clone(),
            audit: self.audit.clone(),
            changes: self.changes.clone(),
            creator: self.creator(),
            passwords_are_disabled: self.config.disable_password_auth,
        }
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
    /// The current time of the application's clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// An id for a new request.
    pub fn new_request_id(&self) -> Uuid {
        self.random.uuid()
    }

    /// Random bytes, for values that `http` makes.
    pub fn random_bytes<const N: usize>(&self) -> [u8; N] {
        self.random.bytes()
    }

    /// How many password hashes this process has computed. Tests use it to prove that the cost of a login does not
    /// depend on the state of the user.
    pub fn hash_computations(&self) -> u64 {
        self.hasher.computations()
    }
}
