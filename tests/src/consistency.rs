//! Checks that the items of the table agree: every item that derives from the profile of a user matches it.
#![expect(clippy::expect_used, reason = "a table that cannot be read fails the test")]

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;

use crate::TestApp;

type Item = HashMap<String, AttributeValue>;
/// Partition and sort key.
type Place = (String, String);

fn text(item: &Item, name: &str) -> String {
    item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
}

fn place(item: &Item) -> Place {
    (text(item, "PK"), text(item, "SK"))
}

/// An item without its key and the attributes that only indexes use.
fn content(item: &Item) -> Item {
    let mut content = item.clone();
    for name in ["PK", "SK", "active_partition", "ttl"] {
        content.remove(name);
    }
    content
}

fn texts(item: &Item, name: &str) -> Vec<String> {
    let list = item.get(name).and_then(|value| value.as_l().ok()).cloned().unwrap_or_default();
    list.iter().filter_map(|value| value.as_s().ok()).cloned().collect()
}

/// Adds up numbers by name, and drops sums of zero.
fn sums<'a>(items: impl Iterator<Item = &'a Item>, name: impl Fn(&str) -> String) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for (attribute, value) in items.flat_map(content) {
        let number = value.as_n().ok().and_then(|number| number.parse::<i64>().ok());
        *sums.entry(name(&attribute)).or_default() += number.unwrap_or_else(|| panic!("{attribute} is no number"));
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

impl TestApp {
    /// Asserts that the items derived from the profiles of users are exactly the expected ones: listings, claims,
    /// addresses, counters, owners and status history.
    ///
    /// # Panics
    ///
    /// When an item is missing, superfluous or different.
    pub async fn assert_consistent(&self) {
        let items = self.items().await;
        let users: Vec<&Item> = items
            .iter()
            .filter(|item| text(item, "PK").starts_with("USER#") && text(item, "SK") == "PROFILE")
            .filter(|item| !item.contains_key("deleted"))
            .collect();
        let mut expected = Expected::default();
        for user in users {
            expected.add(user);
        }
        let Expected { lists, claims, addresses, mut owners, mut counts } = expected;
        let is_counter = |item: &&Item| text(item, "SK").starts_with("#COUNT#");
        let in_partition = |wanted: fn(&str) -> bool| items.iter().filter(move |item| wanted(&text(item, "PK")));
        let listed = in_partition(|partition| partition == "DIRECTORY" || partition.starts_with("DIRECTORY#"))
            .filter(|item| !is_counter(item) && text(item, "PK") != "DIRECTORY#EMAIL");
        assert_eq!(listed.map(|item| (place(item), content(item))).collect::<BTreeMap<_, _>>(), lists);
        let claimed = in_partition(|partition| partition.starts_with("EMAIL#"));
        let claimed = claimed.filter(|item| text(item, "SK") == "CLAIM").map(|item| {
            let record = item.get("record").and_then(|record| record.as_m().ok()).cloned();
            (place(item), (item["id"].clone(), record))
        });
        assert_eq!(claimed.collect::<BTreeMap<_, _>>(), claims);
        let entered =
            in_partition(|partition| partition == "DIRECTORY#EMAIL").map(|item| (text(item, "SK"), item["id"].clone()));
        assert_eq!(entered.collect::<BTreeMap<_, _>>(), addresses);
        assert_eq!(sums(items.iter().filter(is_counter), str::to_owned), counts);
        let marked = in_partition(|partition| partition == "DEPLOYMENT").filter(|item| text(item, "SK") == "OWNERS");
        let mut marked: Vec<String> = marked.filter_map(|item| item["ids"].as_ss().ok().cloned()).flatten().collect();
        marked.sort();
        owners.sort();
        assert_eq!(marked, owners);
        let history = in_partition(|partition| partition == "STATUS_HISTORY");
        let history = sums(history, |name| format!("status#{}", name.split('#').next().unwrap_or_default()));
        counts.retain(|name, _| name.starts_with("status#"));
        assert_eq!(history, counts);
    }
}

/// The items that the profiles of the users require.
#[derive(Default)]
struct Expected {
    lists: BTreeMap<Place, Item>,
    claims: BTreeMap<Place, (AttributeValue, Option<Item>)>,
    addresses: BTreeMap<String, AttributeValue>,
    owners: Vec<String>,
    counts: BTreeMap<String, i64>,
}

impl Expected {
    fn add(&mut self, user: &Item) {
        let name = text(user, "username").to_lowercase();
        let status = text(user, "status");
        let mut roles = texts(user, "roles");
        roles.retain(|role| role != "member");
        let groups = [format!("STATUS#{status}")].into_iter().chain(roles.iter().map(|role| format!("ROLE#{role}")));
        let partitions = groups.map(|group| format!("DIRECTORY#{group}")).chain(["DIRECTORY".to_owned()]);
        self.lists.extend(partitions.map(|partition| ((partition, name.clone()), content(user))));
        let seat = (status == "active" && !user.contains_key("service_account")).then(|| "seats".to_owned());
        let counters = [format!("status#{status}"), "users".to_owned()].into_iter().chain(seat);
        for counter in counters.chain(roles.iter().map(|role| format!("role#{role}"))) {
            *self.counts.entry(counter).or_default() += 1;
        }
        if roles.iter().any(|role| role == "owner") {
            let id = user["id"].as_b().expect("an id is binary");
            self.owners.push(uuid::Uuid::from_slice(id.as_ref()).expect("an id is a UUID").to_string());
        }
        let email = text(user, "email").to_lowercase();
        if let Some((local, domain)) = email.split_once('@') {
            let record = (status == "dormant").then(|| content(user));
            self.claims.insert((format!("EMAIL#{email}"), "CLAIM".to_owned()), (user["id"].clone(), record));
            let backwards: String = local.chars().rev().collect();
            self.addresses.insert(format!("{domain}@{backwards}"), user["id"].clone());
        }
    }
}
