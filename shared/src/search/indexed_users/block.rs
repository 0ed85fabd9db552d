//! A block: up to 512 consecutive users of the list. The texts of a block are concatenated, so a search scans
//! contiguous memory. A change rebuilds one block, not the whole index.

use memchr::memmem::Finder;
use uuid::Uuid;

use crate::domain::text::fold;
use crate::domain::time::Timestamp;
use crate::domain::user::{LoginType, User, UserStatus};
use crate::search::UserSummary;

/// The most users of a rebuilt block. Unit tests use a small number to get several blocks.
pub(super) const USERS_PER_BLOCK: usize = if cfg!(test) { 3 } else { 512 };

/// The fields of an indexed user except texts. A million users must fit into the memory of a function, so `roles` and
/// `organizations` are numbers of interned lists. A [`UserSummary`] has its own lists and takes several times as much.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    pub(super) id: Uuid,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) last_seen_at: Timestamp,
    pub(super) roles: u32,
    pub(super) organizations: u32,
    pub(super) status: UserStatus,
    pub(super) login_type: LoginType,
    pub(super) is_service_account: bool,
}

/// Username, email address and real name, folded.
pub(super) type Folded<'a> = [&'a str; 3];

/// The texts of the indexed users: rows of `WIDTH` texts in one string. A [`UserSummary`] has a separate allocation for
/// each text, which costs more memory and makes a search slower.
#[derive(Debug, Default)]
struct Texts<const WIDTH: usize> {
    all: String,
    /// The end of each text in `all`.
    ends: Vec<u32>,
}

impl<const WIDTH: usize> Texts<WIDTH> {
    fn push(&mut self, row: [&str; WIDTH]) {
        for text in row {
            self.all.push_str(text);
            // Cannot overflow: a block holds at most 512 users, and an item of the table has at most 400 KB.
            self.ends.push(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        }
    }

    fn row(&self, row: usize) -> [&str; WIDTH] {
        let first = row * WIDTH;
        let mut start = self.start(first);
        std::array::from_fn(|column| {
            let end = self.ends[first + column] as usize;
            let text = &self.all[start..end];
            start = end;
            text
        })
    }

    fn start(&self, text: usize) -> usize {
        text.checked_sub(1).map_or(0, |before| self.ends[before] as usize)
    }

    fn shrink(&mut self) {
        self.all.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// The rows in which a text contains the needle, each once. The needle is not empty.
    fn rows_containing<'a>(&'a self, finder: &'a Finder<'_>) -> impl Iterator<Item = usize> + 'a {
        let (mut from, mut text) = (0, 0);
        std::iter::from_fn(move || {
            loop {
                let start = from + finder.find(self.all.as_bytes().get(from..)?)?;
                while (*self.ends.get(text)? as usize) <= start {
                    text += 1;
                }
                if start + finder.needle().len() > self.ends[text] as usize {
                    // The match crosses the end of a text.
                    from = start + 1;
                    continue;
                }
                let row = text / WIDTH;
                // Continue with the next row: each row is returned once.
                text = (row + 1) * WIDTH;
                from = self.start(text);
                return Some(row);
            }
        })
    }
}

/// Users in the order of their lower-cased usernames.
#[derive(Debug, Default)]
pub(super) struct Block {
    columns: Vec<Columns>,
    /// Usernames and email addresses, folded.
    logins: Texts<2>,
    /// Real names, folded.
    names: Texts<1>,
    /// Username, email address and real name as given, each empty if folding does not change it; avatar.
    given: Texts<4>,
}

impl Block {
    pub(super) fn len(&self) -> usize {
        self.columns.len()
    }

    pub(super) fn columns(&self, row: usize) -> &Columns {
        &self.columns[row]
    }

    /// The columns of the user with this folded username.
    pub(super) fn columns_mut(&mut self, username: &str) -> Option<&mut Columns> {
        let row = (0..self.len()).find(|row| self.username_folded(*row) == username)?;
        self.columns.get_mut(row)
    }

    pub(super) fn folded(&self, row: usize) -> Folded<'_> {
        let ([username, email], [name]) = (self.logins.row(row), self.names.row(row));
        [username, email, name]
    }

    pub(super) fn username_folded(&self, row: usize) -> &str {
        self.logins.row(row)[0]
    }

    /// The number of rows whose username is not greater than this one.
    pub(super) fn rows_up_to(&self, username_folded: &str) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.username_folded(middle) <= username_folded { low = middle + 1 } else { high = middle }
        }
        low
    }

    pub(super) fn push(&mut self, user: &User, columns: Columns) {
        let given = [&user.username, &user.email, &user.name].map(String::as_str);
        let folded = given.map(fold);
        let [username, email, name] = folded.each_ref().map(String::as_str);
        self.logins.push([username, email]);
        self.names.push([name]);
        let if_changed = |part: usize| if given[part] == folded[part] { "" } else { given[part] };
        self.given.push([if_changed(0), if_changed(1), if_changed(2), &user.avatar_url]);
        self.columns.push(columns);
    }

    pub(super) fn push_row_of(&mut self, other: &Self, row: usize) {
        self.logins.push(other.logins.row(row));
        self.names.push(other.names.row(row));
        self.given.push(other.given.row(row));
        self.columns.push(other.columns[row]);
    }

    pub(super) fn shrink(&mut self) {
        self.columns.shrink_to_fit();
        self.logins.shrink();
        self.names.shrink();
        self.given.shrink();
    }

    /// The rows whose username or email address contains the needle.
    pub(super) fn rows_with_login<'a>(&'a self, finder: &'a Finder<'_>) -> impl Iterator<Item = usize> + 'a {
        self.logins.rows_containing(finder)
    }

    /// The rows whose real name contains the needle.
    pub(super) fn rows_with_name<'a>(&'a self, finder: &'a Finder<'_>) -> impl Iterator<Item = usize> + 'a {
        self.names.rows_containing(finder)
    }

    pub(super) fn summary(&self, row: usize, roles: Vec<String>, organization_ids: Vec<Uuid>) -> UserSummary {
        let [username, email, name, avatar_url] = self.given.row(row);
        let folded = self.folded(row);
        let [username, email, name] = [(username, folded[0]), (email, folded[1]), (name, folded[2])]
            .map(|(given, folded)| if given.is_empty() { folded } else { given }.to_owned());
        let columns = self.columns(row);
        UserSummary {
            id: columns.id,
            username,
            email,
            name,
            avatar_url: avatar_url.to_owned(),
            created_at: columns.created_at,
            updated_at: columns.updated_at,
            last_seen_at: columns.last_seen_at,
            status: columns.status,
            login_type: columns.login_type,
            is_service_account: columns.is_service_account,
            roles,
            organization_ids,
        }
    }
}

#[cfg(test)]
mod tests {
    use memchr::memmem::Finder;

    use super::Texts;

    fn rows_containing(rows: &[[&str; 2]], text: &str) -> Vec<usize> {
        let mut texts = Texts::<2>::default();
        for row in rows {
            texts.push(*row);
        }
        texts.rows_containing(&Finder::new(text)).collect()
    }

    #[test]
    fn a_row_is_found_once_and_only_by_a_match_within_one_text() {
        let rows = [["ab", "ab"], ["", ""], ["b", "a"], ["b", ""], ["xab", "b"]];
        assert_eq!(rows_containing(&rows, "ab"), [0, 4]);
        assert_eq!(rows_containing(&rows, "ba"), [0_usize; 0]);
        assert_eq!(rows_containing(&rows, "b"), [0, 2, 3, 4]);
        assert_eq!(rows_containing(&rows, "abb"), [0_usize; 0]);
    }

    #[test]
    fn a_match_across_texts_does_not_hide_a_later_overlapping_match() {
        assert_eq!(rows_containing(&[["xa", "aa"]], "aa"), [0]);
        assert_eq!(rows_containing(&[["xa", "a"], ["aaa", ""]], "aaa"), [1]);
        assert_eq!(rows_containing(&[["é", "\u{3a9}é"], ["é", "é"]], "é"), [0, 1]);
    }
}
