//! Delivery of mail from the outbox to an SMTP server (docs/api/notifications.md#outbox,
//! docs/api/notifications.md#smtp-settings; decision 0011).

mod folder;
mod logs;
mod outbox;
mod overlap;
mod retries;
mod security;

use chrono::TimeDelta;
use roster::notifications::Mail;
use uuid::Uuid;

const LIFE: TimeDelta = TimeDelta::minutes(10);
const PASSCODE: Uuid = Uuid::from_u128(0x0dec_0de0_0000_4000_8000_0000_0000_0007);

/// The mail of a forgotten password.
fn forgotten(to: &str) -> Mail {
    Mail::OneTimePasscode { to: to.to_owned(), name: "Ada Canary".to_owned(), passcode: PASSCODE }
}
