//! Local mode as a whole: what starts in which order, and how it stops.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use roster::app::{App, StartError};
use roster::clock::{Random, SystemClock};
use roster::config::{Config, ConfigError, Delivery};
use roster::metrics::Metrics;
use roster::storage::dynamodb::client;
use roster_mailer::Mailer;
use serde_json::Value;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::database::{DatabaseError, EmbeddedDatabase, any_port, create_table};
use crate::directory::{DataDirectory, DirectoryError};
use crate::gateway::Gateway;
use crate::options::Options;
use crate::secrets::{self, SecretError};
use crate::server::{Endpoint, Server, ServerError, listen};
use crate::stream::{self, Listener};
use crate::{background, server};

/// Why local mode does not start or stop.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// The address cannot be used.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The data directory cannot be used.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The encryption key cannot be read or stored.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// Two routes have the same method and path.
    #[error(transparent)]
    Routes(#[from] matchit::InsertError),
    /// A setting is missing or wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The service refuses its settings.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The `admin` function refused the event.
    #[error("nothing was changed")]
    Administer(#[source] lambda_http::Error),
}

/// The whole service, running.
#[derive(Debug)]
pub struct Local {
    url: String,
    app: App,
    server: Server,
    background: JoinSet<()>,
    database: EmbeddedDatabase,
}

impl Local {
    /// Starts everything. If it fails, nothing keeps running.
    pub async fn start(options: Options) -> Result<Self, LocalError> {
        let listener = listen(options.address()).await?;
        let address =
            listener.local_addr().map_err(|source| ServerError::Listen { address: options.address(), source })?;
        let url = server::url(address);
        let random = Arc::new(Random::from_system());
        let directory = options.directory().map(DataDirectory::take).transpose()?;
        let key = encryption_key(&options, directory.as_ref())?;
        let database = EmbeddedDatabase::start(directory, any_port().await?)?;
        let mail_folder = options.mail_folder(&random).to_string_lossy().into_owned();
        let access_url = options.access_url.clone().unwrap_or_else(|| url.clone());
        let config = Config::from_env_with(&|name| match name {
            "ROSTER_LOCAL" => Some("true".to_owned()),
            "ROSTER_ACCESS_URL" => Some(access_url.clone()),
            "ROSTER_DYNAMODB_ENDPOINT" => Some(database.endpoint().to_owned()),
            "ROSTER_ENCRYPTION_KEY" => Some(key.clone()),
            "ROSTER_MAIL_DIR" => Some(mail_folder.clone()),
            _ => None,
        })?;
        let client = client::connect(Some(database.endpoint())).await;
        create_table(&client, &config.table).await?;
        // No service collects metrics here; the log shows the fate of each message.
        let metrics = Metrics::new(&config.table, |line| tracing::debug!(line, "metrics"));
        let app = App::new(config, client, Arc::new(SystemClock), random)?;
        let mailer = Mailer::new(app.clone(), Arc::new(SystemClock), metrics)?;
        let gateway = Gateway::new(app.clone())?;
        let background = background::start(&app, &database, Listener::Here(Arc::new(mailer)));
        let server = Server::start(listener, Endpoint::new(gateway, app.clone()));
        Ok(Self { url, app, server, background, database })
    }

    /// Starts the service on a free port of this machine, invokes the `admin` function, and stops.
    pub async fn administer(options: Options, event: Value) -> Result<Value, LocalError> {
        let anywhere = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let local = Self::start(Options { listen: anywhere, ..options }).await?;
        let report = roster_admin::run(local.app(), event, Uuid::nil()).await;
        local.stop().await?;
        report.map_err(LocalError::Administer)
    }

    /// The URL of the API, such as `http://127.0.0.1:3000`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The application.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Where mail is delivered, as text for a person.
    pub fn mail(&self) -> String {
        match &self.app.config.mail.delivery {
            Delivery::Off => "none".to_owned(),
            Delivery::Directory(directory) => directory.display().to_string(),
            Delivery::Smtp(smarthost) => format!("{}, port {}", smarthost.host, smarthost.port),
        }
    }

    /// The database without its endpoint.
    #[cfg(test)]
    pub(crate) fn database(&self) -> dynoxide::Database {
        self.database.handle()
    }

    /// Waits for running requests, then closes the database.
    pub async fn stop(mut self) -> Result<(), LocalError> {
        self.server.stop().await;
        self.background.shutdown().await;
        Ok(self.database.stop().await?)
    }
}

/// The database alone, running.
#[derive(Debug)]
pub struct DatabaseOnly {
    table: String,
    background: JoinSet<()>,
    database: EmbeddedDatabase,
}

impl DatabaseOnly {
    /// Starts the database with the table, and stores an encryption key beside the data.
    pub async fn start(options: Options) -> Result<Self, LocalError> {
        let listener = listen(options.address()).await?;
        let directory = options.directory().map(DataDirectory::take).transpose()?;
        let key = encryption_key(&options, directory.as_ref())?;
        let database = EmbeddedDatabase::start(directory, listener)?;
        let config = Config::from_env_with(&|name| (name == "ROSTER_ENCRYPTION_KEY").then(|| key.clone()))?;
        let client = client::connect(Some(database.endpoint())).await;
        create_table(&client, &config.table).await?;
        let mut background = JoinSet::new();
        if let Some(endpoint) = &options.invoke {
            let listener = Listener::lambda(endpoint);
            background.spawn(stream::deliver_outbox(database.handle(), config.table.clone(), listener));
        }
        Ok(Self { table: config.table, background, database })
    }

    /// The endpoint's URL.
    pub fn endpoint(&self) -> &str {
        self.database.endpoint()
    }

    /// The table's name.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// Waits for running calls, then closes the database.
    pub async fn stop(mut self) -> Result<(), LocalError> {
        self.background.shutdown().await;
        Ok(self.database.stop().await?)
    }
}

/// The key in the options, or the one stored beside the data, or a new one for this run.
fn encryption_key(options: &Options, directory: Option<&DataDirectory>) -> Result<String, SecretError> {
    let random = Random::from_system();
    match (&options.encryption_key, directory) {
        (Some(given), _) => Ok(given.reveal().to_owned()),
        (None, Some(directory)) => secrets::load_or_generate(directory, &random),
        (None, None) => Ok(secrets::generate(&random)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use chrono::TimeDelta;
    use roster::notifications::Mail;
    use tokio::sync::Notify;
    use uuid::Uuid;

    use super::{DatabaseOnly, Local, LocalError};
    use crate::functions::{JOBS, Trigger};
    use crate::options::Options;
    use crate::server::ServerError;
    use crate::testing::{TemporaryDirectory, exchange};

    const FIRST_USER: &str = r#"{"email":"a@example.com","username":"admin","password":"choose-Another-1"}"#;

    const BUILD_INFO: &str = "GET /api/v2/buildinfo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    fn post(path: &str, body: &str) -> String {
        let length = body.len();
        format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )
    }

    /// Takes longer than an answer or a stop without waiting, even on a slow machine: another server starts, answers
    /// ten requests and stops.
    async fn run_another_server() {
        let other = Local::start(Options::in_memory()).await.unwrap();
        for _ in 0..10 {
            exchange(other.url(), BUILD_INFO).await;
        }
        other.stop().await.unwrap();
    }

    #[tokio::test]
    async fn users_in_a_directory_survive_a_restart() {
        let directory = TemporaryDirectory::new();
        let options = Options { memory: false, data: Some(directory.path().to_owned()), ..Options::in_memory() };
        let local = Local::start(options.clone()).await.unwrap();
        assert!(!local.app().users.has_first().await.unwrap());
        let created = exchange(local.url(), &post("/api/v2/users/first", FIRST_USER)).await;
        assert!(created.starts_with("HTTP/1.1 201 Created\r\n"), "{created}");
        local.stop().await.unwrap();

        let local = Local::start(options).await.unwrap();
        assert!(local.app().users.has_first().await.unwrap());
        local.stop().await.unwrap();
    }

    #[tokio::test]
    async fn the_admin_function_creates_an_owner_and_reports_a_refusal() {
        let directory = TemporaryDirectory::new();
        let options = Options { memory: false, data: Some(directory.path().to_owned()), ..Options::in_memory() };
        let event = serde_json::json!({ "action": "create-owner", "username": "ops", "email": "ops@example.com" });
        let report = Local::administer(options.clone(), event.clone()).await.unwrap();
        let password = report["password"].as_str().unwrap();

        let refused = Local::administer(options.clone(), event).await.unwrap_err();
        assert!(matches!(&refused, LocalError::Administer(cause) if cause.to_string() == "the username is taken"));

        let local = Local::start(options).await.unwrap();
        let body = serde_json::json!({ "email": "ops@example.com", "password": password }).to_string();
        let answer = exchange(local.url(), &post("/api/v2/users/login", &body)).await;
        assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
        local.stop().await.unwrap();
    }

    #[tokio::test]
    async fn a_schedule_runs_on_request_and_answers_its_report() {
        let local = Local::start(Options::in_memory()).await.unwrap();
        for job in JOBS.iter().filter(|job| matches!(job.trigger, Trigger::Schedule(_))) {
            let answer = exchange(local.url(), &post(&format!("/dev/schedule/{}", job.name), "")).await;
            assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
            assert!(answer.contains(r#""changed":0"#), "{answer}");
        }
        let unknown = exchange(local.url(), &post("/dev/schedule/users", "")).await;
        assert!(unknown.starts_with("HTTP/1.1 404 Not Found\r\n"), "{unknown}");
        local.stop().await.unwrap();
    }

    #[tokio::test]
    async fn deferred_tasks_do_not_delay_the_answer_and_end_before_the_stop() {
        let local = Local::start(Options::in_memory()).await.unwrap();
        let (may_go_on, done) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
        let (waits_for, says) = (may_go_on.clone(), done.clone());
        local.app().deferred.defer(async move {
            waits_for.notified().await;
            says.store(true, Ordering::SeqCst);
        });
        let answer = exchange(local.url(), BUILD_INFO).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        let stopped = tokio::spawn(local.stop());
        run_another_server().await;
        assert!(!stopped.is_finished());
        may_go_on.notify_one();
        stopped.await.unwrap().unwrap();
        assert!(done.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn the_next_request_waits_for_deferred_tasks() {
        let local = Local::start(Options::in_memory()).await.unwrap();
        let (begun, may_go_on, done) =
            (Arc::new(Notify::new()), Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
        let (says_begun, waits_for, says_done) = (begun.clone(), may_go_on.clone(), done.clone());
        local.app().deferred.defer(async move {
            says_begun.notify_one();
            waits_for.notified().await;
            says_done.store(true, Ordering::SeqCst);
        });
        exchange(local.url(), BUILD_INFO).await;
        begun.notified().await;
        let url = local.url().to_owned();
        let next = tokio::spawn(async move { exchange(&url, BUILD_INFO).await });
        run_another_server().await;
        assert!(!next.is_finished());
        may_go_on.notify_one();
        assert!(next.await.unwrap().starts_with("HTTP/1.1 200 OK\r\n"));
        assert!(done.load(Ordering::SeqCst));
        local.stop().await.unwrap();
    }

    #[tokio::test]
    async fn a_message_becomes_a_file_in_the_mail_folder() {
        let folder = TemporaryDirectory::new();
        let options = Options { mail_dir: Some(folder.path().to_owned()), ..Options::in_memory() };
        let local = Local::start(options).await.unwrap();
        let to = "ada@example.com".to_owned();
        let mail = Mail::OneTimePasscode { to, name: "Ada".to_owned(), passcode: Uuid::from_u128(7) };
        let now = local.app().now();
        let message = local.app().messages.seal(Some(&mail), now, now.plus(TimeDelta::minutes(10))).unwrap();
        local.app().outbox.store(&message).await.unwrap();
        let arrived = async {
            loop {
                let files = std::fs::read_dir(folder.path()).into_iter().flatten().flatten().map(|file| file.path());
                if let Some(mail) = files.into_iter().find(|file| file.extension().is_some_and(|kind| kind == "eml")) {
                    return std::fs::read_to_string(mail).unwrap();
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let arrived = tokio::time::timeout(Duration::from_secs(20), arrived).await.unwrap();
        assert!(arrived.contains("To: ada@example.com"), "{arrived}");
        assert!(arrived.contains(local.url()), "{arrived}");
        assert_eq!(local.mail(), folder.path().display().to_string());
        local.stop().await.unwrap();
    }

    #[tokio::test]
    async fn a_port_in_use_is_refused_with_its_address() {
        let local = Local::start(Options::in_memory()).await.unwrap();
        let address = local.url().trim_start_matches("http://").parse().unwrap();
        let refused = Local::start(Options { listen: Some(address), ..Options::in_memory() }).await.unwrap_err();
        assert!(matches!(refused, LocalError::Server(ServerError::Taken(taken)) if taken == address));
        local.stop().await.unwrap();
    }

    #[tokio::test]
    async fn the_database_alone_serves_its_endpoint() {
        let database = DatabaseOnly::start(Options { dynamodb_only: true, ..Options::in_memory() }).await.unwrap();
        let request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        let answer = exchange(database.endpoint(), request).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        database.stop().await.unwrap();
    }
}
