//! The objects that an API key may touch. What it may do to them is in `scopes`.

use std::fmt;

use uuid::Uuid;

use super::resource::ResourceType;

/// An allow-list may be this long when it is asked for.
pub const MAX_ENTRIES: usize = 128;

/// Why a list is refused. See docs/api/api-keys.md#allow-list.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AllowListError {
    /// The entry, whose beginning is given, is not `<type>:<id>` with a known type or `*`, and a UUID or `*`.
    #[error("allow-list entry {0:?} is not <type>:<id> with a known type or *, and a UUID or *")]
    Malformed(String),
    /// More than [`MAX_ENTRIES`] entries.
    #[error("the allow-list has {0} entries, the limit is {MAX_ENTRIES}")]
    TooMany(usize),
}

/// More of an entry is not quoted: longer ones are malformed anyway.
const QUOTED_CHARS: usize = 64;

fn beginning(text: &str) -> String {
    text.chars().take(QUOTED_CHARS).collect()
}

/// `<type>:<id>`; nothing stands for `*`. Sorts as its text does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct Entry {
    resource: Option<ResourceType>,
    id: Option<Uuid>,
}

impl Entry {
    const EVERYTHING: Self = Self { resource: None, id: None };

    fn parse(text: &str) -> Option<Self> {
        let (resource, id) = text.trim().split_once(':')?;
        Some(Self {
            resource: match resource {
                "*" => None,
                name => Some(ResourceType::parse(name)?),
            },
            id: match id {
                "*" => None,
                id => Some(Uuid::try_parse(id).ok()?),
            },
        })
    }

    /// Whether this entry lets a key touch the object, which has no id before it exists.
    fn permits(self, resource: ResourceType, id: Option<Uuid>) -> bool {
        match (self.resource, self.id) {
            (None, None) => true,
            (Some(ours), None) => ours == resource,
            (Some(ours), Some(only)) => ours == resource && id == Some(only),
            (None, Some(_)) => false,
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.resource.map_or("*", ResourceType::as_str))?;
        match self.id {
            None => formatter.write_str(":*"),
            Some(id) => write!(formatter, ":{id}"),
        }
    }
}

/// A normalised allow-list. See docs/api/api-keys.md#allow-list.
///
/// An entry is `*:*`, `<type>:*` or `<type>:<uuid>`. The grammar also admits `*:<uuid>`. It is kept as asked for, yet
/// names no object, since only the three forms do: a key with nothing else can touch nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AllowList(Vec<Entry>);

impl AllowList {
    /// `*:*`: all objects.
    #[must_use]
    pub fn everything() -> Self {
        Self(vec![Entry::EVERYTHING])
    }

    /// The list that a client asks for; no entries ask for everything. Blanks around an entry do not matter, the case
    /// of a type does. Malformed entries are reported first, then their number, duplicates included.
    pub fn parse(entries: &[String]) -> Result<Self, AllowListError> {
        if entries.is_empty() {
            return Ok(Self::everything());
        }
        let parsed = entries
            .iter()
            .map(|text| Entry::parse(text).ok_or_else(|| AllowListError::Malformed(beginning(text))))
            .collect::<Result<Vec<_>, _>>()?;
        if parsed.len() > MAX_ENTRIES {
            return Err(AllowListError::TooMany(parsed.len()));
        }
        Ok(Self::normalised(parsed))
    }

    /// The list of a stored key. What cannot be read names no object, so a damaged list allows less, not more; no
    /// entries allow nothing.
    #[must_use]
    pub fn from_stored(entries: &[String]) -> Self {
        Self::normalised(entries.iter().filter_map(|text| Entry::parse(text)).collect())
    }

    fn normalised(mut entries: Vec<Entry>) -> Self {
        if entries.contains(&Entry::EVERYTHING) {
            return Self::everything();
        }
        entries.sort_unstable();
        // A wildcard sorts right before the ids that it swallows.
        entries.dedup_by(|later, kept| later == kept || (kept.id.is_none() && kept.resource == later.resource));
        Self(entries)
    }

    /// Whether an object of this type and id may be touched. One about to be created has no id and needs `<type>:*`.
    #[must_use]
    pub fn permits(&self, resource: ResourceType, id: Option<Uuid>) -> bool {
        self.0.iter().any(|entry| entry.permits(resource, id))
    }

    /// The ids of the objects of this type that are named one by one.
    pub fn ids(&self, resource: ResourceType) -> impl Iterator<Item = Uuid> {
        self.0.iter().filter(move |entry| entry.resource == Some(resource)).filter_map(|entry| entry.id)
    }

    /// Whether `other` permits nothing that this list does not: a key may be made by another that covers it
    /// (Deviation: docs/api/deviations.md#no-wider-keys, where a narrow key can make an unrestricted one).
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        other.0.iter().all(|entry| match entry.resource {
            Some(resource) => self.permits(resource, entry.id),
            None => entry.id.is_some() || self.0.contains(entry),
        })
    }

    /// The entries as stored and shown: `<type>:<id>`, sorted by type, then by id.
    #[must_use]
    pub fn to_strings(&self) -> Vec<String> {
        self.0.iter().map(Entry::to_string).collect()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

    use proptest::prelude::*;
    use uuid::Uuid;

    use super::{AllowList, AllowListError};
    use crate::rbac::ResourceType;

    const ONE: &str = "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f";
    const TWO: &str = "1f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f";

    fn strings(entries: &[&str]) -> Vec<String> {
        entries.iter().map(|&entry| entry.to_owned()).collect()
    }

    fn list(entries: &[&str]) -> AllowList {
        AllowList::parse(&strings(entries)).unwrap()
    }

    fn id(text: &str) -> Option<Uuid> {
        Uuid::try_parse(text).ok()
    }

    #[test]
    fn a_list_is_sorted_and_a_wildcard_swallows_its_ids() {
        let (user, workspace) = (format!("user:{ONE}"), format!("workspace:{ONE}"));
        let list = list(&[&user, "workspace:*", &workspace, " api_key:* ", &user]);
        assert_eq!(list.to_strings(), ["api_key:*", user.as_str(), "workspace:*"]);
    }

    #[test]
    fn everything_swallows_the_rest_and_is_what_no_entry_asks_for() {
        assert_eq!(list(&["workspace:*", "*:*"]), AllowList::everything());
        assert_eq!(list(&[]).to_strings(), ["*:*"]);
    }

    #[test]
    fn entries_of_another_form_are_malformed() {
        for entry in ["workspace", "nonsense:*", "user:me", "User:*", "user :*", ":", "", "user:"] {
            assert_eq!(AllowList::parse(&strings(&["*:*", entry])), Err(AllowListError::Malformed(entry.to_owned())));
        }
    }

    #[test]
    fn a_list_may_have_128_entries() {
        let entries = |count| vec![format!("user:{ONE}"); count];
        assert_eq!(AllowList::parse(&entries(128)).unwrap().to_strings().len(), 1);
        assert_eq!(AllowList::parse(&entries(129)), Err(AllowListError::TooMany(129)));
    }

    #[test]
    fn creating_needs_the_wildcard_of_the_type() {
        let one = list(&[&format!("user:{ONE}")]);
        assert!(one.permits(ResourceType::User, id(ONE)));
        assert!(!one.permits(ResourceType::User, id(TWO)));
        assert!(!one.permits(ResourceType::User, None));
        assert!(!one.permits(ResourceType::Group, id(ONE)));
        let all = list(&["user:*"]);
        assert!(all.permits(ResourceType::User, None) && all.permits(ResourceType::User, id(TWO)));
        assert!(!all.permits(ResourceType::UserSecret, None));
    }

    #[test]
    fn ids_are_those_of_one_type() {
        let list = list(&[&format!("user:{ONE}"), &format!("group:{TWO}"), &format!("*:{TWO}"), "workspace:*"]);
        assert!(list.ids(ResourceType::User).eq(id(ONE)));
        assert_eq!(list.ids(ResourceType::Workspace).count(), 0);
    }

    #[test]
    fn an_id_without_a_type_is_kept_and_names_nothing() {
        let entry = format!("*:{ONE}");
        let list = list(&["user:*", &entry]);
        assert_eq!(list.to_strings(), [entry.as_str(), "user:*"]);
        assert!(!list.permits(ResourceType::Group, id(ONE)));
    }

    #[test]
    fn a_damaged_stored_list_allows_less() {
        let stored = AllowList::from_stored(&strings(&["gone:*", "user:x", "group:*"]));
        assert_eq!(stored.to_strings(), ["group:*"]);
        assert!(AllowList::from_stored(&[]).to_strings().is_empty());
    }

    #[test]
    fn covering_is_being_no_narrower() {
        let (one, two) = (format!("user:{ONE}"), format!("user:{TWO}"));
        let users = list(&["user:*", "group:*"]);
        assert!(AllowList::everything().covers(&users));
        assert!(!users.covers(&AllowList::everything()));
        assert!(users.covers(&list(&[&one, "user:*"])));
        assert!(!users.covers(&list(&[&one, "workspace:*"])));
        assert!(list(&[&one, &two]).covers(&list(&[&two])));
        assert!(!list(&[&one]).covers(&list(&[&one, &two])));
        assert!(!list(&[&one]).covers(&list(&["user:*"])));
    }

    fn entry() -> impl Strategy<Value = String> {
        let resource = prop::sample::select(vec!["*", "user", "group", "workspace"]);
        let id = prop::sample::select(vec!["*", ONE, TWO]);
        (resource, id).prop_map(|(resource, id)| format!("{resource}:{id}"))
    }

    proptest! {
        #[test]
        fn normalising_changes_nothing_that_a_list_permits(
            entries in prop::collection::vec(entry(), 1..6),
            permitted in entry(),
        ) {
            let list = AllowList::parse(&entries).unwrap();
            prop_assert_eq!(&AllowList::from_stored(&list.to_strings()), &list);
            prop_assert!(list.to_strings().is_sorted());
            let one_by_one: Vec<_> = entries
                .iter()
                .map(|entry| AllowList::parse(std::slice::from_ref(entry)).unwrap())
                .collect();
            for resource in ResourceType::ALL {
                for id in [None, id(ONE), id(TWO)] {
                    let expected = one_by_one.iter().any(|one| one.permits(*resource, id));
                    prop_assert_eq!(list.permits(*resource, id), expected);
                    let other = AllowList::parse(std::slice::from_ref(&permitted)).unwrap();
                    prop_assert!(
                        !(list.covers(&other) && other.permits(*resource, id))
                            || list.permits(*resource, id)
                    );
                }
            }
        }

        #[test]
        fn arbitrary_text_is_parsed_or_refused(text in ".*") {
            if let Ok(list) = AllowList::parse(std::slice::from_ref(&text)) {
                prop_assert_eq!(AllowList::parse(&list.to_strings()), Ok(list));
            }
        }
    }
}
