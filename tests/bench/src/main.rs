//! Prints the measured tables of the documentation as Markdown: `trips`, `cold`, `list`, `postgres` and `timing`.

mod cold;
mod list;
mod postgres;
mod runtime_api;
mod timing;
mod trips;

use std::error::Error;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::runtime::{Builder, Runtime};

/// Measures Roster.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Clone, Debug, Subcommand)]
enum What {
    /// Round trips and capacity units of every kind of request, beside their budgets
    Trips,
    /// Time from the start of a function's release binary to its first authenticated answer, and its peak memory
    Cold {
        /// Number of starts of each function
        #[arg(long, default_value_t = 20)]
        runs: usize,
    },
    /// Whether the time of a refused login reveals the reason: Welch's t between users in every state (in release
    /// mode); fails when any two states can be distinguished
    Timing {
        /// Number of logins for each kind
        #[arg(long, default_value_t = 10_000)]
        runs: usize,
    },
    /// Twenty queries of the list of users, with growing numbers of users (in release mode)
    List {
        /// Numbers of users
        #[arg(long, value_delimiter = ',', default_value = "1000,10000,100000,1000000")]
        users: Vec<usize>,
        /// Number of runs of each query
        #[arg(long, default_value_t = 21)]
        runs: usize,
    },
    /// The same queries of a table of PostgreSQL. The server is found as psql finds it (`PGHOST`, …); a table `users`
    /// is created there and dropped
    Postgres {
        /// Numbers of users
        #[arg(long, value_delimiter = ',', default_value = "1000,10000,100000,1000000")]
        users: Vec<usize>,
        /// Number of runs of each query
        #[arg(long, default_value_t = 21)]
        runs: usize,
    },
}

fn main() -> ExitCode {
    let what = Arguments::parse().what;
    match runtime(&what).and_then(|runtime| runtime.block_on(table(what))) {
        Ok(table) => {
            print!("{table}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Trips are counted on one thread, as in a function. On several threads, one of two concurrent calls may be answered
/// before the other is sent.
fn runtime(what: &What) -> Result<Runtime, Box<dyn Error>> {
    let mut builder = match what {
        What::Trips | What::Timing { .. } => Builder::new_current_thread(),
        What::Cold { .. } | What::List { .. } | What::Postgres { .. } => Builder::new_multi_thread(),
    };
    Ok(builder.enable_all().build()?)
}

async fn table(what: What) -> Result<String, Box<dyn Error>> {
    match what {
        What::Trips => Ok(trips::table().await),
        What::Cold { runs } => cold::table(runs).await,
        What::Timing { runs } => timing::table(runs).await,
        What::List { users, runs } => list::tables(&users, runs).await,
        What::Postgres { users, runs } => postgres::tables(&users, runs),
    }
}
