//! Arrows between the modules point one way. Reads every `use crate::…` and every `crate::…` path of the sources.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What each module may use, by the first segment of the path, lowest module first. A module uses only modules above
/// its own line, so a cycle cannot be written down here.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("rbac", &["domain"]),
    ("clock", &["domain"]),
    ("auth", &["clock", "domain"]),
    ("config", &["auth"]),
    ("metrics", &["clock", "domain"]),
    ("logging", &[]),
    ("storage", &["auth", "clock", "domain"]),
    ("search", &["clock", "domain", "storage"]),
    ("notifications", &["auth", "clock", "config", "domain"]),
    ("service", &["auth", "clock", "config", "domain", "notifications", "rbac", "search", "storage"]),
    ("app", &["auth", "clock", "config", "domain", "search", "service", "storage"]),
    ("api", &["auth", "config", "domain", "rbac", "search", "service"]),
    ("http", &["api", "app", "auth", "config", "domain", "rbac", "search", "service", "storage"]),
    ("lambda", &["app", "config", "domain", "http", "logging"]),
];

/// What a file of a module may use of its own module by the path `crate::<module>::<part>`, lowest part first.
const PARTS_MAY_USE: &[(&str, &str, &[&str])] =
    &[("storage", "error", &[]), ("storage", "write", &[]), ("storage", "dynamodb", &["error", "write"])];

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
fn the_table_of_modules_has_no_cycle() {
    for (index, (module, used)) in MAY_USE.iter().enumerate() {
        for name in *used {
            assert!(
                MAY_USE[..index].iter().any(|(lower, _)| lower == name),
                "{module} may not use {name}, which is not below it"
            );
        }
    }
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

#[test]
fn no_part_of_a_module_leans_on_a_part_above_it() {
    for (file, text) in texts() {
        for (module, part, allowed) in PARTS_MAY_USE {
            let home = format!("{module}/{part}");
            if !file.starts_with(&format!("{home}/")) && file != format!("{home}.rs") {
                continue;
            }
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            let path = format!("crate::{module}::");
            let used = code.flat_map(|line| line.split(path.as_str()).skip(1));
            for rest in used {
                let name: String =
                    rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
                assert!(name == *part || allowed.contains(&name.as_str()), "{file} leans on {module}::{name}");
            }
        }
    }
}

/// The files of `http`, lowest first. A file uses only files before it, so there is no cycle.
const HTTP_FILES: &[&str] = &[
    "cookies",
    "encode",
    "context",
    "error",
    "query",
    "route",
    "path",
    "client",
    "deferred",
    "body",
    "params",
    "prefetch",
    "csrf",
    "limits",
    "authenticate",
    "fallback",
    "router",
    "respond",
    "size",
    "middleware",
];

/// The first segments that follow `super::` in the code of a file, without its tests.
fn used_siblings(text: &str) -> Vec<&str> {
    let code = text.split("\nmod tests {").next().unwrap_or_default();
    let uses = code.split("super::").skip(1).map(|rest| match rest.strip_prefix('{') {
        Some(list) => list.split('}').next().unwrap_or_default(),
        None => rest.split([':', ';', ' ', '(', ',', '\n']).next().unwrap_or_default(),
    });
    let names = uses.flat_map(|list| list.split(',')).map(|path| path.split("::").next().unwrap_or_default().trim());
    names.filter(|name| !name.is_empty()).collect()
}

#[test]
fn no_file_of_http_uses_one_after_it() {
    for (file, text) in texts() {
        let Some(name) = file.strip_prefix("http/").and_then(|file| file.strip_suffix(".rs")) else { continue };
        if name.contains('/') {
            continue;
        }
        let place = |name: &str| HTTP_FILES.iter().position(|known| *known == name);
        let Some(own) = place(name) else { panic!("{file}: where in the order of http is it?") };
        for used in used_siblings(&text) {
            assert!(place(used).is_some_and(|used| used < own), "{file} uses {used}, which is not before it");
        }
    }
}

#[test]
fn siblings_are_found_in_every_form_of_a_path() {
    let text = "use super::error::ApiError;\nuse super::{client, limits::Limits};\nfn f() { super::path::g(1) }\n\
                mod tests {\n    use super::f;\n}\n";
    assert_eq!(used_siblings(text), ["error", "client", "limits", "path"]);
}

/// Words that only some files may say, and which.
const HOMES: &[(&str, &[&str])] = &[
    ("aws_sdk_dynamodb", &["storage/dynamodb", "app.rs"]),
    ("aws_config", &["storage/dynamodb/client.rs"]),
    ("env::var(", &["config.rs"]),
    ("Utc::now", &["clock.rs"]),
    ("from_os_rng", &["clock.rs"]),
    ("StatusCode", &["http"]),
    ("axum::", &["http"]),
    ("lambda_http", &["http", "lambda.rs"]),
    ("SmtpTransport", &["notifications/smtp.rs"]),
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
