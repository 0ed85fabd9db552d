//! Messages on their way into the outbox, and out of it (docs/api/notifications.md#outbox; decision 0011).

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use uuid::Uuid;

use crate::auth::vault::Vault;
use crate::clock::{Clock, Random, Sleep};
use crate::config::Mailbox;
use crate::domain::outbox::Pending;
use crate::domain::time::Timestamp;
use crate::notifications::messages::{self, MessageError};
use crate::notifications::smtp::{ATTEMPT_TIMEOUT, SendError, Transport};
use crate::notifications::templates::{self, Sender};
use crate::notifications::{Mail, OutboxMessage};
use crate::storage::{StorageError, Store};

/// How long an attempt holds its lease on a message; an attempt and its writes take much less.
const LEASE: TimeDelta = TimeDelta::minutes(2);
/// What an attempt and the write after it may take: one that might not end in time is left to the next delivery.
const ATTEMPT: TimeDelta = TimeDelta::seconds(ATTEMPT_TIMEOUT.as_secs().cast_signed() + 5);
/// The longest wait between two attempts.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);

/// What became of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Delivered {
    /// It went out.
    Sent,
    /// It has no recipient, mail is off, or it was settled before.
    Nothing,
    /// It was too late to send it.
    Expired,
    /// It was given up, now.
    Dead,
    /// It is not settled and there was no time left: deliver it again.
    Later,
}

/// What a delivery works with.
#[derive(Clone, Copy)]
pub struct Postman<'a> {
    /// Where mail goes.
    pub transport: &'a Transport,
    /// How it waits between attempts.
    pub sleep: &'a dyn Sleep,
    /// When it must have ended.
    pub deadline: Timestamp,
}

impl std::fmt::Debug for Postman<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postman").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}

/// Makes messages for the outbox.
#[derive(Clone)]
pub struct MessageSealer {
    pub(crate) vault: Arc<Vault>,
    pub(crate) random: Arc<Random>,
}

impl MessageSealer {
    /// The message that a transaction writes with the change that it announces. `None` makes a message of the same length
    /// that is never sent, for requests about an address without a user.
    pub fn seal(
        &self,
        mail: Option<&Mail>,
        now: Timestamp,
        not_after: Timestamp,
    ) -> Result<OutboxMessage, MessageError> {
        let id = self.random.uuid();
        let sealed = messages::seal(mail, id, &self.vault, &self.random)?;
        Ok(OutboxMessage { id, created_at: now, not_after, sealed })
    }
}

/// What a delivery needs to know of the deployment.
#[derive(Clone, Debug)]
pub(crate) struct DeliverySettings {
    /// The sender of every mail.
    pub(crate) from: Mailbox,
    /// Where the links of mails lead.
    pub(crate) access_url: String,
    /// How often a message is attempted before it is marked as failed.
    pub(crate) max_attempts: u32,
    /// The pause after the first attempt; it doubles with each attempt.
    pub(crate) retry_interval: Duration,
}

/// Messages in the outbox: stored, and delivered.
pub struct Outbox {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) settings: DeliverySettings,
}

impl Outbox {
    /// Stores a message that announces no change.
    pub async fn store(&self, message: &OutboxMessage) -> Result<(), StorageError> {
        self.store.put_message(message).await
    }

    /// Tries a message until it is settled or time is up. Deliveries may repeat and overlap: one of them at a time has
    /// the message.
    pub async fn deliver(&self, id: Uuid, postman: Postman<'_>) -> Result<Delivered, StorageError> {
        loop {
            let pending = self.store.lookup_message(id).await?;
            let Some(pending) = pending.filter(|pending| !pending.is_dead) else { return Ok(Delivered::Nothing) };
            let now = self.clock.now();
            if pending.due_at.max(now).plus(ATTEMPT) > postman.deadline {
                return Ok(Delivered::Later);
            }
            if let Ok(early) = pending.due_at.since(now).to_std()
                && early > Duration::ZERO
            {
                postman.sleep.sleep(early).await;
                continue;
            }
            let settled = match self.store.claim_message(&pending, now.plus(LEASE)).await {
                Ok(claimed) => self.attempt(&claimed, postman.transport).await,
                Err(error) => Err(error),
            };
            match settled {
                Ok(Some(delivered)) => return Ok(delivered),
                // It is to be tried again, or another delivery has it: look again.
                Ok(None) | Err(StorageError::Contention) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// One attempt on a claimed message; `None` when it is to be tried again.
    async fn attempt(&self, pending: &Pending, transport: &Transport) -> Result<Option<Delivered>, StorageError> {
        let message = &pending.message;
        let mail = match messages::open(&message.sealed, message.id, &self.vault) {
            Ok(Some(mail)) => mail,
            Ok(None) => return self.done(pending, Delivered::Nothing).await,
            Err(error) => return self.give_up(pending, &error.to_string()).await,
        };
        if self.clock.now() > message.not_after {
            tracing::warn!(id = %message.id, "a message was too late to be sent");
            return self.done(pending, Delivered::Expired).await;
        }
        if matches!(transport, Transport::Off) {
            tracing::warn!(id = %message.id, "mail is off: a message was dropped");
            return self.done(pending, Delivered::Nothing).await;
        }
        if pending.attempts > self.settings.max_attempts {
            return self.give_up(pending, "the last attempt was interrupted").await;
        }
        let sender = Sender { from: &self.settings.from, access_url: &self.settings.access_url };
        let letter = match templates::render(&mail, message.id, message.created_at, sender) {
            Ok(letter) => letter,
            Err(error) => return self.give_up(pending, &error.to_string()).await,
        };
        let name = format!("{}-{}", message.created_at.utc().format("%Y%m%dT%H%M%S%.6fZ"), message.id);
        match transport.send(&name, &letter).await {
            Ok(()) => {
                tracing::info!(id = %message.id, attempt = pending.attempts, "a message was sent");
                self.done(pending, Delivered::Sent).await
            }
            Err(SendError::Permanent(reason)) => self.give_up(pending, &reason).await,
            Err(SendError::Passing(reason)) if pending.attempts >= self.settings.max_attempts => {
                self.give_up(pending, &reason).await
            }
            Err(SendError::Passing(reason)) => {
                tracing::warn!(id = %message.id, attempt = pending.attempts, reason, "an attempt failed");
                self.store.postpone_message(pending, self.clock.now().plus(self.wait(pending.attempts))).await?;
                Ok(None)
            }
        }
    }

    /// The wait after so many attempts.
    fn wait(&self, attempts: u32) -> TimeDelta {
        let factor = 1_i32.checked_shl(attempts.saturating_sub(1)).filter(|factor| *factor > 0).unwrap_or(i32::MAX);
        let first = TimeDelta::from_std(self.settings.retry_interval).unwrap_or(LONGEST_WAIT);
        first.checked_mul(factor).map_or(LONGEST_WAIT, |wait| wait.min(LONGEST_WAIT))
    }

    async fn done(&self, pending: &Pending, delivered: Delivered) -> Result<Option<Delivered>, StorageError> {
        match self.store.delete_message(pending).await {
            // Another delivery took the lease meanwhile and settles the message.
            Ok(()) | Err(StorageError::Contention) => Ok(Some(delivered)),
            Err(error) => Err(error),
        }
    }

    async fn give_up(&self, pending: &Pending, reason: &str) -> Result<Option<Delivered>, StorageError> {
        self.store.mark_failed(pending, reason).await?;
        tracing::error!(id = %pending.message.id, attempt = pending.attempts, reason, "a message was given up");
        Ok(Some(Delivered::Dead))
    }
}
