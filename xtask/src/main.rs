//! `cargo xtask generate` rewrites every file, or marked part of a file, that is derived from a table in the code.
//! `.ci/run` runs it and fails when that changes a file.

mod files;
mod permissions;
mod routes;
mod settings;
mod template;

use std::process::ExitCode;

use roster_local::{JOBS, groups, router_table};

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
        write_template(&format!("{} statements", group.name), &template::statements(group.permissions))?;
        write_template(&format!("{} events", group.name), &template::events(&group))?;
    }
    for job in JOBS {
        write_template(&format!("{} statements", job.name), &template::statements(job.permissions))?;
        if let Some(trigger) = template::trigger(job) {
            write_template(&format!("{} trigger", job.name), &trigger)?;
        }
    }
    write_template("table", &template::table())?;
    files::write("docs/api/routes.md", &routes::document())?;
    files::write("docs/api/routes.json", &routes::catalog())?;
    files::write("docs/settings.md", &settings::page())?;
    write_template("parameters", &settings::parameters())?;
    write_template("environment", &settings::environment())?;
    write_template("mailer environment", &settings::mailer_environment())?;
    Ok(())
}

fn write_template(part: &str, text: &str) -> Result<(), FileError> {
    files::write_part("infra/template.yaml", part, text)
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
