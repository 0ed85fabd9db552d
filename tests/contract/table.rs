//! The schema of the table and the methods of its store, as the documentation of the access patterns describes them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use roster::rbac::SiteRole;
use roster::storage::dynamodb::table::{ACTIVE, INDEXES, TOKEN};
use roster_tests::Tour;

const ACCESS_PATTERNS: &str = include_str!("../../shared/src/storage/dynamodb/ACCESS_PATTERNS.md");

/// The rows of the tables below a heading of the documentation, without headers.
fn rows(heading: &str) -> Vec<Vec<&'static str>> {
    let section = ACCESS_PATTERNS.split("\n## ").find(|section| section.starts_with(heading));
    let section = section.expect("the documentation has the heading");
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
    rows.map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// The texts between backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The documented patterns of keys: one for each combination of a partition and a sort key.
fn documented_places() -> Vec<String> {
    let places = rows("Items").into_iter().flat_map(|row| {
        let (partitions, sorts) = (quoted(row[1]), quoted(row[2]));
        let pairs = partitions
            .into_iter()
            .flat_map(move |partition| sorts.clone().into_iter().map(move |sort| format!("{partition} / {sort}")));
        pairs.collect::<Vec<_>>()
    });
    places.collect()
}

/// Whether a text is a value of a documented placeholder.
fn fits(placeholder: &str, text: &str) -> bool {
    let all = |fits: fn(&u8) -> bool| !text.is_empty() && text.bytes().all(|byte| fits(&byte));
    let is_base62 = |length: usize| text.len() == length && all(u8::is_ascii_alphanumeric);
    match placeholder {
        "short" => is_base62(6),
        "key id" => is_base62(10),
        "0…7" => text.len() == 1 && all(|byte| (b'0'..=b'7').contains(byte)),
        "lower-cased username" | "lower-cased name" => {
            all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
        }
        "lower-cased address" => text.contains('@') && text.to_lowercase() == text,
        "name" => !text.is_empty(),
        "hash" => text.len() == 64 && all(u8::is_ascii_hexdigit),
        "window" => all(u8::is_ascii_digit),
        "id" => text.parse::<uuid::Uuid>().is_ok(),
        "status" => ["active", "dormant", "suspended"].contains(&text),
        "role" => SiteRole::parse(text).is_some_and(|role| role != SiteRole::Member),
        "address by domain" => match text.strip_prefix('@') {
            Some(id) => fits("id", id),
            None => text.contains('@') || text.len() > 900,
        },
        "day and part" => text
            .split_once('#')
            .is_some_and(|(day, part)| fits("0…7", part) && day.len() == 5 && day.parse::<u32>().is_ok()),
        "day and shard" => text.split_once('#').is_some_and(|(day, shard)| {
            day.parse::<chrono::NaiveDate>().is_ok() && ["0", "1", "2", "3"].contains(&shard)
        }),
        "moment and id of the change" | "moment and id of the row" => {
            text.split_once('#').is_some_and(|(moment, id)| {
                moment.len() == 16 && moment.bytes().all(|byte| byte.is_ascii_hexdigit()) && fits("id", id)
            })
        }
        unknown => panic!("the placeholder <{unknown}> is unknown"),
    }
}

/// Whether a key matches the pattern `<literal><placeholder>… / …`. A placeholder ends its half of the pattern.
fn is_of(pattern: &str, place: &str) -> bool {
    let halves = pattern.split_once(" / ").zip(place.split_once(" / "));
    let (pattern, place) = halves.expect("a place has a partition and a sort key");
    let half_is_of = |pattern: &str, text: &str| match pattern.split_once('<') {
        None => pattern == text,
        Some((literal, placeholder)) => {
            text.strip_prefix(literal).is_some_and(|rest| fits(placeholder.trim_end_matches('>'), rest))
        }
    };
    half_is_of(pattern.0, place.0) && half_is_of(pattern.1, place.1)
}

#[tokio::test]
async fn every_item_matches_one_documented_key_and_every_key_is_used() {
    let tour = Tour::take().await;
    let documented = documented_places();
    assert!(documented.len() > 10, "{documented:?}");
    let mut used = BTreeSet::new();
    for place in tour.app.item_keys_with_logs().await {
        let patterns: Vec<&String> = documented.iter().filter(|pattern| is_of(pattern, &place)).collect();
        assert_eq!(patterns.len(), 1, "{place} is of {patterns:?}");
        used.insert(patterns[0].clone());
    }
    assert_eq!(used, documented.into_iter().collect());
}

#[test]
fn the_documented_indexes_match_the_table() {
    let keys = |row: &[&'static str]| [0, 1, 2].map(|cell| quoted(row[cell])[0]);
    let documented: Vec<[&str; 3]> = rows("Indexes").iter().map(|row| keys(row)).collect();
    let declared: Vec<[&str; 3]> =
        INDEXES.iter().map(|index| [index.name, index.partition_key, index.sort_key]).collect();
    assert_eq!(documented, declared);
    let values: Vec<&str> = rows("Indexes").into_iter().map(|row| quoted(row[1])[1]).collect();
    assert_eq!(values, [ACTIVE, TOKEN]);
}

/// The methods of `Store` that reach the database, read from the sources.
fn methods() -> BTreeSet<String> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/src/storage/dynamodb");
    let files = fs::read_dir(directory).expect("the sources are there").flatten();
    let sources = files.filter_map(|file| fs::read_to_string(file.path()).ok());
    let methods = sources.flat_map(|source| {
        let blocks = source.split("\nimpl Store {\n").skip(1).filter_map(|rest| rest.split("\n}\n").next());
        let names = blocks.flat_map(|block| block.split("    pub async fn ").skip(1)).filter_map(|rest| {
            let name = rest.split('(').next()?;
            Some(name.to_owned())
        });
        names.collect::<Vec<_>>()
    });
    methods.collect()
}

#[test]
fn the_documented_methods_match_the_store() {
    let sections = ["Reads", "Writes"].map(rows).concat();
    let documented = sections.into_iter().filter_map(|row| {
        let method = quoted(row.last()?).last()?.strip_prefix("Store::")?;
        Some(method.to_owned())
    });
    let documented: BTreeSet<String> = documented.collect();
    assert!(documented.len() > 10, "{documented:?}");
    assert_eq!(documented, methods());
}
