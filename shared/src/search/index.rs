//! All users in memory, in the order of the list: what answers every filter exactly, count and offset included.

mod block;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::ops::Range;

use memchr::memmem::Finder;
use uuid::Uuid;

use self::block::{Block, Facts, USERS_A_BLOCK};

use super::filter::{FilterFields, UserFilter};
use crate::domain::time::Timestamp;
use crate::domain::user::{LoginType, User, UserStatus};

/// What a list shows of a user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UserSummary {
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

impl From<User> for UserSummary {
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
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window<'a> {
    /// Only users whose lower-cased username is greater.
    pub after: Option<&'a str>,
    /// How many to leave out.
    pub offset: usize,
    /// How many at most.
    pub limit: usize,
}

impl Window<'_> {
    /// How many users from the cursor it takes to have all that are wanted.
    #[must_use]
    pub fn reach(&self) -> usize {
        self.offset.saturating_add(self.limit)
    }
}

/// Every user that is not deleted, by lower-cased username. About 180 bytes a user.
#[derive(Debug, Default)]
pub struct Directory {
    /// None is empty.
    blocks: Vec<Block>,
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

impl Directory {
    /// How many users there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.blocks.iter().map(Block::len).sum()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Sets what stands at lower-cased usernames: a user, or nobody. Only their neighbours are touched.
    pub fn apply(&mut self, changes: BTreeMap<String, Option<User>>) {
        let mut changes = changes.into_iter().peekable();
        while let Some((name, _)) = changes.peek() {
            let (here, next) = self.block_of(name);
            let end = self.blocks.get(next).map(|block| block.username_folded(0).to_owned());
            let mut local = Vec::new();
            while let Some(change) = changes.next_if(|(name, _)| end.as_ref().is_none_or(|end| name < end)) {
                local.push(change);
            }
            let rebuilt = self.rebuilt(here, local);
            self.blocks.splice(here..next, rebuilt);
        }
    }

    /// Notes that a user was seen, who may have been dormant, unless his entry is as new.
    pub fn note_seen(&mut self, user: &User) {
        let name = user.username.to_ascii_lowercase();
        let (here, _) = self.block_of(&name);
        let facts = self.blocks.get_mut(here).and_then(|block| block.facts_of(&name));
        if let Some(facts) = facts.filter(|facts| facts.id == user.id && facts.updated_at < user.updated_at) {
            facts.status = user.status;
            facts.last_seen_at = user.last_seen_at;
            facts.updated_at = user.updated_at;
        }
    }

    /// Where the block begins and ends in which a name belongs: the last one that does not begin after it.
    fn block_of(&self, name: &str) -> (usize, usize) {
        let begun = self.blocks.partition_point(|block| block.username_folded(0) <= name);
        let here = begun.saturating_sub(1);
        (here, (here + 1).min(self.blocks.len()))
    }

    /// A block with these changes, in as many pieces as it then needs. `changes` are in order.
    fn rebuilt(&mut self, number: usize, changes: Vec<(String, Option<User>)>) -> Vec<Block> {
        let old = self.blocks.get_mut(number).map(std::mem::take).unwrap_or_default();
        let most = old.len() + changes.len();
        let users_a_piece = most.div_ceil(most.div_ceil(USERS_A_BLOCK).max(1));
        let mut pieces = Pieces { done: Vec::new(), last: Block::default(), users_a_piece };
        let mut row = 0;
        for (name, user) in changes {
            while row < old.len() && old.username_folded(row) < name.as_str() {
                pieces.next().push_row_of(&old, row);
                row += 1;
            }
            // Whoever stood there is replaced.
            row += usize::from(row < old.len() && old.username_folded(row) == name);
            if let Some(user) = user {
                let facts = self.facts(&user);
                pieces.next().push(&user, facts);
            }
        }
        for row in row..old.len() {
            pieces.next().push_row_of(&old, row);
        }
        pieces.finish()
    }

    fn facts(&mut self, user: &User) -> Facts {
        Facts {
            id: user.id,
            created_at: user.created_at,
            updated_at: user.updated_at,
            last_seen_at: user.last_seen_at,
            roles: self.roles.number(user.roles.clone()),
            organizations: self.organizations.number(user.organization_ids().collect()),
            status: user.status,
            login_type: user.login_type,
            is_service_account: user.is_service_account,
        }
    }

    /// The users in a window of those who match, and how many those are in all after the cursor.
    #[must_use]
    pub fn search(&self, filter: &UserFilter, window: Window<'_>) -> (Vec<UserSummary>, u64) {
        // Texts are looked for in whole blocks; the filter then decides about each user in whom they were found.
        let finder = |text: &Option<String>| {
            text.as_deref().filter(|text| !text.is_empty()).map(Finder::new).map(Finder::into_owned)
        };
        let (account, name) = (finder(&filter.search), finder(&filter.name));
        let mut page = Page { users: Vec::new(), count: 0, wanted: window.offset..window.reach() };
        let (begin, mut first) = self.after(window.after);
        for block in &self.blocks[begin..] {
            let consider = |row: usize| {
                if row >= first && self.matches(filter, block, row) {
                    page.count(1, |_| self.listed(block, row));
                }
            };
            match (&account, &name) {
                _ if filter.is_empty() => page.count(block.len() - first, |row| self.listed(block, first + row)),
                (Some(account), _) => block.rows_with_account(account).for_each(consider),
                (None, Some(name)) => block.rows_with_name(name).for_each(consider),
                (None, None) => (first..block.len()).for_each(consider),
            }
            first = 0;
        }
        (page.users, page.count as u64)
    }

    /// The block and the row in it that come after a username.
    fn after(&self, name: Option<&str>) -> (usize, usize) {
        let Some(name) = name else { return (0, 0) };
        let (here, _) = self.block_of(name);
        (here, self.blocks.get(here).map_or(0, |block| block.rows_up_to(name)))
    }

    fn matches(&self, filter: &UserFilter, block: &Block, row: usize) -> bool {
        // Nobody looks at texts that no condition is about.
        let [username_folded, email_folded, name_folded] =
            if filter.is_about_texts() { block.folded(row) } else { Default::default() };
        let facts = block.facts(row);
        filter.matches(&FilterFields {
            username_folded,
            email_folded,
            name_folded,
            status: facts.status,
            login_type: facts.login_type,
            is_service_account: facts.is_service_account,
            roles: self.roles.get(facts.roles),
            created_at: facts.created_at.utc(),
            last_seen_at: facts.last_seen_at.utc(),
            github_com_user_id: 0,
        })
    }

    fn listed(&self, block: &Block, row: usize) -> UserSummary {
        let facts = block.facts(row);
        block.listed(row, self.roles.get(facts.roles).clone(), self.organizations.get(facts.organizations).clone())
    }
}

/// Blocks under construction.
struct Pieces {
    done: Vec<Block>,
    last: Block,
    users_a_piece: usize,
}

impl Pieces {
    /// The block into which the next user goes.
    fn next(&mut self) -> &mut Block {
        if self.last.len() == self.users_a_piece {
            self.done.push(std::mem::take(&mut self.last));
        }
        &mut self.last
    }

    fn finish(mut self) -> Vec<Block> {
        self.done.push(self.last);
        self.done.retain(|block| block.len() > 0);
        self.done.iter_mut().for_each(Block::shrink);
        self.done
    }
}

/// What is found: a count of all, and the users at the places that are wanted.
struct Page {
    users: Vec<UserSummary>,
    count: usize,
    wanted: Range<usize>,
}

impl Page {
    /// Counts some more, of whom `listed` shows any.
    fn count(&mut self, more: usize, listed: impl Fn(usize) -> UserSummary) {
        let places = self.count..self.count + more;
        let shown = self.wanted.start.max(places.start)..self.wanted.end.min(places.end);
        self.users.extend(shown.map(|place| listed(place - places.start)));
        self.count = places.end;
    }
}
