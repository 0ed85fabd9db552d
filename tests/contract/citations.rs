//! Every citation of a page or a decision record and every relative link resolves, and every deviation has a reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

/// File extensions of texts with citations.
const ENDINGS: [&str; 6] = ["rs", "md", "toml", "yaml", "html", "json"];
/// This file, which holds broken citations on purpose.
const THIS_FILE: &str = "tests/contract/citations.rs";
/// The page with a section for every deviation.
const DEVIATIONS: &str = "docs/api/deviations.md#";
/// Former names of documents that are not part of the project.
const FORMER_DOCUMENTS: [&str; 3] = ["users", "auth", "administration"];

/// Texts by their path from the root of the project.
type Sources = BTreeMap<String, String>;

fn ending(path: &Path) -> &str {
    path.extension().and_then(|ending| ending.to_str()).unwrap_or_default()
}

/// Reads the texts of the project. Build output and hidden directories are not part of it.
fn read_sources(root: &Path, directory: &Path, sources: &mut Sources) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with('.') || name == "target" {
            continue;
        }
        if path.is_dir() {
            read_sources(root, &path, sources)?;
        } else if ENDINGS.contains(&ending(&path)) {
            let relative = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            sources.insert(relative, fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

/// The anchors that GitHub gives the headings of a page: lower case, without punctuation, with hyphens for spaces and a
/// number for a repeated heading.
fn anchors(page: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    let mut is_code = false;
    for line in page.lines() {
        is_code ^= line.starts_with("```");
        let heading = line.trim_start_matches('#');
        if is_code || heading.len() == line.len() || !heading.starts_with(' ') {
            continue;
        }
        let kept = heading.trim().chars().filter(|char| char.is_alphanumeric() || matches!(char, ' ' | '-' | '_'));
        let anchor = kept.collect::<String>().to_lowercase().replace(' ', "-");
        let numbered = (1..).map(|number| format!("{anchor}-{number}"));
        let free = std::iter::once(anchor.clone()).chain(numbered).find(|anchor| !anchors.contains(anchor));
        anchors.extend(free);
    }
    anchors
}

/// Why a page, or a page and its anchor, cannot be found; `None` when it can.
fn unresolved(sources: &Sources, target: &str) -> Option<String> {
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let Some(page) = sources.get(path) else { return Some(format!("there is no {path}")) };
    let anchor = anchor.filter(|anchor| !anchors(page).contains(*anchor))?;
    Some(format!("{path} has no heading #{anchor}"))
}

fn has_decision(sources: &Sources, number: &str) -> bool {
    let beginning = format!("docs/decisions/{number}-");
    sources.keys().any(|path| path.starts_with(&beginning))
}

/// The four digits at the start of a text.
fn number(text: &str) -> Option<&str> {
    text.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The text after each occurrence of a word, unless the word ends a longer one.
fn after<'a>(line: &'a str, word: &'a str) -> impl Iterator<Item = &'a str> {
    line.match_indices(word).filter_map(move |(at, _)| {
        let is_begun = line[..at].ends_with(|char: char| char.is_alphanumeric() || matches!(char, '/' | '.' | '-'));
        (!is_begun).then(|| &line[at + word.len()..])
    })
}

/// The problems of citations relative to the root, such as `docs/api/README.md`, or of the number of a decision.
fn cited(sources: &Sources, line: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for rest in after(line, "docs/") {
        let is_part = |char: char| char.is_ascii_alphanumeric() || matches!(char, '/' | '.' | '-' | '_' | '#');
        let end = rest.find(|char| !is_part(char)).unwrap_or(rest.len());
        let target = rest[..end].trim_end_matches('.');
        let decision = target.strip_prefix("decisions/").and_then(number);
        let is_page = target.split('#').next().is_some_and(|path| !ending(Path::new(path)).is_empty());
        if is_page {
            problems.extend(unresolved(sources, &format!("docs/{target}")));
        } else if let Some(decision) = decision.filter(|decision| !has_decision(sources, decision)) {
            problems.push(format!("there is no decision {decision}"));
        }
    }
    for rest in after(line, "decision ").chain(after(line, "Decision ")) {
        if let Some(decision) = number(rest).filter(|decision| !has_decision(sources, decision)) {
            problems.push(format!("there is no decision {decision}"));
        }
    }
    problems
}

/// The path of the target of a relative link, from the root of the project.
fn linked_path(page: &str, link: &str) -> String {
    let mut steps: Vec<&str> = page.split('/').collect();
    steps.pop();
    for step in link.split('/') {
        match step {
            "." => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    steps.join("/")
}

/// The problems of the relative links of a page. Files without one of the [`ENDINGS`] are looked up below `root`.
fn links(sources: &Sources, root: &Path, page: &str, line: &str) -> Vec<String> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    let relative = targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:"));
    let problem = |target: &str| {
        if let Some(anchor) = target.strip_prefix('#') {
            return unresolved(sources, &format!("{page}#{anchor}"));
        }
        let path = linked_path(page, target);
        let is_known = sources.contains_key(path.split('#').next().unwrap_or_default());
        if !is_known && root.join(&path).exists() { None } else { unresolved(sources, &path) }
    };
    relative.filter_map(problem).collect()
}

/// The problem of a citation of a document that is not part of the project.
fn former(line: &str) -> Option<String> {
    let has_section = |rest: &str| {
        let mut parts = rest.split(|char: char| !char.is_ascii_digit() && char != '.').next()?.split('.');
        let is_number = |part: &str| !part.is_empty() && part.len() <= 2;
        Some(parts.next().is_some_and(is_number) && parts.next().is_some_and(is_number))
    };
    let names_section = |document: &&str| {
        let word = format!("{document} ");
        after(line, &word).any(|rest| has_section(rest).unwrap_or_default())
    };
    let names_document = |document: &&str| line.contains(&format!("Spec {document}"));
    let is_former = after(line, "Spec").any(|rest| rest.starts_with(':'))
        || FORMER_DOCUMENTS.iter().any(|document| names_section(document) || names_document(document));
    is_former.then(|| "cites a document that is not here".to_owned())
}

/// The comment around a line, as one line of text.
fn comment(lines: &[&str], at: usize) -> String {
    let is_comment = |line: &&&str| line.trim_start().starts_with("//");
    let before = lines[..at].iter().rev().take_while(is_comment).count();
    let after = lines[at..].iter().take_while(is_comment).count();
    lines[at - before..at + after].join("\n")
}

/// Every problem of every text, with file and line.
fn problems(sources: &Sources, root: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    for (path, text) in sources {
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let mut found = cited(sources, line);
            if ending(Path::new(path)) == "md" {
                found.extend(links(sources, root, path, line));
            }
            found.extend(former(line));
            let is_deviation =
                ending(Path::new(path)) == "rs" && line.trim_start().starts_with("//") && line.contains("Deviation");
            if is_deviation && !comment(&lines, at).contains(DEVIATIONS) {
                found.push(format!("a deviation cites its section of {DEVIATIONS}"));
            }
            problems.extend(found.into_iter().map(|problem| format!("{path}:{}: {problem}", at + 1)));
        }
    }
    problems
}

#[test]
fn every_citation_and_every_relative_link_resolves() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut sources = Sources::new();
    read_sources(&root, &root, &mut sources).expect("the sources can be read");
    assert!(sources.remove(THIS_FILE).is_some());
    assert!(sources.contains_key("docs/api/deviations.md") && sources.contains_key("shared/src/lib.rs"));
    let problems = problems(&sources, &root);
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// The problems of a text in a project with one page and one decision.
fn problems_of(path: &str, text: &str) -> Vec<String> {
    let page = ("docs/api/page.md", "# Page\n\n## Order of `checks`, 1st\n\n```text\n# no heading\n```\n");
    let decision = ("docs/decisions/0001-first.md", "# 0001 First\n");
    let sources = [page, decision, (path, text)].map(|(path, text)| (path.to_owned(), text.to_owned()));
    problems(&Sources::from(sources), Path::new("/nowhere"))
}

#[test]
fn citations_that_resolve_have_no_problem() {
    for (path, text) in [
        ("a.rs", "// See docs/api/page.md, docs/api/page.md#order-of-checks-1st."),
        ("a.rs", "//! docs/decisions/0001 (decision 0001)"),
        ("a.rs", "// Below docs/api/ there are pages, at https://example.com/docs/none.md others."),
        ("a.rs", "// There are 5 users 10 times a day."),
        ("docs/b.md", "[a](api/page.md#page) [b](#here) [c](https://example.com/none.md)\n## Here"),
    ] {
        assert_eq!(problems_of(path, text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn citations_that_do_not_resolve_are_reported_with_file_and_line() {
    for (path, text, problem) in [
        ("a.rs", "\n// docs/api/none.md", "a.rs:2: there is no docs/api/none.md"),
        ("a.rs", "// docs/api/page.md#checks.", "a.rs:1: docs/api/page.md has no heading #checks"),
        ("a.rs", "// docs/api/page.md#no-heading", "a.rs:1: docs/api/page.md has no heading #no-heading"),
        ("a.rs", "// docs/decisions/0002", "a.rs:1: there is no decision 0002"),
        ("a.rs", "// (decision 0002)", "a.rs:1: there is no decision 0002"),
        ("docs/b.md", "[x](api/none.md)", "docs/b.md:1: there is no docs/api/none.md"),
        ("docs/b.md", "[x](#none)", "docs/b.md:1: docs/b.md has no heading #none"),
        ("a.rs", "// (Spec: passwords)", "a.rs:1: cites a document that is not here"),
        ("a.rs", "// the order of users 7.3", "a.rs:1: cites a document that is not here"),
        ("a.rs", "// Deviation: it differs.", "a.rs:1: a deviation cites its section of docs/api/deviations.md#"),
    ] {
        assert_eq!(problems_of(path, text), [problem], "{text}");
    }
}
