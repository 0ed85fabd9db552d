//! Prints the measured tables of the documentation as Markdown: `trips`, `cold` and `list`.

mod cold;
mod list;
mod runtime_api;
mod trips;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Measures Roster.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Clone, Debug, Subcommand)]
enum What {
    /// Round trips and capacity units of every kind of request, beside the design's budget
    Trips,
    /// From the start of a function's release binary to its first authenticated answer, and its peak memory
    Cold {
        /// How often each function is started
        #[arg(long, default_value_t = 20)]
        runs: usize,
    },
    /// Twenty questions to the list of users, at growing numbers of users (in release mode)
    List {
        /// Numbers of users
        #[arg(long, value_delimiter = ',', default_value = "1000,10000,100000,1000000")]
        users: Vec<usize>,
        /// How often each question is asked
        #[arg(long, default_value_t = 21)]
        runs: usize,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let table = match Arguments::parse().what {
        What::Trips => Ok(trips::table().await),
        What::Cold { runs } => cold::table(runs).await,
        What::List { users, runs } => list::tables(&users, runs).await,
    };
    match table {
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
