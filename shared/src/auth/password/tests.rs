//! Tests of password hashes: matches, cost, and malformed hashes.

use proptest::prelude::*;

use super::{HashError, Hasher, MAX_MEMORY_KIB, MAX_WORK_KIB, Params, ParamsError, PasswordHash, Verdict};

const SALT: [u8; 16] = *b"0123456789abcdef";
const KEPT: Verdict = Verdict::Match { rehash: false };
const UPGRADED: Verdict = Verdict::Match { rehash: true };

/// From the test vectors of the Argon2 reference implementation.
const ARGON2ID: &str = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
const ARGON2ID_TWO_LANES: &str = "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc";
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
fn hashes_of_the_argon2_test_vectors_verify_and_are_upgraded() {
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
fn a_missing_or_empty_hash_matches_no_password() {
    let hasher = hasher(cheap());
    assert_eq!(hasher.verify("", None), Ok(Verdict::Mismatch));
    assert_eq!(hasher.verify("", Some(&stored(""))), Ok(Verdict::Mismatch));
}

#[test]
fn a_missing_hash_costs_as_much_as_a_new_hash() {
    let hasher = hasher(Params::new(64, 1, 1).unwrap());
    hasher.verify("secret", None).unwrap();
    assert_eq!(hasher.memory.lock().unwrap().len(), 64);
}

#[test]
fn the_buffer_grows_to_the_largest_need_and_is_kept() {
    let hasher = hasher(cheap());
    let before = hasher.hash("secret", SALT).unwrap();
    hasher.verify("password", Some(&stored(ARGON2ID))).unwrap();
    let after = hasher.hash("secret", SALT).unwrap();
    assert_eq!(before, after);
    assert_eq!(hasher.memory.lock().unwrap().len(), 256);
}

#[test]
fn a_panic_that_poisons_the_buffer_does_not_stop_later_hashes() {
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
fn texts_of_another_format_are_malformed_and_compute_nothing() {
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
    for (memory_kib, iterations, parallelism) in [(7, 1, 1), (15, 1, 2), (8, 0, 1), (8, 1, 0), (u32::MAX, 1, 1 << 24)] {
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
fn parameters_out_of_bounds_compute_no_hash() {
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
    fn a_hash_with_one_changed_character_does_not_match(at: prop::sample::Index, letter in "[ -~]") {
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
