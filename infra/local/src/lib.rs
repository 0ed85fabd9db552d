//! Local mode: every function of the deployment in one process, behind a gateway that sends the events of API Gateway,
//! with an embedded DynamoDB.

mod background;
pub mod banner;
mod database;
mod directory;
mod event;
mod functions;
pub mod gateway;
mod invoke;
mod local;
mod options;
mod router_table;
mod routing;
mod schedule;
mod secrets;
mod server;
mod stream;
#[cfg(test)]
mod testing;

pub use database::{DatabaseError, EmbeddedDatabase, create_table};
pub use directory::{DataDirectory, DirectoryError};
pub use functions::{DEFAULT, Group, JOBS, Job, OUTBOX_BATCH_SIZE, Permissions, Trigger, groups};
pub use gateway::Gateway;
pub use local::{DatabaseOnly, Local, LocalError};
pub use options::{Command, GivenEvent, GivenKey, LogLines, Options};
pub use router_table::router_table;
pub use routing::{GatewayRoute, RouteMap, gateway_routes};
pub use secrets::SecretError;
pub use server::ServerError;
