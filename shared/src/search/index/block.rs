//! A run of neighbours in the order of the list. Their texts lie in one piece each, so that a search passes over
//! memory from one end to the other, and a change rebuilds a few hundred users instead of all of them.

use memchr::memmem::Finder;
use uuid::Uuid;

use super::UserSummary;
use crate::domain::text::fold;
use crate::domain::time::Timestamp;
use crate::domain::user::{LoginType, User, UserStatus};

/// About how many users a block holds; few in unit tests, so that theirs are more than one.
pub(super) const USERS_A_BLOCK: usize = if cfg!(test) { 3 } else { 512 };

/// What is known of a user besides texts. Lists of roles and organizations are kept once for all who share them, and
/// named by a number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
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

/// Username, e-mail address, real name: folded, as a search compares them.
pub(super) type Folded<'a> = [&'a str; 3];

/// Rows of `WIDTH` texts, one behind the other.
#[derive(Debug, Default)]
struct Texts<const WIDTH: usize> {
    all: String,
    /// Where each text ends.
    ends: Vec<u32>,
}

impl<const WIDTH: usize> Texts<WIDTH> {
    fn push(&mut self, row: [&str; WIDTH]) {
        for text in row {
            self.all.push_str(text);
            // A block holds some hundred users, whose texts come from items of 400 KB at most.
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

    /// The rows in which one of the texts contains what `finder` looks for, which is not empty.
    fn rows_containing<'a>(&'a self, finder: &'a Finder<'_>) -> impl Iterator<Item = usize> + 'a {
        let (mut from, mut text) = (0, 0);
        std::iter::from_fn(move || {
            loop {
                let start = from + finder.find(self.all.as_bytes().get(from..)?)?;
                while (*self.ends.get(text)? as usize) <= start {
                    text += 1;
                }
                if start + finder.needle().len() > self.ends[text] as usize {
                    // Begins in one text and ends in another.
                    from = start + 1;
                    continue;
                }
                let row = text / WIDTH;
                // The rest of the row is of no interest.
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
    facts: Vec<Facts>,
    /// Usernames and e-mail addresses, folded.
    accounts: Texts<2>,
    /// Real names, folded.
    names: Texts<1>,
    /// Username, e-mail address and real name as given, each empty where folding changes nothing; avatar.
    given: Texts<4>,
}

impl Block {
    pub(super) fn len(&self) -> usize {
        self.facts.len()
    }

    pub(super) fn facts(&self, row: usize) -> &Facts {
        &self.facts[row]
    }

    /// What is known of the user of that folded username.
    pub(super) fn facts_of(&mut self, username: &str) -> Option<&mut Facts> {
        let row = (0..self.len()).find(|row| self.username_folded(*row) == username)?;
        self.facts.get_mut(row)
    }

    pub(super) fn folded(&self, row: usize) -> Folded<'_> {
        let ([username, email], [name]) = (self.accounts.row(row), self.names.row(row));
        [username, email, name]
    }

    pub(super) fn username_folded(&self, row: usize) -> &str {
        self.accounts.row(row)[0]
    }

    /// How many of the users do not come after that username.
    pub(super) fn rows_up_to(&self, username_folded: &str) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.username_folded(middle) <= username_folded { low = middle + 1 } else { high = middle }
        }
        low
    }

    pub(super) fn push(&mut self, user: &User, facts: Facts) {
        let given = [&user.username, &user.email, &user.name].map(String::as_str);
        let folded = given.map(fold);
        let [username, email, name] = folded.each_ref().map(String::as_str);
        self.accounts.push([username, email]);
        self.names.push([name]);
        let unlike = |part: usize| if given[part] == folded[part] { "" } else { given[part] };
        self.given.push([unlike(0), unlike(1), unlike(2), &user.avatar_url]);
        self.facts.push(facts);
    }

    pub(super) fn push_row_of(&mut self, other: &Self, row: usize) {
        self.accounts.push(other.accounts.row(row));
        self.names.push(other.names.row(row));
        self.given.push(other.given.row(row));
        self.facts.push(other.facts[row]);
    }

    pub(super) fn shrink(&mut self) {
        self.facts.shrink_to_fit();
        self.accounts.shrink();
        self.names.shrink();
        self.given.shrink();
    }

    /// The rows whose username or e-mail address contains that.
    pub(super) fn rows_with_account<'a>(&'a self, finder: &'a Finder<'_>) -> impl Iterator<Item = usize> + 'a {
        self.accounts.rows_containing(finder)
    }

    /// The rows whose real name contains that.
    pub(super) fn rows_with_name<'a>(&'a self, finder: &'a Finder<'_>) -> impl Iterator<Item = usize> + 'a {
        self.names.rows_containing(finder)
    }

    pub(super) fn listed(&self, row: usize, roles: Vec<String>, organization_ids: Vec<Uuid>) -> UserSummary {
        let [username, email, name, avatar_url] = self.given.row(row);
        let folded = self.folded(row);
        let [username, email, name] = [(username, folded[0]), (email, folded[1]), (name, folded[2])]
            .map(|(given, folded)| if given.is_empty() { folded } else { given }.to_owned());
        let facts = self.facts(row);
        UserSummary {
            id: facts.id,
            username,
            email,
            name,
            avatar_url: avatar_url.to_owned(),
            created_at: facts.created_at,
            updated_at: facts.updated_at,
            last_seen_at: facts.last_seen_at,
            status: facts.status,
            login_type: facts.login_type,
            is_service_account: facts.is_service_account,
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
    fn each_row_is_found_once_and_only_by_what_lies_within_one_text() {
        let rows = [["ab", "ab"], ["", ""], ["b", "a"], ["b", ""], ["xab", "b"]];
        assert_eq!(rows_containing(&rows, "ab"), [0, 4]);
        assert_eq!(rows_containing(&rows, "ba"), [0_usize; 0]);
        assert_eq!(rows_containing(&rows, "b"), [0, 2, 3, 4]);
        assert_eq!(rows_containing(&rows, "abb"), [0_usize; 0]);
    }

    #[test]
    fn what_overlaps_an_end_does_not_hide_what_follows() {
        assert_eq!(rows_containing(&[["xa", "aa"]], "aa"), [0]);
        assert_eq!(rows_containing(&[["xa", "a"], ["aaa", ""]], "aaa"), [1]);
        assert_eq!(rows_containing(&[["é", "\u{3a9}é"], ["é", "é"]], "é"), [0, 1]);
    }
}
