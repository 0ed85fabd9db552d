//! Computes password hashes with Argon2id and verifies passwords. A verification costs the same whether or not the user
//! has a password.

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Block, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// The most memory of one hash, in KiB: 1 GiB.
pub const MAX_MEMORY_KIB: u32 = 1 << 20;
/// The most memory that all iterations of one hash write, in KiB: 8 GiB, which takes seconds.
pub const MAX_WORK_KIB: u64 = 1 << 23;

const MAX_PBKDF2_ITERATIONS: u32 = 10_000_000;
const SALT_LENGTH: usize = 16;
const KEY_LENGTH: usize = 32;
/// A shorter key could match a wrong password by chance.
const STORED_KEY_LENGTHS: std::ops::RangeInclusive<usize> = 16..=64;
const STORED_SALT_LENGTHS: std::ops::RangeInclusive<usize> = 8..=64;

/// The cost of an Argon2id hash.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Params {
    /// Memory in KiB: at least 8 for each lane, at most [`MAX_MEMORY_KIB`].
    pub memory_kib: u32,
    /// Passes over the memory. Multiplied by the memory it is at most [`MAX_WORK_KIB`].
    pub iterations: u32,
    /// Number of lanes. It changes the result, but the lanes are computed one after the other.
    pub parallelism: u32,
}

/// Why parameters are refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ParamsError {
    /// More than [`MAX_MEMORY_KIB`].
    #[error("the memory is more than {MAX_MEMORY_KIB} KiB")]
    Memory,
    /// More than [`MAX_WORK_KIB`].
    #[error("memory times iterations is more than {MAX_WORK_KIB} KiB")]
    Work,
    /// Outside the range of Argon2.
    #[error(transparent)]
    Undefined(#[from] argon2::Error),
}

impl Params {
    /// Checks the bounds. They are the same for configured and for stored parameters. So every new hash can be
    /// verified, and a corrupt item cannot keep a function busy.
    pub fn new(memory_kib: u32, iterations: u32, parallelism: u32) -> Result<Self, ParamsError> {
        argon2::Params::new(memory_kib, iterations, parallelism, None)?;
        if memory_kib > MAX_MEMORY_KIB {
            return Err(ParamsError::Memory);
        }
        if u64::from(memory_kib) * u64::from(iterations) > MAX_WORK_KIB {
            return Err(ParamsError::Work);
        }
        Ok(Self { memory_kib, iterations, parallelism })
    }

    /// Reads `m=<memory>,t=<iterations>,p=<parallelism>`.
    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split(',');
        let mut number = |prefix| numbers.next()?.strip_prefix(prefix)?.parse().ok();
        let (memory_kib, iterations, parallelism) = (number("m=")?, number("t=")?, number("p=")?);
        if numbers.next().is_some() {
            return None;
        }
        Self::new(memory_kib, iterations, parallelism).ok()
    }
}

impl Default for Params {
    /// 19 MiB, two iterations, one lane.
    fn default() -> Self {
        Self { memory_kib: 19_456, iterations: 2, parallelism: 1 }
    }
}

/// A stored password hash: `$argon2id$v=19$m=<KiB>,t=<iterations>,p=<lanes>$<salt>$<key>`, or for imported users
/// `$pbkdf2-sha256$<iterations>$<salt>$<key>` (docs/api/passwords.md#password-hashes). Base64 has no padding. `Debug`
/// hides the hash.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// The text to store.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for PasswordHash {
    /// Accepts any text. [`Hasher::verify`] reports malformed text.
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash")
    }
}

/// Why a password was neither hashed nor verified. Contains neither the password nor the hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum HashError {
    /// The stored text has an unknown format, or its parameters are out of bounds.
    #[error("a stored password hash is malformed")]
    Malformed,
    /// The parameters are out of bounds, or the process has too little memory.
    #[error("a password hash cannot be computed: the memory is too small or the parameters are wrong")]
    Compute,
}

/// The result of a verification.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The password is correct.
    Match {
        /// Whether the hash has other parameters than new hashes, and should be replaced.
        rehash: bool,
    },
    /// The password is wrong, or the user has none.
    Mismatch,
}

/// How a key is derived from a password and a salt.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Derivation {
    Argon2id(Params),
    Pbkdf2Sha256 { iterations: u32 },
}

/// A parsed password hash.
struct Stored {
    derivation: Derivation,
    salt: Vec<u8>,
    key: Vec<u8>,
}

impl Stored {
    fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('$').collect();
        let (derivation, salt, key) = match parts[..] {
            ["", "argon2id", "v=19", params, salt, key] => (Derivation::Argon2id(Params::parse(params)?), salt, key),
            ["", "pbkdf2-sha256", iterations, salt, key] => {
                let iterations = iterations.parse().ok()?;
                if !(1..=MAX_PBKDF2_ITERATIONS).contains(&iterations) {
                    return None;
                }
                (Derivation::Pbkdf2Sha256 { iterations }, salt, key)
            }
            _ => return None,
        };
        let (salt, key) = (STANDARD_NO_PAD.decode(salt).ok()?, STANDARD_NO_PAD.decode(key).ok()?);
        let lengths_fit = STORED_SALT_LENGTHS.contains(&salt.len()) && STORED_KEY_LENGTHS.contains(&key.len());
        lengths_fit.then_some(Self { derivation, salt, key })
    }
}

/// Computes and verifies password hashes. Each call blocks its thread for one computation. Computations run one at a
/// time, because they share one buffer: an allocation of that size takes as long as the hash. The buffer grows to the
/// largest need and is kept.
pub struct Hasher {
    params: Params,
    /// Verified in place of a missing hash.
    dummy: Stored,
    memory: Mutex<Vec<Block>>,
    computations: AtomicU64,
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hasher").field("params", &self.params).finish_non_exhaustive()
    }
}

impl Hasher {
    /// A hasher with these parameters. `random` becomes the salt and the key of the dummy hash, so that a cold start
    /// computes no hash.
    pub fn new(params: Params, random: &[u8; 32]) -> Self {
        Self {
            dummy: Stored {
                derivation: Derivation::Argon2id(params.clone()),
                salt: random[..SALT_LENGTH].to_vec(),
                key: random.to_vec(),
            },
            params,
            memory: Mutex::default(),
            computations: AtomicU64::new(0),
        }
    }

    /// Hashes a password of any length. The salt must be new and random.
    pub fn hash(&self, password: &str, salt: [u8; SALT_LENGTH]) -> Result<PasswordHash, HashError> {
        let mut key = [0; KEY_LENGTH];
        self.argon2id(&self.params, password, &salt, &mut key)?;
        let Params { memory_kib, iterations, parallelism } = self.params;
        Ok(PasswordHash(format!(
            "$argon2id$v=19$m={memory_kib},t={iterations},p={parallelism}${}${}",
            STANDARD_NO_PAD.encode(salt),
            STANDARD_NO_PAD.encode(key),
        )))
    }

    /// Compares a password with the stored hash. `stored` is `None` if the user has no password or does not exist. Each
    /// verdict takes exactly one computation, so its time does not reveal whether the user exists. An empty stored text
    /// counts as missing (docs/api/passwords.md#password-hashes).
    pub fn verify(&self, password: &str, stored: Option<&PasswordHash>) -> Result<Verdict, HashError> {
        let known = stored
            .map(PasswordHash::as_str)
            .filter(|text| !text.is_empty())
            .map(|text| Stored::parse(text).ok_or(HashError::Malformed))
            .transpose()?;
        let stored = known.as_ref().unwrap_or(&self.dummy);
        let mut key = vec![0; stored.key.len()];
        self.derive(&stored.derivation, password, &stored.salt, &mut key)?;
        let equal = bool::from(key.ct_eq(&stored.key));
        if equal && known.is_some() {
            let rehash = stored.derivation != self.dummy.derivation;
            Ok(Verdict::Match { rehash })
        } else {
            Ok(Verdict::Mismatch)
        }
    }

    /// How many hashes this hasher has computed. Tests use it to prove that every login takes one computation.
    pub fn computations(&self) -> u64 {
        self.computations.load(Ordering::Relaxed)
    }

    fn derive(&self, derivation: &Derivation, password: &str, salt: &[u8], key: &mut [u8]) -> Result<(), HashError> {
        match derivation {
            Derivation::Argon2id(params) => self.argon2id(params, password, salt, key),
            Derivation::Pbkdf2Sha256 { iterations } => {
                self.count_computation();
                pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), salt, *iterations, key);
                Ok(())
            }
        }
    }

    fn argon2id(&self, params: &Params, password: &str, salt: &[u8], key: &mut [u8]) -> Result<(), HashError> {
        self.count_computation();
        let params = argon2::Params::new(params.memory_kib, params.iterations, params.parallelism, None)
            .map_err(|_| HashError::Compute)?;
        let blocks = params.block_count();
        // Each computation writes the memory before it reads it, so a panic of another thread leaves no wrong state.
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let missing = blocks.saturating_sub(memory.len());
        if missing > 0 {
            memory.try_reserve_exact(missing).map_err(|_| HashError::Compute)?;
            memory.resize(blocks, Block::new());
        }
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(password.as_bytes(), salt, key, memory.as_mut_slice())
            .map_err(|_| HashError::Compute)
    }

    fn count_computation(&self) {
        self.computations.fetch_add(1, Ordering::Relaxed);
    }
}
