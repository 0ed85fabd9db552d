//! Prints the router table that the workspace's manifest must have for `cargo lambda watch`, after a change of the
//! template: `cargo run -p roster-local --example router_table`.

use roster_local::template::TemplateError;
use roster_local::{Template, router_table};

fn main() -> Result<(), TemplateError> {
    print!("{}", router_table(&Template::bundled()?));
    Ok(())
}
