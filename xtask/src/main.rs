//! `cargo xtask generate` rewrites every file, or marked part of a file, that is derived from a table in the code.
//! `.ci/run` runs it and fails when that changes a file.

mod files;
mod routes;
mod settings;
mod template;

use std::process::ExitCode;

use roster_local::{groups, router_table};

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
    files::write_part("Cargo.toml", "router", &router_table()?)?;
    for group in groups() {
        files::write_part("infra/template.yaml", &format!("{} statements", group.name), &template::statements(&group))?;
        files::write_part("infra/template.yaml", &format!("{} events", group.name), &template::events(&group))?;
    }
    files::write("docs/api/routes.md", &routes::document())?;
    files::write("docs/settings.md", &settings::page())?;
    files::write_part("infra/template.yaml", "parameters", &settings::parameters())?;
    files::write_part("infra/template.yaml", "environment", &settings::environment())?;
    files::write_part("infra/template.yaml", "mailer environment", &settings::mailer_environment())?;
    Ok(())
}

/// Why the generated text is not up to date.
#[derive(Debug, thiserror::Error)]
enum GenerateError {
    /// Two routes have the same method and path.
    #[error(transparent)]
    Routes(#[from] matchit::InsertError),
    /// A file cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
}
