//! Two tables of the specification, each row a test of its own: which status which endpoint answers (users 10), and
//! what comes of a request by caller and target (users 2.3).

mod outcomes;
mod staged;
mod status_codes;
