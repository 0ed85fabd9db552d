//! Messages on their way into the outbox.

use super::Service;
use crate::domain::time::Timestamp;
use crate::mail::content::{self, ContentError};
use crate::mail::{Mail, OutboxMessage};

impl Service {
    /// The message that a transaction writes along with the change it announces. `None` makes a message as long as any
    /// other that is never sent: what a request does for an address that nobody has.
    pub fn outbox_message(
        &self,
        mail: Option<&Mail>,
        now: Timestamp,
        not_after: Timestamp,
    ) -> Result<OutboxMessage, ContentError> {
        let id = self.random.uuid();
        let sealed = content::seal(mail, id, &self.vault, &self.random)?;
        Ok(OutboxMessage { id, created_at: now, not_after, sealed })
    }
}
