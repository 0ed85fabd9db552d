//! `/insights`.

mod user_status_counts;
