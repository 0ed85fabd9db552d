//! Arrows between the modules point one way. Reads every `use crate::…` and every `crate::…` path of the sources.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What each module may lean on, by the first segment of the path (two for storage's inside).
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("rbac", &[]),
    ("clock", &["domain"]),
    ("auth", &["clock", "domain"]),
    ("config", &["auth"]),
    ("storage", &["auth", "clock", "domain"]),
    ("metrics", &["clock", "domain"]),
    ("mail", &["auth", "clock", "config", "domain"]),
    ("service", &["auth", "clock", "config", "domain", "mail", "rbac", "storage"]),
    ("api", &["auth", "config", "domain", "rbac", "service"]),
    ("http", &["api", "auth", "config", "domain", "rbac", "runtime", "service", "storage"]),
    ("runtime", &["auth", "clock", "config", "domain", "http", "service", "storage"]),
];

fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every source with its text, by its path below `src`.
fn texts() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    sources(&root, &mut paths);
    let texts = paths.into_iter().filter_map(|path| {
        let name = path.strip_prefix(&root).ok()?.to_str()?.to_owned();
        Some((name, fs::read_to_string(&path).ok()?))
    });
    texts.collect()
}

fn module_of(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap_or_default()
}

/// The first segments that follow `crate::` in code; comments may mention anything.
fn leans_on(text: &str) -> Vec<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let uses = code.flat_map(|line| line.split("crate::").skip(1));
    uses.map(|rest| rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()).collect()
}

#[test]
fn no_module_leans_on_one_above_it() {
    let texts = texts();
    assert!(texts.len() > 40, "only {} sources were found", texts.len());
    for (file, text) in texts {
        let module = module_of(&file);
        if module == "lib" {
            continue;
        }
        let allowed = MAY_USE.iter().find(|(name, _)| *name == module).map(|(_, allowed)| *allowed);
        let Some(allowed) = allowed else { panic!("{file}: what may the module {module} lean on?") };
        for used in leans_on(&text) {
            assert!(used == module || allowed.contains(&used.as_str()), "{file} leans on {used}");
        }
    }
}

/// Words that only some files may say, and which.
const HOMES: &[(&str, &[&str])] = &[
    ("aws_sdk_dynamodb", &["storage/dynamodb", "runtime.rs"]),
    ("aws_config", &["storage/dynamodb/client.rs"]),
    ("env::var(", &["config.rs"]),
    ("Utc::now", &["clock.rs"]),
    ("from_os_rng", &["clock.rs"]),
    ("StatusCode", &["http"]),
    ("axum::", &["http"]),
    ("lambda_http", &["http", "runtime.rs"]),
    ("SmtpTransport", &["mail/transport.rs"]),
];

#[test]
fn what_has_a_home_is_named_nowhere_else() {
    for (file, text) in texts() {
        for (word, homes) in HOMES {
            let at_home = homes.iter().any(|home| file.starts_with(home));
            let named = text.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(word));
            assert!(at_home || !named, "{file} names {word}");
        }
    }
}
