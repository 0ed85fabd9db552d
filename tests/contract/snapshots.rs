//! The snapshots of the API tests: every route has one of a success and one of a refusal if it can have them, and every
//! snapshot belongs to a test.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use http::Method;
use roster_local::RouteMap;

/// A snapshot file of insta.
struct Snapshot {
    path: PathBuf,
    /// The test file, by its path from the root of the repository.
    source: String,
    /// The name of the snapshot.
    name: String,
    content: String,
}

impl Snapshot {
    /// The header is between two lines of `---`. The file name is the module, `__` and the name of the snapshot.
    fn read(path: PathBuf) -> Self {
        let text = fs::read_to_string(&path).expect("a snapshot can be read");
        let (head, content) = text.trim_start_matches("---\n").split_once("\n---\n").expect("a snapshot has a head");
        let source = head.lines().find_map(|line| line.strip_prefix("source: ")).expect("the head names the source");
        let stem = path.file_stem().expect("a file has a name").to_string_lossy();
        let name = stem.rsplit("__").next().expect("a name has a last part").to_owned();
        Self { source: source.to_owned(), name, content: content.to_owned(), path }
    }

    /// The request and the status of a snapshot of an exchange.
    fn exchange(&self) -> Option<(Method, &str, u16)> {
        let (method, uri) = self.content.lines().next()?.split_once(' ')?;
        let answer = self.content.split("\n\n").nth(1)?;
        let path = uri.split('?').next()?;
        Some((method.parse().ok()?, path, answer.split(' ').next()?.parse().ok()?))
    }
}

fn files_below(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("the directory can be read").flatten().map(|entry| entry.path());
    let (directories, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let below = directories.iter().flat_map(|directory| files_below(directory, extension));
    below.chain(files.into_iter().filter(|path| path.extension().is_some_and(|found| found == extension))).collect()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn snapshots() -> Vec<Snapshot> {
    files_below(&root().join("tests/api"), "snap").into_iter().map(Snapshot::read).collect()
}

/// Routes that refuse no request.
const NEVER_REFUSED: [&str; 6] = [
    "GET /api/v2",
    "GET /api/v2/auth/scopes",
    "GET /api/v2/buildinfo",
    "GET /api/v2/entitlements",
    "GET /api/v2/updatecheck",
    "GET /api/v2/users/authmethods",
];

/// Routes that refuse every request while no provider is configured.
const ALWAYS_REFUSED: [&str; 4] = [
    "GET /api/v2/users/oauth2/github/callback",
    "GET /api/v2/users/oauth2/github/device",
    "GET /api/v2/users/oidc-claims",
    "GET /api/v2/users/oidc/callback",
];

#[test]
fn every_route_has_a_snapshot_of_a_success_and_of_a_refusal() {
    let routes = RouteMap::of_deployment().expect("every route is declared once");
    let mut statuses: BTreeMap<String, BTreeSet<u16>> = BTreeMap::new();
    for snapshot in snapshots() {
        let Some((method, path, status)) = snapshot.exchange() else { continue };
        let found = routes.resolve(&method, path);
        statuses.entry(found.route_key.to_owned()).or_default().insert(status);
    }
    let mut lacking = Vec::new();
    for route in roster_platform::routes() {
        let route = format!("{} {}", route.method, route.full_path());
        let seen = statuses.get(&route).cloned().unwrap_or_default();
        let (succeeds, is_refused) =
            (seen.iter().any(|status| *status < 400), seen.iter().any(|status| *status >= 400));
        if !succeeds && !ALWAYS_REFUSED.contains(&route.as_str()) {
            lacking.push(format!("{route}: no success"));
        }
        if !is_refused && !NEVER_REFUSED.contains(&route.as_str()) {
            lacking.push(format!("{route}: no refusal"));
        }
    }
    assert!(lacking.is_empty(), "{lacking:#?}");
}

#[test]
fn every_snapshot_belongs_to_a_test() {
    let all = snapshots();
    assert!(all.len() > 200, "{} snapshots", all.len());
    for Snapshot { path, source, name, .. } in all {
        let file = root().join(&source);
        let code = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {source}: {error}", path.display()));
        let is_named = code.contains(&format!("{name}:")) || code.contains(&format!("\"{name}\""));
        assert!(is_named, "{} is referenced by no test of {source}: delete it", path.display());
        let beside = file.parent().map(|directory| directory.join("snapshots")).expect("a file has a directory");
        assert_eq!(path.parent(), Some(beside.as_path()), "{} is not beside its test", path.display());
    }
}
