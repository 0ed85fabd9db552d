//! Time and randomness: the only home of `Utc::now` and of the operating system's random source.

use std::pin::Pin;
use std::sync::Mutex;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};
use uuid::Uuid;

use crate::domain::time::Timestamp;

/// A source of the current time. Tests replace it.
pub trait Clock: Send + Sync + 'static {
    /// The current time.
    fn now(&self) -> Timestamp;
}

/// The clock of the machine.
#[derive(Clone, Copy, Default, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one home of the wall clock")]
    fn now(&self) -> Timestamp {
        chrono::Utc::now().into()
    }
}

/// The future of [`Sleep::sleep`].
pub type Asleep<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// A source of delays. Tests replace it.
pub trait Sleep: Send + Sync + 'static {
    /// Completes after at least `span`.
    fn sleep(&self, span: Duration) -> Asleep<'_>;
}

impl Sleep for SystemClock {
    fn sleep(&self, span: Duration) -> Asleep<'_> {
        Box::pin(tokio::time::sleep(span))
    }
}

/// A cryptographically secure random source. A seed makes a run reproducible.
pub struct Random(Mutex<StdRng>);

impl std::fmt::Debug for Random {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Random")
    }
}

/// The alphabet of ids and secrets.
pub(crate) const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

impl Random {
    /// Seeded by the operating system.
    pub fn from_system() -> Self {
        Self(Mutex::new(StdRng::from_os_rng()))
    }

    /// The same sequence for the same seed.
    pub fn from_seed(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// Overwrites every byte with a random one.
    pub fn fill(&self, bytes: &mut [u8]) {
        // A panic of another thread leaves no wrong state: the generator has no invariant between calls.
        let mut rng = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        rng.fill_bytes(bytes);
    }

    /// A random version 4 UUID.
    pub fn uuid(&self) -> Uuid {
        uuid::Builder::from_random_bytes(self.bytes()).into_uuid()
    }

    /// `length` letters and digits, each equally likely.
    pub fn base62(&self, length: usize) -> String {
        let mut text = String::with_capacity(length);
        while text.len() < length {
            // 248 is the largest multiple of 62 in a byte. Larger values would make some characters more likely.
            let [byte] = self.bytes();
            if byte < 248 {
                text.push(char::from(BASE62[usize::from(byte % 62)]));
            }
        }
        text
    }

    /// A number below `bound`, each equally likely.
    pub fn below(&self, bound: u32) -> u32 {
        let zone = u32::MAX - u32::MAX % bound.max(1);
        loop {
            let value = u32::from_le_bytes(self.bytes());
            if value < zone {
                return value % bound.max(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn equal_seeds_give_equal_sequences() {
        assert_eq!(Random::from_seed(7).base62(22), Random::from_seed(7).base62(22));
        assert_ne!(Random::from_seed(7).base62(22), Random::from_seed(8).base62(22));
    }

    #[test]
    fn base62_uses_exactly_the_characters_of_its_alphabet() {
        let text = Random::from_seed(1).base62(10_000);
        let letters: std::collections::BTreeSet<char> = text.chars().collect();
        assert_eq!(letters.len(), 62);
        assert!(letters.iter().all(char::is_ascii_alphanumeric));
    }
}
