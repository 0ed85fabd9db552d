//! Prints the measured tables of the documentation as Markdown: `trips` and `cold`.

mod cold;
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

#[derive(Clone, Copy, Debug, Subcommand)]
enum What {
    /// Round trips and capacity units of every kind of request, beside the design's budget
    Trips,
    /// From the start of a function's release binary to its first authenticated answer, and its peak memory
    Cold {
        /// How often each function is started
        #[arg(long, default_value_t = 20)]
        runs: usize,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let table = match Arguments::parse().what {
        What::Trips => Ok(trips::table().await),
        What::Cold { runs } => cold::table(runs).await,
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
