//! The flags of local mode and their environment variables. The service's own settings are read by
//! `roster::config`.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::{Parser, Subcommand, ValueEnum};
use roster::clock::Random;
use roster::logging::LogFormat;

/// Serves every function of Roster in one process over an embedded DynamoDB.
///
/// Every setting of the service, such as `ROSTER_SESSION_DURATION`, is read from the environment as in Lambda.
#[derive(Clone, Debug, Default, Parser)]
#[command(name = "roster", version)]
pub struct Options {
    /// The address to listen on [default: 127.0.0.1:3000, or 127.0.0.1:8000 with --dynamodb-only]
    #[arg(long, env = "ROSTER_LISTEN", value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,

    /// The directory that holds the data [default: .roster]
    #[arg(long, env = "ROSTER_DATA", value_name = "DIRECTORY")]
    pub data: Option<PathBuf>,

    /// Keep everything in memory: the data is lost when the process ends
    #[arg(long)]
    pub memory: bool,

    /// The directory to which mail is written, unless an SMTP server is configured [default: outbox in the data directory]
    #[arg(long, env = "ROSTER_MAIL_DIR", value_name = "DIRECTORY")]
    pub mail_dir: Option<PathBuf>,

    /// Where clients reach the service [default: the address it listens on]
    #[arg(long, env = "ROSTER_ACCESS_URL", value_name = "URL")]
    pub access_url: Option<String>,

    /// Serve only the database, for `cargo lambda watch`
    #[arg(long)]
    pub dynamodb_only: bool,

    /// With --dynamodb-only: pass the table's stream to the functions of `cargo lambda watch` at this URL, which then send mail
    #[arg(long, value_name = "URL", requires = "dynamodb_only")]
    pub invoke: Option<String>,

    /// The format of log lines
    #[arg(long, env = "ROSTER_LOG_FORMAT", value_name = "FORMAT", value_enum, default_value_t)]
    pub log_format: LogLines,

    /// Which log lines are written, as a `tracing` directive [default: info]
    #[arg(long, env = "ROSTER_LOG", value_name = "DIRECTIVE")]
    pub log: Option<String>,

    /// The key that encrypts secrets at rest, 32 bytes in base64 [default: generated on the first start]
    #[arg(long, env = "ROSTER_ENCRYPTION_KEY", value_name = "KEY", hide_env_values = true)]
    pub encryption_key: Option<GivenKey>,

    /// A command to run instead of the server
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// A command to run instead of the server.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Invoke the `admin` function on the data directory, which no other process may be using
    Admin {
        /// Its event, such as `{"action":"reset-password","username":"admin"}`
        #[arg(value_parser = clap::value_parser!(GivenEvent), value_name = "EVENT")]
        event: GivenEvent,
    },
}

/// A JSON document that may hold a password. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct GivenEvent(pub serde_json::Value);

impl std::fmt::Debug for GivenEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GivenEvent(…)")
    }
}

impl FromStr for GivenEvent {
    type Err = Infallible;

    /// Never fails: text that is not JSON becomes null, which the function refuses without repeating the text.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(serde_json::from_str(text).unwrap_or_default()))
    }
}

/// The format of log lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum LogLines {
    /// Text for a terminal.
    #[default]
    Pretty,
    /// One JSON object for each line.
    Json,
}

impl From<LogLines> for LogFormat {
    fn from(lines: LogLines) -> Self {
        match lines {
            LogLines::Pretty => Self::Pretty,
            LogLines::Json => Self::Json,
        }
    }
}

/// A key that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct GivenKey(String);

impl GivenKey {
    /// The key itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for GivenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GivenKey(…)")
    }
}

impl FromStr for GivenKey {
    type Err = Infallible;

    /// Never fails: the service refuses a wrong key without repeating it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl Options {
    /// For tests: in memory, on any free port.
    pub fn in_memory() -> Self {
        Self { listen: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))), memory: true, ..Self::default() }
    }

    /// The address to listen on.
    pub fn address(&self) -> SocketAddr {
        let port = if self.dynamodb_only { 8000 } else { 3000 };
        self.listen.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
    }

    /// The directory to which mail is written. With data in memory and without the flag, a new temporary one for each call.
    pub fn mail_folder(&self, random: &Random) -> PathBuf {
        let default = || match self.directory() {
            Some(directory) => directory.join("outbox"),
            None => std::env::temp_dir().join(format!("roster-mail-{}", random.base62(10))),
        };
        self.mail_dir.clone().unwrap_or_else(default)
    }

    /// The data directory; `None` in memory.
    pub fn directory(&self) -> Option<&Path> {
        let data = self.data.as_deref().unwrap_or_else(|| Path::new(".roster"));
        (!self.memory).then_some(data)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::{CommandFactory, Parser};
    use roster::clock::Random;
    use roster::config::{MAIL_SETTINGS, SETTINGS};

    use super::{Command, GivenEvent, LogLines, Options};

    #[test]
    fn the_command_line_is_consistent() {
        Options::command().debug_assert();
    }

    #[test]
    fn a_variable_of_a_flag_is_a_setting_of_the_service_or_local() {
        let local = ["ROSTER_LISTEN", "ROSTER_DATA", "ROSTER_LOG_FORMAT"];
        let settings: Vec<&str> = SETTINGS.iter().chain(MAIL_SETTINGS).map(|setting| setting.variable).collect();
        let command = Options::command();
        let variables = command.get_arguments().filter_map(|argument| argument.get_env()?.to_str());
        let unknown: Vec<&str> =
            variables.filter(|variable| !settings.contains(variable) && !local.contains(variable)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
        assert!(settings.iter().all(|setting| !local.contains(setting)));
    }

    #[test]
    fn without_arguments_the_data_is_in_the_working_directory() {
        let options = Options::default();
        assert_eq!(options.address().to_string(), "127.0.0.1:3000");
        assert_eq!(options.directory(), Some(Path::new(".roster")));
        assert_eq!(options.log_format, LogLines::Pretty);
    }

    #[test]
    fn the_database_alone_listens_on_port_8000_by_default() {
        let alone = Options::try_parse_from(["roster", "--dynamodb-only", "--memory"]).unwrap();
        assert_eq!(alone.address().to_string(), "127.0.0.1:8000");
        assert_eq!(alone.directory(), None);
        let told = Options::try_parse_from(["roster", "--dynamodb-only", "--listen", "127.0.0.1:9"]).unwrap();
        assert_eq!(told.address().to_string(), "127.0.0.1:9");
    }

    #[test]
    fn mail_is_written_to_the_flag_s_directory_or_beside_the_data_or_to_a_temporary_directory() {
        let random = Random::from_seed(1);
        assert_eq!(Options::default().mail_folder(&random), Path::new(".roster/outbox"));
        let told = Options::try_parse_from(["roster", "--memory", "--mail-dir", "mails"]).unwrap();
        assert_eq!(told.mail_folder(&random), Path::new("mails"));
        let memory = Options::in_memory();
        assert_ne!(memory.mail_folder(&random), memory.mail_folder(&random));
        assert!(Options::try_parse_from(["roster", "--invoke", "http://127.0.0.1:9000"]).is_err());
    }

    #[test]
    fn a_given_key_is_not_printed() {
        let options = Options::try_parse_from(["roster", "--encryption-key", "hush"]).unwrap();
        assert!(!format!("{options:?}").contains("hush"));
        assert_eq!(options.encryption_key.unwrap().reveal(), "hush");
    }

    #[test]
    fn a_given_event_is_not_printed_and_text_that_is_not_json_becomes_null() {
        let event = |text| {
            let options = Options::try_parse_from(["roster", "admin", text]).unwrap();
            assert!(!format!("{options:?}").contains("hush"));
            let Some(Command::Admin { event: GivenEvent(event) }) = options.command else { panic!("no command") };
            event
        };
        assert_eq!(event(r#"{"password":"hush"}"#)["password"], "hush");
        assert!(event("hush").is_null());
    }
}
