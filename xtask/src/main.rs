//! `cargo xtask generate` rewrites every file, or marked part of a file, that is derived from a table in the code.
//! `.ci/run` runs it and fails when that changes a file.

mod files;
mod settings;

use std::process::ExitCode;

use roster_local::template::TemplateError;
use roster_local::{Template, router_table};

use self::files::FileError;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments != ["generate"] {
        eprintln!("usage: cargo xtask generate");
        return ExitCode::FAILURE;
    }
    match generate() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes all generated text. Each generator is a function from the tables to text, called here.
fn generate() -> Result<(), GenerateError> {
    let template = Template::bundled()?;
    files::write_part("Cargo.toml", "router", &router_table(&template))?;
    files::write("docs/settings.md", &settings::page())?;
    files::write_part("infra/template.yaml", "parameters", &settings::parameters())?;
    files::write_part("infra/template.yaml", "environment", &settings::environment())?;
    files::write_part("infra/template.yaml", "mailer environment", &settings::mailer_environment())?;
    Ok(())
}

/// Why the generated text is not up to date.
#[derive(Debug, thiserror::Error)]
enum GenerateError {
    /// The template cannot be read.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A file cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
}
