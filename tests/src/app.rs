//! The whole service over an embedded database of its own.
#![expect(clippy::expect_used, reason = "a test that cannot begin fails")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::SharedHttpClient;
use chrono::TimeDelta;
use roster::app::App;
use roster::clock::Random;
use roster::config::Config;
use roster::storage::dynamodb::ImportCounts;
use roster::storage::dynamodb::client;
use roster_local::gateway::Gateway;
use roster_local::{EmbeddedDatabase, create_table};
use serde_json::{Value, json};

use crate::read_cache::ReadCache;
use crate::{Actor, Answer, Faults, TestClock};

/// A password that the policy accepts.
pub const PASSWORD: &str = "SomeSecurePassword!";

/// The service, its database, its clock, and the faults injected between service and database.
pub struct TestApp {
    /// The gateway, which serves every route.
    pub gateway: Gateway,
    /// The use cases, for the scheduled job.
    pub app: App,
    /// The clock of the service.
    pub clock: Arc<TestClock>,
    /// The faults of calls to the database.
    pub faults: Faults,
    pub(crate) client: Client,
    pub(crate) database: EmbeddedDatabase,
    pub(crate) imported: Mutex<ImportCounts>,
}

/// The key that encrypts secrets at rest.
pub(crate) const ENCRYPTION_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// The name of the table.
pub(crate) const TABLE: &str = "Roster";

impl TestApp {
    /// A fresh deployment without a first user.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// A fresh deployment with the given settings.
    ///
    /// # Panics
    ///
    /// When the deployment cannot start.
    pub async fn with(settings: &[(&str, &str)]) -> Self {
        let faults = Faults::none();
        Self::over(settings, faults.client(), faults).await
    }

    /// A fresh deployment whose reads are cached until the next write, for tests that send very many requests one after
    /// the other. Its clock stands still.
    ///
    /// # Panics
    ///
    /// When the deployment cannot start.
    pub async fn with_read_cache() -> Self {
        let app = Self::over(&[], ReadCache::default().client(), Faults::none()).await;
        app.clock.tick(TimeDelta::zero());
        app
    }

    async fn over(settings: &[(&str, &str)], http: SharedHttpClient, faults: Faults) -> Self {
        let database = EmbeddedDatabase::memory().await.expect("the database starts");
        let endpoint = database.endpoint().to_owned();
        let plain = client::connect(Some(&endpoint)).await;
        create_table(&plain, TABLE).await.expect("the table can be created");
        let mut environment = HashMap::from([
            ("ROSTER_ENCRYPTION_KEY", ENCRYPTION_KEY),
            ("ROSTER_ACCESS_URL", "http://roster.test"),
            ("ROSTER_LOCAL", "true"),
            // Tests send more requests a minute than the limits allow; tests of rate limits turn them on.
            ("ROSTER_DANGEROUS_DISABLE_RATE_LIMITS", "true"),
            // The cheapest hash parameters; a benchmark measures the cost of real ones.
            ("ROSTER_ARGON2_MEMORY_KIB", "8"),
            ("ROSTER_ARGON2_ITERATIONS", "1"),
        ]);
        environment.extend(settings.iter().copied());
        let config = Config::from_lookup(&|name| environment.get(name).map(|value| (*value).to_owned()));
        let clock = Arc::new(TestClock::default());
        let client = client::over(&endpoint, http);
        let random = Arc::new(Random::from_seed(1));
        let app = App::new(config.expect("the settings are right"), client, clock.clone(), random);
        let app = app.expect("the service starts");
        Self {
            gateway: Gateway::new(app.clone()).expect("every route is declared once"),
            app,
            clock,
            faults,
            client: plain,
            database,
            imported: Mutex::default(),
        }
    }

    /// The gateway of another process over the same table: it shares the clock and caches nothing of this process.
    ///
    /// # Panics
    ///
    /// When the deployment cannot start.
    pub async fn another_process(&self) -> Gateway {
        self.process_with((*self.app.config).clone()).await
    }

    /// The gateway of another process with the given settings.
    ///
    /// # Panics
    ///
    /// When the deployment cannot start.
    pub async fn process_with(&self, config: Config) -> Gateway {
        let client = client::connect(Some(self.endpoint())).await;
        let random = Arc::new(Random::from_seed(2));
        let app = App::new(config, client, self.clock.clone(), random).expect("the service starts");
        Gateway::new(app).expect("every route is declared once")
    }

    /// A deployment with its first user, who is signed in.
    pub async fn with_owner() -> (Self, Actor) {
        Self::with_settings(&[]).await
    }

    /// A deployment with these settings and its first user, who is signed in.
    pub async fn with_settings(settings: &[(&str, &str)]) -> (Self, Actor) {
        let app = Self::with(settings).await;
        let owner = app.set_up().await;
        (app, owner)
    }

    /// A deployment with its first user and a second user, whose id is the third value.
    pub async fn with_user(username: &str) -> (Self, Actor, String) {
        let (app, owner) = Self::with_owner().await;
        let id = app.create_user(&owner, username).await;
        (app, owner, id)
    }

    /// A deployment with its first user and a second user with site roles. Both are signed in.
    pub async fn with_actor(username: &str, roles: &[&str]) -> (Self, Actor, Actor) {
        let (app, owner) = Self::with_owner().await;
        let actor = app.user_with_roles(&owner, username, roles).await;
        (app, owner, actor)
    }

    /// The URL of the database, for other processes.
    pub fn endpoint(&self) -> &str {
        self.database.endpoint()
    }

    /// An actor without a token.
    pub fn anonymous(&self) -> Actor {
        Actor::anonymous(self.gateway.clone())
    }

    /// Creates the first user, `owner`, and signs in.
    ///
    /// # Panics
    ///
    /// When the creation or the login is refused.
    pub async fn set_up(&self) -> Actor {
        let body = json!({ "email": "owner@example.com", "username": "owner", "password": PASSWORD });
        let created = self.anonymous().post("/users/first", body).await.expect_status(201);
        assert!(!created.text_at("/organization_id").is_empty(), "{}", created.text);
        self.sign_in("owner").await
    }

    /// Signs in as the user whose address is `<username>@example.com`.
    pub async fn sign_in(&self, username: &str) -> Actor {
        let answer = self.login(&format!("{username}@example.com"), PASSWORD).await.expect_status(201);
        self.anonymous().with_token(answer.text_at("/session_token"))
    }

    /// Tries to sign in.
    pub async fn login(&self, email: &str, password: &str) -> Answer {
        self.anonymous().post("/users/login", json!({ "email": email, "password": password })).await
    }

    /// The body that creates a user in the default organization, with [`PASSWORD`].
    pub fn new_user(username: &str) -> Value {
        json!({
            "email": format!("{username}@example.com"),
            "username": username,
            "password": PASSWORD,
            "organization_ids": ["00000000-0000-0000-0000-000000000000"],
        })
    }

    /// Creates a user and returns the id.
    pub async fn create_user(&self, owner: &Actor, username: &str) -> String {
        owner.post("/users", Self::new_user(username)).await.expect_status(201).text_at("/id")
    }

    /// Creates a user with site roles, signed in.
    pub async fn user_with_roles(&self, owner: &Actor, username: &str, roles: &[&str]) -> Actor {
        owner.create_user_with(username, json!({ "roles": roles, "user_status": "active" })).await;
        self.sign_in(username).await
    }
}
