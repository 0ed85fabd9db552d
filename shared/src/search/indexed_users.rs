//! Users in memory, in the order of the list. Answers every filter exactly, with the count and any offset. Reads
//! nothing from the table.

mod block;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::ops::Range;

use memchr::memmem::Finder;
use uuid::Uuid;

use self::block::{Block, Columns, USERS_PER_BLOCK};
use super::filter::{FilterFields, UserFilter};
use super::{UserSummary, Window};
use crate::domain::user::User;

/// Users by lower-cased username; none is deleted. Takes about 180 bytes a user: texts are concatenated, and each list
/// of roles or organizations is stored once.
#[derive(Debug, Default)]
pub struct IndexedUsers {
    /// No block is empty.
    blocks: Vec<Block>,
    roles: Interned<Vec<String>>,
    organizations: Interned<Vec<Uuid>>,
}

/// Distinct values, each identified by a number.
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
        // A list differs from the others only if a user has it, and there are fewer than 2^32 users.
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.values.push(value.clone());
        self.numbers.insert(value, number);
        number
    }

    fn get(&self, number: u32) -> &T {
        &self.values[number as usize]
    }
}

impl IndexedUsers {
    /// These users.
    pub fn of(users: Vec<User>) -> Self {
        let mut indexed = Self::default();
        indexed.insert(users);
        indexed
    }

    /// How many users there are.
    pub fn len(&self) -> usize {
        self.blocks.iter().map(Block::len).sum()
    }

    /// Whether there is no user.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Adds users. Replaces users with the same username.
    pub fn insert(&mut self, users: Vec<User>) {
        self.apply(users.into_iter().map(|user| (user.username.to_ascii_lowercase(), Some(user))).collect());
    }

    /// Replaces or removes the users of these lower-cased usernames. Rebuilds only the blocks that hold them.
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

    /// Updates the status and `last_seen_at` of a user, unless the entry is as new.
    pub fn note_seen(&mut self, user: &User) {
        let name = user.username.to_ascii_lowercase();
        let (here, _) = self.block_of(&name);
        let columns = self.blocks.get_mut(here).and_then(|block| block.columns_mut(&name));
        if let Some(columns) = columns.filter(|columns| columns.id == user.id && columns.updated_at < user.updated_at) {
            columns.status = user.status;
            columns.last_seen_at = user.last_seen_at;
            columns.updated_at = user.updated_at;
        }
    }

    /// The range of blocks to which a name belongs: the last block that does not begin after it, or an empty range if
    /// there is no block.
    fn block_of(&self, name: &str) -> (usize, usize) {
        let begun = self.blocks.partition_point(|block| block.username_folded(0) <= name);
        let here = begun.saturating_sub(1);
        (here, (here + 1).min(self.blocks.len()))
    }

    /// A block with these changes, split into blocks of the usual size. `changes` are in order.
    fn rebuilt(&mut self, number: usize, changes: Vec<(String, Option<User>)>) -> Vec<Block> {
        let old = self.blocks.get_mut(number).map(std::mem::take).unwrap_or_default();
        let most = old.len() + changes.len();
        let users_per_block = most.div_ceil(most.div_ceil(USERS_PER_BLOCK).max(1));
        let mut builder = BlockBuilder { done: Vec::new(), last: Block::default(), users_per_block };
        let mut row = 0;
        for (name, user) in changes {
            while row < old.len() && old.username_folded(row) < name.as_str() {
                builder.next().push_row_of(&old, row);
                row += 1;
            }
            row += usize::from(row < old.len() && old.username_folded(row) == name);
            if let Some(user) = user {
                let columns = self.columns(&user);
                builder.next().push(&user, columns);
            }
        }
        for row in row..old.len() {
            builder.next().push_row_of(&old, row);
        }
        builder.finish()
    }

    fn columns(&mut self, user: &User) -> Columns {
        Columns {
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

    /// The matching users in a window, and the number of matching users after the cursor.
    pub fn search(&self, filter: &UserFilter, window: Window<'_>) -> (Vec<UserSummary>, u64) {
        // The texts of a block are searched together. The filter is evaluated only for users with a match.
        let finder = |text: &Option<String>| {
            text.as_deref().filter(|text| !text.is_empty()).map(Finder::new).map(Finder::into_owned)
        };
        let (login, name) = (finder(&filter.search), finder(&filter.name));
        let mut page = PageBuilder { users: Vec::new(), count: 0, wanted: window.offset..window.reach() };
        let (begin, mut first) = self.after(window.after);
        for block in &self.blocks[begin..] {
            let count_match = |row: usize| {
                if row >= first && self.matches(filter, block, row) {
                    page.count(1, |_| self.summary(block, row));
                }
            };
            match (&login, &name) {
                _ if filter.is_empty() => page.count(block.len() - first, |row| self.summary(block, first + row)),
                (Some(login), _) => block.rows_with_login(login).for_each(count_match),
                (None, Some(name)) => block.rows_with_name(name).for_each(count_match),
                (None, None) => (first..block.len()).for_each(count_match),
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
        let [username_folded, email_folded, name_folded] =
            if filter.is_about_texts() { block.folded(row) } else { Default::default() };
        let columns = block.columns(row);
        filter.matches(&FilterFields {
            username_folded,
            email_folded,
            name_folded,
            status: columns.status,
            login_type: columns.login_type,
            is_service_account: columns.is_service_account,
            roles: self.roles.get(columns.roles),
            created_at: columns.created_at.utc(),
            last_seen_at: columns.last_seen_at.utc(),
            github_com_user_id: 0,
        })
    }

    fn summary(&self, block: &Block, row: usize) -> UserSummary {
        let columns = block.columns(row);
        block.summary(row, self.roles.get(columns.roles).clone(), self.organizations.get(columns.organizations).clone())
    }
}

/// Builds blocks of equal size.
struct BlockBuilder {
    done: Vec<Block>,
    last: Block,
    users_per_block: usize,
}

impl BlockBuilder {
    /// The block to which the next user is added.
    fn next(&mut self) -> &mut Block {
        if self.last.len() == self.users_per_block {
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

/// Counts the matching users and collects those at the wanted positions.
struct PageBuilder {
    users: Vec<UserSummary>,
    count: usize,
    wanted: Range<usize>,
}

impl PageBuilder {
    /// Counts `more` users. Calls `summary` for each wanted position.
    fn count(&mut self, more: usize, summary: impl Fn(usize) -> UserSummary) {
        let positions = self.count..self.count + more;
        let wanted = self.wanted.start.max(positions.start)..self.wanted.end.min(positions.end);
        self.users.extend(wanted.map(|position| summary(position - positions.start)));
        self.count = positions.end;
    }
}
