//! All users in memory, in the order of the list: what answers every filter exactly, count and offset included.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use uuid::Uuid;

use super::time::Timestamp;
use super::user::{LoginType, User, UserStatus};
use super::user_filter::{DirectoryEntry, UserFilter, fold};

/// What a list shows of a user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListedUser {
    /// Version 4 UUID.
    pub id: Uuid,
    /// As given.
    pub username: String,
    /// As given; empty for service accounts.
    pub email: String,
    /// Real name, may be empty.
    pub name: String,
    /// May be empty.
    pub avatar_url: String,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change of the record.
    pub updated_at: Timestamp,
    /// [`Timestamp::NEVER`] until first seen.
    pub last_seen_at: Timestamp,
    /// Whether the account may sign in.
    pub status: UserStatus,
    /// How the account signs in.
    pub login_type: LoginType,
    /// An account for machines.
    pub is_service_account: bool,
    /// Stored site roles.
    pub roles: Vec<String>,
    /// In the order of joining.
    pub organization_ids: Vec<Uuid>,
}

impl From<User> for ListedUser {
    fn from(user: User) -> Self {
        Self {
            organization_ids: user.organization_ids().collect(),
            id: user.id,
            username: user.username,
            email: user.email,
            name: user.name,
            avatar_url: user.avatar_url,
            created_at: user.created_at,
            updated_at: user.updated_at,
            last_seen_at: user.last_seen_at,
            status: user.status,
            login_type: user.login_type,
            is_service_account: user.is_service_account,
            roles: user.roles,
        }
    }
}

/// Which part of the matching users is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Window<'a> {
    /// Only users whose lower-cased username is greater.
    pub after: Option<&'a str>,
    /// How many to leave out.
    pub offset: usize,
    /// How many at most; `None` for all.
    pub limit: Option<usize>,
}

/// Every user that is not deleted, by lower-cased username. About 150 bytes a user: lists of roles and organizations,
/// which most users share, are kept once.
#[derive(Debug, Default)]
pub struct Directory {
    entries: Vec<Entry>,
    roles: Interned<Vec<String>>,
    organizations: Interned<Vec<Uuid>>,
}

/// Values kept once and named by a number.
#[derive(Debug)]
struct Interned<T> {
    values: Vec<T>,
    numbers: HashMap<T, u32>,
}

impl<T> Default for Interned<T> {
    fn default() -> Self {
        Self { values: Vec::new(), numbers: HashMap::new() }
    }
}

impl<T: Clone + Eq + Hash> Interned<T> {
    fn number(&mut self, value: T) -> u32 {
        if let Some(number) = self.numbers.get(&value) {
            return *number;
        }
        // Four thousand million different lists would need as many users.
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.values.push(value.clone());
        self.numbers.insert(value, number);
        number
    }

    fn get(&self, number: u32) -> &T {
        &self.values[number as usize]
    }
}

/// One user. The texts lie in one piece: username, e-mail, real name, avatar.
#[derive(Debug)]
struct Entry {
    text: Box<str>,
    /// Username, e-mail and real name folded, should that differ.
    folded: Option<Box<str>>,
    lengths: [u32; 3],
    folded_lengths: [u32; 3],
    id: Uuid,
    created_at: i64,
    updated_at: i64,
    last_seen_at: i64,
    roles: u32,
    organizations: u32,
    status: UserStatus,
    login_type: LoginType,
    is_service_account: bool,
}

/// Cuts a text where three lengths say; the fourth part is the rest.
fn parts<'a>(text: &'a str, lengths: &[u32; 3]) -> [&'a str; 4] {
    let (first, rest) = text.split_at(lengths[0] as usize);
    let (second, rest) = rest.split_at(lengths[1] as usize);
    let (third, rest) = rest.split_at(lengths[2] as usize);
    [first, second, third, rest]
}

fn length(text: &str) -> u32 {
    // An item of the table has at most 400 KB.
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

impl Entry {
    fn new(user: &User, roles: u32, organizations: u32) -> Self {
        let given = [&user.username, &user.email, &user.name];
        let folded = given.map(|text| fold(text));
        let lengths = given.map(|text| length(text));
        let folded_lengths = [0, 1, 2].map(|part| length(&folded[part]));
        let differs = folded.iter().zip(given).any(|(folded, given)| folded != given);
        Self {
            folded: differs.then(|| folded.concat().into()),
            text: [&user.username, &user.email, &user.name, &user.avatar_url].map(String::as_str).concat().into(),
            lengths,
            folded_lengths,
            id: user.id,
            created_at: user.created_at.micros(),
            updated_at: user.updated_at.micros(),
            last_seen_at: user.last_seen_at.micros(),
            roles,
            organizations,
            status: user.status,
            login_type: user.login_type,
            is_service_account: user.is_service_account,
        }
    }

    fn folded(&self) -> [&str; 4] {
        match &self.folded {
            Some(folded) => parts(folded, &self.folded_lengths),
            None => parts(&self.text, &self.lengths),
        }
    }

    fn username_folded(&self) -> &str {
        match &self.folded {
            Some(folded) => &folded[..self.folded_lengths[0] as usize],
            None => &self.text[..self.lengths[0] as usize],
        }
    }
}

fn time(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).unwrap_or(Timestamp::NEVER)
}

/// A directory under construction: users come in any order, each name once.
#[derive(Debug, Default)]
pub struct DirectoryBuilder(Directory);

impl DirectoryBuilder {
    /// Adds a user.
    pub fn add(&mut self, user: &User) {
        let entry = self.0.entry(user);
        self.0.entries.push(entry);
    }

    /// The directory.
    #[must_use]
    pub fn build(mut self) -> Directory {
        self.0.entries.sort_unstable_by(|a, b| a.username_folded().cmp(b.username_folded()));
        self.0.entries.shrink_to_fit();
        self.0
    }
}

impl Directory {
    /// How many users there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Sets what stands at lower-cased usernames: a user, or nobody. One pass, however many they are.
    pub fn apply(&mut self, changes: BTreeMap<String, Option<User>>) {
        if changes.is_empty() {
            return;
        }
        let old = std::mem::take(&mut self.entries);
        let mut entries = Vec::with_capacity(old.len() + changes.len());
        let mut old = old.into_iter().peekable();
        for (name, user) in changes {
            while let Some(entry) = old.next_if(|entry| entry.username_folded() < name.as_str()) {
                entries.push(entry);
            }
            // Whoever stood there is replaced.
            old.next_if(|entry| entry.username_folded() == name);
            entries.extend(user.map(|user| self.entry(&user)));
        }
        entries.extend(old);
        self.entries = entries;
    }

    fn entry(&mut self, user: &User) -> Entry {
        let roles = self.roles.number(user.roles.clone());
        let organizations = self.organizations.number(user.organization_ids().collect());
        Entry::new(user, roles, organizations)
    }

    /// The users in a window of those who match and are visible, and how many those are in all after the cursor.
    #[must_use]
    pub fn search(
        &self,
        filter: &UserFilter,
        window: Window<'_>,
        is_visible: impl Fn(Uuid) -> bool,
    ) -> (Vec<ListedUser>, u64) {
        let begin =
            window.after.map_or(0, |after| self.entries.partition_point(|entry| entry.username_folded() <= after));
        let mut count = 0_u64;
        let mut page = Vec::new();
        for entry in &self.entries[begin..] {
            if !self.matches(filter, entry) || !is_visible(entry.id) {
                continue;
            }
            let is_wanted = count >= window.offset as u64 && window.limit.is_none_or(|limit| page.len() < limit);
            count += 1;
            if is_wanted {
                page.push(self.listed(entry));
            }
        }
        (page, count)
    }

    fn matches(&self, filter: &UserFilter, entry: &Entry) -> bool {
        let [username_folded, email_folded, name_folded, _] = entry.folded();
        filter.matches(&DirectoryEntry {
            username_folded,
            email_folded,
            name_folded,
            status: entry.status,
            login_type: entry.login_type,
            is_service_account: entry.is_service_account,
            roles: self.roles.get(entry.roles),
            created_at: time(entry.created_at).utc(),
            last_seen_at: time(entry.last_seen_at).utc(),
            github_com_user_id: 0,
        })
    }

    fn listed(&self, entry: &Entry) -> ListedUser {
        let [username, email, name, avatar_url] = parts(&entry.text, &entry.lengths).map(str::to_owned);
        ListedUser {
            id: entry.id,
            username,
            email,
            name,
            avatar_url,
            created_at: time(entry.created_at),
            updated_at: time(entry.updated_at),
            last_seen_at: time(entry.last_seen_at),
            status: entry.status,
            login_type: entry.login_type,
            is_service_account: entry.is_service_account,
            roles: self.roles.get(entry.roles).clone(),
            organization_ids: self.organizations.get(entry.organizations).clone(),
        }
    }
}
