//! Starts local mode, waits for a signal to stop, and prints errors for a person.

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use roster::logging::init_logs;
use roster_local::{Command, DatabaseOnly, GivenEvent, Local, Options, banner};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprint!("roster: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprint!(": {error}");
                cause = error.source();
            }
            eprintln!();
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Box<dyn Error>> {
    init_logs(options.log_format.into(), options.log.as_deref().unwrap_or("info"));
    if let Some(Command::Admin { event: GivenEvent(event) }) = options.command.clone() {
        let report = Local::administer(options, event).await?;
        return Ok(show(&serde_json::to_string(&report)?)?);
    }
    let directory = options.directory().map(ToOwned::to_owned);
    if options.dynamodb_only {
        let database = DatabaseOnly::start(options).await?;
        show(&banner::database_served(database.endpoint(), database.table(), directory.as_deref()))?;
        stop_signal().await?;
        return Ok(database.stop().await?);
    }
    let local = Local::start(options).await?;
    let has_first_user = local.app().users.has_first().await?;
    show(&banner::served(local.url(), directory.as_deref(), &local.mail(), has_first_user))?;
    stop_signal().await?;
    Ok(local.stop().await?)
}

/// Prints a line. A closed output, such as a pipe whose reader has ended, does not stop the server.
fn show(text: &str) -> io::Result<()> {
    match writeln!(io::stdout(), "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        shown => shown,
    }
}

async fn stop_signal() -> io::Result<()> {
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _told = terminated.recv() => Ok(()),
    }
}
