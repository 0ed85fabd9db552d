//! The fixtures of the tests: the whole service over an embedded database, actors who call it through the gateway, a
//! clock that tests advance, injected faults of the database, and an SMTP server.

pub mod actor;
pub mod answer;
pub mod app;
pub mod authority;
pub mod budget;
pub mod cast;
pub mod clock;
mod consistency;
pub mod faults;
pub mod log_capture;
pub mod post_office;
mod read_cache;
pub mod smtp;
pub mod snapshot;
pub mod stored;
pub mod story;
pub mod tour;

pub use actor::Actor;
pub use answer::{Answer, Cost};
pub use app::TestApp;
pub use cast::Cast;
pub use clock::TestClock;
pub use faults::{Fault, Faults};
pub use post_office::PostOffice;
pub use smtp::SmtpServer;
pub use tour::Tour;
