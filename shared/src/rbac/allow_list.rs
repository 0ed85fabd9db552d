//! The objects that an API key may access. The actions that it allows are in `scope_set`.

use std::fmt;

use uuid::Uuid;

use super::resource::ResourceType;
use crate::domain::names::excerpt;

/// The most entries of a requested allow-list.
pub const MAX_ENTRIES: usize = 128;

/// Why a list is refused. See docs/api/api-keys.md#allow-list.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AllowListError {
    /// An entry that does not have the form `<type>:<id>`. Holds the beginning of the entry.
    #[error("allow-list entry {0:?} is not <type>:<id> with a known type or *, and a UUID or *")]
    Malformed(String),
    /// More than [`MAX_ENTRIES`] entries.
    #[error("the allow-list has {0} entries, the limit is {MAX_ENTRIES}")]
    TooMany(usize),
}

/// `<type>:<id>`, where `None` means `*`. Entries sort like their text.
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

    /// Whether this entry permits the object. An object that does not exist yet has no id.
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
/// An entry is `*:*`, `<type>:*` or `<type>:<uuid>`. The grammar also accepts `*:<uuid>`: such an entry is stored, but
/// it permits no object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AllowList(Vec<Entry>);

impl AllowList {
    /// `*:*`: all objects.
    pub fn everything() -> Self {
        Self(vec![Entry::EVERYTHING])
    }

    /// Parses the list of a client. An empty list permits everything. Blanks around an entry are ignored; the case of a
    /// type is not. Malformed entries are reported before too many entries. Duplicates count.
    pub fn parse(entries: &[String]) -> Result<Self, AllowListError> {
        if entries.is_empty() {
            return Ok(Self::everything());
        }
        let parsed = entries
            .iter()
            .map(|text| Entry::parse(text).ok_or_else(|| AllowListError::Malformed(excerpt(text))))
            .collect::<Result<Vec<_>, _>>()?;
        if parsed.len() > MAX_ENTRIES {
            return Err(AllowListError::TooMany(parsed.len()));
        }
        Ok(Self::normalised(parsed))
    }

    /// Parses the list of a stored key. A malformed entry permits no object, so a damaged list permits less, not more.
    /// An empty list permits nothing.
    pub fn from_stored(entries: &[String]) -> Self {
        Self::normalised(entries.iter().filter_map(|text| Entry::parse(text)).collect())
    }

    fn normalised(mut entries: Vec<Entry>) -> Self {
        if entries.contains(&Entry::EVERYTHING) {
            return Self::everything();
        }
        entries.sort_unstable();
        // A wildcard sorts directly before the ids that it includes.
        entries.dedup_by(|later, kept| later == kept || (kept.id.is_none() && kept.resource == later.resource));
        Self(entries)
    }

    /// Whether the list permits an object. An object that does not exist yet has no id and needs `<type>:*`.
    pub fn permits(&self, resource: ResourceType, id: Option<Uuid>) -> bool {
        self.0.iter().any(|entry| entry.permits(resource, id))
    }

    /// The ids in entries of this type.
    pub fn ids(&self, resource: ResourceType) -> impl Iterator<Item = Uuid> {
        self.0.iter().filter(move |entry| entry.resource == Some(resource)).filter_map(|entry| entry.id)
    }

    /// Whether this list permits every object that `other` permits. A key may create only keys that it covers.
    /// Deviation: docs/api/deviations.md#no-wider-keys. In Coder a narrow key can create an unrestricted one.
    pub fn covers(&self, other: &Self) -> bool {
        other.0.iter().all(|entry| match entry.resource {
            Some(resource) => self.permits(resource, entry.id),
            None => entry.id.is_some() || self.0.contains(entry),
        })
    }

    /// The entries as stored and shown: `<type>:<id>`, sorted by type, then by id.
    pub fn to_strings(&self) -> Vec<String> {
        self.0.iter().map(Entry::to_string).collect()
    }
}

#[cfg(test)]
mod tests {

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
    fn a_list_is_sorted_and_a_wildcard_replaces_the_ids_of_its_type() {
        let (user, workspace) = (format!("user:{ONE}"), format!("workspace:{ONE}"));
        let list = list(&[&user, "workspace:*", &workspace, " api_key:* ", &user]);
        assert_eq!(list.to_strings(), ["api_key:*", user.as_str(), "workspace:*"]);
    }

    #[test]
    fn an_empty_request_permits_everything_and_the_full_wildcard_replaces_all_entries() {
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
    fn ids_returns_the_ids_of_one_type() {
        let list = list(&[&format!("user:{ONE}"), &format!("group:{TWO}"), &format!("*:{TWO}"), "workspace:*"]);
        assert!(list.ids(ResourceType::User).eq(id(ONE)));
        assert_eq!(list.ids(ResourceType::Workspace).count(), 0);
    }

    #[test]
    fn an_id_without_a_type_is_stored_and_permits_nothing() {
        let entry = format!("*:{ONE}");
        let list = list(&["user:*", &entry]);
        assert_eq!(list.to_strings(), [entry.as_str(), "user:*"]);
        assert!(!list.permits(ResourceType::Group, id(ONE)));
    }

    #[test]
    fn a_damaged_stored_list_permits_less() {
        let stored = AllowList::from_stored(&strings(&["gone:*", "user:x", "group:*"]));
        assert_eq!(stored.to_strings(), ["group:*"]);
        assert!(AllowList::from_stored(&[]).to_strings().is_empty());
    }

    #[test]
    fn a_list_covers_the_lists_that_permit_no_more() {
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
        fn a_normalised_list_permits_the_same_objects(
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
        fn a_parsed_text_survives_a_round_trip(text in ".*") {
            if let Ok(list) = AllowList::parse(std::slice::from_ref(&text)) {
                prop_assert_eq!(AllowList::parse(&list.to_strings()), Ok(list));
            }
        }
    }
}
