//! The page of a list that a request asks for.

use uuid::Uuid;

/// A page of a list; the default is the whole list (docs/api/user-search.md#query-parameters). The cursor applies
/// first, then the offset, then the limit (docs/api/user-search.md#pages).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Pagination {
    /// At most this many elements; 0 for all.
    pub limit: u32,
    /// The number of elements to skip.
    pub offset: u32,
    /// Only elements after the one with this id; never the nil UUID.
    pub after_id: Option<Uuid>,
}
