//! Conventions of every route: headers, routing, bodies, and secrets that never appear in an answer.

mod bodies;
mod canaries;
mod deployment;
mod headers;
mod long;
mod methods;
mod paths;
mod secrets;
