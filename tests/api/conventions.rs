//! What holds for every route: headers, routing, bodies, and what never appears in an answer.

mod bodies;
mod canaries;
mod deployment;
mod headers;
mod long;
mod methods;
mod paths;
mod secrets;
