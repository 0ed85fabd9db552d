//! Password hashes: making them with Argon2id, and verifying them at the same cost whether or not there is one.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Block, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// The most memory one hash may take, in KiB: 1 GiB.
pub const MAX_MEMORY_KIB: u32 = 1 << 20;
/// The most memory one hash may write in all its iterations, in KiB: 8 GiB, which takes seconds.
pub const MAX_WORK_KIB: u64 = 1 << 23;

const MAX_PBKDF2_ITERATIONS: u32 = 10_000_000;
const SALT_LENGTH: usize = 16;
const KEY_LENGTH: usize = 32;
/// An empty or tiny key would match by luck.
const STORED_KEY_LENGTHS: std::ops::RangeInclusive<usize> = 16..=64;
const STORED_SALT_LENGTHS: std::ops::RangeInclusive<usize> = 8..=64;

/// What an Argon2id hash costs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Params {
    /// Memory in KiB: at least 8 for each lane, at most [`MAX_MEMORY_KIB`].
    pub memory_kib: u32,
    /// How often the memory is gone through; times the memory at most [`MAX_WORK_KIB`].
    pub iterations: u32,
    /// Number of lanes. They belong to the result; they are computed one after the other.
    pub parallelism: u32,
}

/// Why numbers are no parameters.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ParamsError {
    /// More than [`MAX_MEMORY_KIB`].
    #[error("the memory is more than {MAX_MEMORY_KIB} KiB")]
    Memory,
    /// More than [`MAX_WORK_KIB`].
    #[error("memory times iterations is more than {MAX_WORK_KIB} KiB")]
    Work,
    /// Outside of what Argon2 is defined for.
    #[error(transparent)]
    Undefined(#[from] argon2::Error),
}

impl Params {
    /// Checks the bounds. They hold for configured and for stored parameters, so every hash that can be made can be
    /// verified, and a corrupt record cannot keep a function busy.
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

/// A password hash as it is stored: `$argon2id$v=19$m=<KiB>,t=<iterations>,p=<lanes>$<salt>$<key>`, or for users
/// imported from elsewhere `$pbkdf2-sha256$<iterations>$<salt>$<key>` (Spec: users 5.4). Base64 without padding.
/// Debugging it does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// The text to store.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for PasswordHash {
    /// Takes any text; [`Hasher::verify`] finds out whether it is a hash.
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash")
    }
}

/// Why a password was neither hashed nor verified. Shows neither the password nor the hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum HashError {
    /// The stored text is in no known format, or asks for more than the bounds allow.
    #[error("a stored password hash cannot be read")]
    Malformed,
    /// The parameters are out of bounds, or there is too little memory for them.
    #[error("a password hash cannot be computed")]
    Compute,
}

/// What a verification found out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It is the password.
    Match {
        /// Whether the hash was made in another way than new ones are, and should be replaced.
        rehash: bool,
    },
    /// It is not the password, or there is none.
    Mismatch,
}

/// How a key is derived from a password and a salt.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Derivation {
    Argon2id(Params),
    Pbkdf2Sha256 { iterations: u32 },
}

/// A stored hash, taken apart.
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

/// Makes and verifies password hashes. Both block the thread for the time of one computation, and one computation
/// runs at a time: they share one buffer, because fresh memory takes as long as the hash itself and allocators are slow
/// to give it back. The buffer grows to the largest need and stays.
pub struct Hasher {
    params: Params,
    /// Stands in for the hash of an account that has none.
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
    /// Hashes with these parameters. `random` becomes the salt and the key of the hash that stands in for a missing
    /// one; nothing is computed yet, which keeps cold starts short.
    #[must_use]
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

    /// Hashes a password of any length with a fresh random salt.
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

    /// Compares a password with what is stored, `None` for an account without a password or no account at all. Every
    /// verdict takes exactly one computation, so that its time does not tell whether the account exists. An empty
    /// stored text is a missing one and never matches (Spec: users 5.4).
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

    /// How many hashes this hasher has computed. Tests prove with it that a login takes one computation whatever the
    /// account's state; nothing else depends on it.
    #[must_use]
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
        // Every computation overwrites what it reads, so what a panic left behind is of no consequence.
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

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

    use proptest::prelude::*;

    use super::{HashError, Hasher, MAX_MEMORY_KIB, MAX_WORK_KIB, Params, ParamsError, PasswordHash, Verdict};

    const SALT: [u8; 16] = *b"0123456789abcdef";
    const KEPT: Verdict = Verdict::Match { rehash: false };
    const UPGRADED: Verdict = Verdict::Match { rehash: true };

    /// From the test vectors of the Argon2 reference implementation.
    const ARGON2ID: &str = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    const ARGON2ID_TWO_LANES: &str =
        "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc";
    /// Computed with Python's hashlib from `SomeSecurePassword!` and the bytes 0 to 15.
    const PBKDF2: &str = "$pbkdf2-sha256$65535$AAECAwQFBgcICQoLDA0ODw$\
        fkktLMxE8Y9DiYhAvkgycgXG4dmMgx2QPjPHcvGUgqOUtZZIqlLeI9IOiNUDSop8K0+ilOpxj8DbRvcN62jkiw";
    const PBKDF2_FEW_ITERATIONS: &str = "$pbkdf2-sha256$1000$AAECAwQFBgcICQoLDA0ODw$\
        S1CtswpHxrfj4y7u8gA/2HGJAayNLW5rR56/cW+Y5Fs3sJejtO0e8yMOgklE2OFrnQPbf8uNKx54BJkfmJZI5Q";

    fn cheap() -> Params {
        Params::new(8, 1, 1).unwrap()
    }

    fn hasher(params: Params) -> Hasher {
        Hasher::new(params, &[7; 32])
    }

    fn stored(text: &str) -> PasswordHash {
        PasswordHash::from(text.to_owned())
    }

    fn verify(password: &str, text: &str) -> Result<Verdict, HashError> {
        hasher(cheap()).verify(password, Some(&stored(text)))
    }

    #[test]
    fn a_hash_is_the_phc_text_with_its_parameters_and_salt() {
        let hash = hasher(Params::new(16, 3, 2).unwrap()).hash("secret", SALT).unwrap();
        let (head, key) = hash.as_str().rsplit_once('$').unwrap();
        assert_eq!(head, "$argon2id$v=19$m=16,t=3,p=2$MDEyMzQ1Njc4OWFiY2RlZg");
        assert_eq!(key.len(), 43);
    }

    #[test]
    fn another_salt_makes_another_hash() {
        let hasher = hasher(cheap());
        assert_ne!(hasher.hash("secret", SALT), hasher.hash("secret", [0; 16]));
    }

    #[test]
    fn hashes_of_the_argon2_reference_verify_and_are_upgraded() {
        for text in [ARGON2ID, ARGON2ID_TWO_LANES] {
            assert_eq!(verify("password", text), Ok(UPGRADED));
            assert_eq!(verify("Password", text), Ok(Verdict::Mismatch));
        }
    }

    #[test]
    fn a_hash_made_with_the_configured_parameters_is_kept() {
        let hasher = hasher(Params::new(256, 2, 1).unwrap());
        assert_eq!(hasher.verify("password", Some(&stored(ARGON2ID))), Ok(KEPT));
        assert_eq!(hasher.verify("password", Some(&stored(ARGON2ID_TWO_LANES))), Ok(UPGRADED));
    }

    #[test]
    fn hashes_of_imported_users_verify_and_are_upgraded() {
        assert_eq!(verify("SomeSecurePassword!", PBKDF2), Ok(UPGRADED));
        assert_eq!(verify("SomeSecurePassword!", PBKDF2_FEW_ITERATIONS), Ok(UPGRADED));
        assert_eq!(verify("SomeSecurePassword", PBKDF2_FEW_ITERATIONS), Ok(Verdict::Mismatch));
    }

    #[test]
    fn every_verdict_takes_one_computation() {
        let hasher = hasher(cheap());
        let own = hasher.hash("secret", SALT).unwrap();
        let cases = [
            (Some(own.clone()), "secret", KEPT),
            (Some(own), "wrong", Verdict::Mismatch),
            (Some(stored(ARGON2ID)), "password", UPGRADED),
            (Some(stored(PBKDF2_FEW_ITERATIONS)), "SomeSecurePassword!", UPGRADED),
            (Some(stored(PBKDF2_FEW_ITERATIONS)), "wrong", Verdict::Mismatch),
            (Some(stored("")), "secret", Verdict::Mismatch),
            (None, "secret", Verdict::Mismatch),
        ];
        for (stored, password, verdict) in cases {
            let before = hasher.computations();
            assert_eq!(hasher.verify(password, stored.as_ref()), Ok(verdict));
            assert_eq!(hasher.computations() - before, 1, "{stored:?} {password}");
        }
    }

    #[test]
    fn a_new_hasher_has_computed_nothing() {
        assert_eq!(hasher(Params::default()).computations(), 0);
    }

    #[test]
    fn a_missing_or_empty_hash_matches_nothing_not_even_the_empty_password() {
        let hasher = hasher(cheap());
        assert_eq!(hasher.verify("", None), Ok(Verdict::Mismatch));
        assert_eq!(hasher.verify("", Some(&stored(""))), Ok(Verdict::Mismatch));
    }

    #[test]
    fn a_missing_hash_costs_what_the_configured_parameters_cost() {
        let hasher = hasher(Params::new(64, 1, 1).unwrap());
        hasher.verify("secret", None).unwrap();
        assert_eq!(hasher.memory.lock().unwrap().len(), 64);
    }

    #[test]
    fn the_buffer_grows_to_the_largest_need_and_smaller_hashes_use_a_part_of_it() {
        let hasher = hasher(cheap());
        let before = hasher.hash("secret", SALT).unwrap();
        hasher.verify("password", Some(&stored(ARGON2ID))).unwrap();
        let after = hasher.hash("secret", SALT).unwrap();
        assert_eq!(before, after);
        assert_eq!(hasher.memory.lock().unwrap().len(), 256);
    }

    #[test]
    fn a_panic_with_the_buffer_in_hand_does_not_stop_later_hashes() {
        let hasher = hasher(cheap());
        std::thread::scope(|scope| {
            let poisoner = scope.spawn(|| {
                let _memory = hasher.memory.lock();
                panic!("on purpose");
            });
            assert!(poisoner.join().is_err());
        });
        assert_eq!(hasher.verify("secret", Some(&hasher.hash("secret", SALT).unwrap())), Ok(KEPT));
    }

    #[test]
    fn texts_of_another_format_are_malformed_and_cost_nothing() {
        let salt_and_key = "c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        let texts = [
            "plain text".to_owned(),
            "$2b$12$GhvMmNVjRW29ulnudl.LbuAnUtN/LRfe1JsBm1Xu6LE3059z5Tr8m".to_owned(),
            format!(" {ARGON2ID}"),
            format!("{ARGON2ID}="),
            format!("{ARGON2ID}$"),
            ARGON2ID.replace("argon2id", "argon2i"),
            ARGON2ID.replace("v=19", "v=16"),
            ARGON2ID.replace("$v=19", ""),
            ARGON2ID.replace("m=256,t=2", "t=2,m=256"),
            ARGON2ID.replace("p=1", "p=1,keyid=AAAA"),
            ARGON2ID.replace("p=1", "p=0"),
            ARGON2ID.replace("p=1", "p=33"),
            ARGON2ID.replace("t=2", "t=0"),
            ARGON2ID.replace("t=2", "t=-1"),
            ARGON2ID.replace("t=2", "t=4000000000"),
            ARGON2ID.replace("m=256", "m=1048577"),
            ARGON2ID.replace("m=256", "m=99999999999"),
            ARGON2ID.replace("c29tZXNhbHQ", "c2hvcnQ"),
            ARGON2ID.replace("c29tZXNhbHQ", "c29tZXNhbHR"),
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$".to_owned(),
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$AAAA".to_owned(),
            format!("$pbkdf2-sha256$0${salt_and_key}"),
            format!("$pbkdf2-sha256$10000001${salt_and_key}"),
            format!("$pbkdf2-sha256${salt_and_key}"),
            format!("$pbkdf2-sha512$1000${salt_and_key}"),
            "$pbkdf2-sha256$1000$c29tZXNhbHQ$".to_owned(),
        ];
        let hasher = hasher(cheap());
        for text in &texts {
            assert_eq!(hasher.verify("password", Some(&stored(text))), Err(HashError::Malformed), "{text}");
        }
        assert_eq!(hasher.computations(), 0);
    }

    #[test]
    fn parameters_are_bounded() {
        assert!(Params::new(8, 1, 1).is_ok());
        assert!(Params::new(MAX_MEMORY_KIB, 8, 1).is_ok());
        assert_eq!(Params::new(MAX_MEMORY_KIB + 1, 1, 1), Err(ParamsError::Memory));
        assert_eq!(Params::new(MAX_MEMORY_KIB, 9, 1), Err(ParamsError::Work));
        assert_eq!(u64::from(MAX_MEMORY_KIB) * 8, MAX_WORK_KIB);
        for (memory_kib, iterations, parallelism) in
            [(7, 1, 1), (15, 1, 2), (8, 0, 1), (8, 1, 0), (u32::MAX, 1, 1 << 24)]
        {
            let params = Params::new(memory_kib, iterations, parallelism);
            assert!(matches!(params, Err(ParamsError::Undefined(_))), "{params:?}");
        }
    }

    #[test]
    fn the_default_parameters_are_within_the_bounds() {
        let Params { memory_kib, iterations, parallelism } = Params::default();
        assert_eq!((memory_kib, iterations, parallelism), (19_456, 2, 1));
        assert_eq!(Params::new(memory_kib, iterations, parallelism), Ok(Params::default()));
    }

    #[test]
    fn parameters_out_of_bounds_make_no_hash() {
        let hasher = hasher(Params { memory_kib: 0, ..cheap() });
        assert_eq!(hasher.hash("secret", SALT), Err(HashError::Compute));
    }

    #[test]
    fn debugging_shows_no_hash_and_no_salt() {
        let hash = stored(ARGON2ID);
        assert_eq!(format!("{hash:?}"), "PasswordHash");
        let shown = format!("{:?}", hasher(cheap()));
        assert_eq!(shown, "Hasher { params: Params { memory_kib: 8, iterations: 1, parallelism: 1 }, .. }");
    }

    proptest! {
        #[test]
        fn a_password_matches_its_own_hash_and_no_other(password: String, other: String, salt: [u8; 16]) {
            let hasher = hasher(cheap());
            let hash = hasher.hash(&password, salt).unwrap();
            prop_assert_eq!(hasher.verify(&password, Some(&hash)), Ok(KEPT));
            let expected = if other == password { KEPT } else { Verdict::Mismatch };
            prop_assert_eq!(hasher.verify(&other, Some(&hash)), Ok(expected));
        }

        #[test]
        fn a_hash_with_one_character_changed_matches_nothing(at: prop::sample::Index, letter in "[ -~]") {
            let hasher = hasher(cheap());
            let hash = hasher.hash("secret", SALT).unwrap();
            let mut changed = hash.as_str().to_owned();
            let at = at.index(changed.len());
            changed.replace_range(at..=at, &letter);
            prop_assume!(changed != hash.as_str());
            let verdict = hasher.verify("secret", Some(&stored(&changed)));
            prop_assert!(matches!(verdict, Ok(Verdict::Mismatch) | Err(HashError::Malformed)), "{changed} {verdict:?}");
        }

        #[test]
        fn arbitrary_texts_are_malformed(
            text in r"(\$argon2id\$v=19\$|\$pbkdf2-sha256\$)?[$=,mtp0-9a-zA-Z+/]{1,90}|\PC{1,90}",
        ) {
            prop_assert_eq!(verify("secret", &text), Err(HashError::Malformed));
        }
    }
}
