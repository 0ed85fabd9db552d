//! Which part of a list is asked for.

use uuid::Uuid;

/// A page of a list; the default is the whole list (docs/api/user-search.md#query-parameters).
///
/// The cursor comes first, then the offset, then the limit (docs/api/user-search.md#pages).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Pagination {
    /// At most this many elements; 0 for all.
    pub limit: u32,
    /// How many elements to leave out at the start.
    pub offset: u32,
    /// Only elements after the one with this id; never the nil UUID.
    pub after_id: Option<Uuid>,
}
