//! Which passwords may be set (docs/api/passwords.md#password-policy).

use std::collections::HashSet;

/// The longest password that may be set, in bytes.
pub const MAX_LENGTH: usize = 64;

/// The number of possible passwords of the same length and alphabet that a strong password needs: 52 bits.
const MIN_CHOICES: u64 = 1 << 52;

const COMMON_SPECIAL: &str = "!@$&*";
const SEPARATORS: &str = "_-., ";
const OTHER_SPECIAL: &str = "\"#%'()+/:;<=>?[\\]^{|}~";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";
const SPECIAL: [&str; 3] = [COMMON_SPECIAL, SEPARATORS, OTHER_SPECIAL];
const CLASSES: [&str; 6] = [COMMON_SPECIAL, SEPARATORS, OTHER_SPECIAL, LOWER, UPPER, DIGITS];

/// Sequences that people type forwards and backwards.
const SEQUENCES: [&str; 5] = [DIGITS, "qwertyuiop", "asdfghjkl", "zxcvbnm", LOWER];

/// Why a password is refused. The text is for the person who chose it and does not contain the password.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WeakPassword {
    /// More than [`MAX_LENGTH`] bytes.
    #[error("the password is longer than {MAX_LENGTH} bytes")]
    TooLong,
    /// Fewer than 52 bits of estimated entropy.
    #[error("the password is too easy to guess: {}", advice(.missing))]
    TooSimple {
        /// The missing kinds of characters, as words.
        missing: Vec<&'static str>,
    },
}

/// Refuses a password of more than [`MAX_LENGTH`] bytes or of less than 52 bits of estimated entropy. The estimate is
/// the counted length times the binary logarithm of the size of the alphabet.
pub fn check(password: &str) -> Result<(), WeakPassword> {
    if password.len() > MAX_LENGTH {
        return Err(WeakPassword::TooLong);
    }
    if has_enough_choices(alphabet_size(password), counted_length(password)) {
        Ok(())
    } else {
        Err(WeakPassword::TooSimple { missing: missing_kinds(password) })
    }
}

/// Compares numbers of choices, not of bits, because exactly 52 bits are enough and logarithms are not exact.
fn has_enough_choices(alphabet: u64, length: usize) -> bool {
    let choices = (0..length).try_fold(1_u64, |choices, _| choices.checked_mul(alphabet));
    choices.is_none_or(|choices| choices >= MIN_CHOICES)
}

/// The sum of the sizes of the classes that occur, plus one for each distinct character outside of them.
fn alphabet_size(password: &str) -> u64 {
    let classes: usize = CLASSES.iter().filter(|class| occurs(class, password)).map(|class| class.len()).sum();
    let others: HashSet<char> =
        password.chars().filter(|letter| CLASSES.iter().all(|class| !class.contains(*letter))).collect();
    (classes + others.len()) as u64
}

fn occurs(class: &str, password: &str) -> bool {
    password.contains(|letter| class.contains(letter))
}

/// The length in bytes after repetitions and sequences are shortened to two characters.
fn counted_length(password: &str) -> usize {
    let mut letters = without_repetitions(password);
    for sequence in SEQUENCES {
        shorten_runs(&mut letters, &sequence.chars());
    }
    for sequence in SEQUENCES {
        shorten_runs(&mut letters, &sequence.chars().rev());
    }
    letters.iter().map(|letter| letter.len_utf8()).sum()
}

/// Removes each character that equals the two kept characters before it. Two NULs precede the password.
fn without_repetitions(password: &str) -> Vec<char> {
    let mut kept = Vec::new();
    let mut before = ['\0'; 2];
    for letter in password.chars() {
        if before != [letter; 2] {
            kept.push(letter);
            before = [before[1], letter];
        }
    }
    kept
}

/// Removes the third and later characters of each run along the sequence. Like Coder's algorithm, it skips one
/// character after each pass over the sequence without resetting the count, so some runs keep more characters
/// (docs/api/passwords.md#counted-length).
fn shorten_runs(letters: &mut Vec<char>, sequence: &(impl Iterator<Item = char> + Clone)) {
    let (mut cursor, mut matches) = (0, 0);
    while cursor < letters.len() {
        for expected in sequence.clone() {
            match letters.get(cursor) {
                None => return,
                Some(&letter) if letter != expected => matches = 0,
                Some(_) => {
                    matches += 1;
                    if matches > 2 {
                        letters.remove(cursor);
                    } else {
                        cursor += 1;
                    }
                }
            }
        }
        cursor += 1;
    }
}

/// Special characters count as missing until all three of their classes occur.
fn missing_kinds(password: &str) -> Vec<&'static str> {
    let lacks = |class: &str| !occurs(class, password);
    let kinds = [
        (SPECIAL.iter().any(|class| lacks(class)), "special characters"),
        (lacks(LOWER), "lower-case letters"),
        (lacks(UPPER), "upper-case letters"),
        (lacks(DIGITS), "digits"),
    ];
    kinds.into_iter().filter(|(missing, _)| *missing).map(|(_, name)| name).collect()
}

fn advice(missing: &[&str]) -> String {
    match missing {
        [] => "make it longer".to_owned(),
        [kind] => format!("make it longer or add {kind}"),
        [kinds @ .., last] => format!("make it longer or add {} or {last}", kinds.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        MAX_LENGTH, WeakPassword, alphabet_size, check, counted_length, has_enough_choices, without_repetitions,
    };

    /// The vectors of docs/api/passwords.md#counted-length, in thousandths of a bit.
    const VECTORS: [(&str, u32, bool); 28] = [
        ("pass", 18_802, false),
        ("password", 37_604, false),
        ("newpassword", 51_705, false),
        ("testtesttes", 51_705, false),
        ("hunter2", 36_189, false),
        ("abc123ABC!", 48_529, false),
        ("qwertyuiopasdf", 18_802, false),
        ("abcdefghijklmnopqrstuvwxyz", 28_203, false),
        ("12345678901234567890", 19_932, false),
        ("ABCDEFGH12345678", 51_699, false),
        ("zyxwvut98765!Q", 36_397, false),
        ("SomeSecurePassword!", 110_825, true),
        ("MySecurePassword!", 99_159, true),
        ("PasswordSecured123!", 109_190, true),
        ("testtesttest", 56_405, true),
        ("aabbccddeeff", 56_405, true),
        ("p4ssw0rd!A", 60_661, true),
        ("correct horse", 64_405, true),
        ("Tr0ub4dor&3", 66_727, true),
        ("correcthors!", 59_450, true),
        ("pässwörd-été", 81_399, true),
        ("1-`1-`1-`1-`1", 52_000, true),
        ("1-`1-`1-`1-`", 48_000, false),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 9_401, false),
        ("notstrong", 42_304, false),
        ("aB3!aB3!", 48_529, false),
        ("abcdefghijkl", 18_802, false),
        ("", 0, false),
    ];

    /// The estimate of the specification, in bits.
    #[expect(clippy::cast_precision_loss, reason = "both numbers are small")]
    fn bits(alphabet: u64, length: usize) -> f64 {
        if alphabet <= 1 { 0.0 } else { length as f64 * (alphabet as f64).log2() }
    }

    #[test]
    fn the_vectors_of_the_specification_hold() {
        for (password, thousandths, acceptable) in VECTORS {
            let estimate = bits(alphabet_size(password), counted_length(password));
            assert!((estimate - f64::from(thousandths) / 1000.0).abs() < 0.000_6, "{password}: {estimate}");
            assert_eq!(check(password).is_ok(), acceptable, "{password}");
        }
    }

    #[test]
    fn the_number_of_choices_decides_like_the_number_of_bits() {
        // All classes, and 64 other characters.
        for alphabet in 0..=94 + 64 {
            for length in 0..=64 {
                assert_eq!(
                    has_enough_choices(alphabet, length),
                    bits(alphabet, length) >= 52.0,
                    "{length} of {alphabet}"
                );
            }
        }
    }

    #[test]
    fn the_length_limit_counts_bytes_and_is_checked_first() {
        let strong = "aB3$xYz9".repeat(8);
        assert_eq!(check(&strong), Ok(()));
        assert_eq!(check(&format!("{strong}q")), Err(WeakPassword::TooLong));
        assert_eq!(check(&"é".repeat(33)), Err(WeakPassword::TooLong));
        assert_eq!(check(&"a".repeat(65)), Err(WeakPassword::TooLong));
    }

    #[test]
    fn runs_of_one_character_shrink_to_two_and_leading_nuls_to_none() {
        assert_eq!(without_repetitions("aaaabbbab"), Vec::from(['a', 'a', 'b', 'b', 'a', 'b']));
        assert_eq!(without_repetitions("\0\0\0a\0\0\0"), Vec::from(['a', '\0', '\0']));
    }

    #[test]
    fn sequences_in_lower_case_are_shortened_in_both_directions() {
        assert_eq!(counted_length("abcdefgh"), 2);
        assert_eq!(counted_length("87654321"), 2);
        assert_eq!(counted_length("ABCDEFGH"), 8);
    }

    #[test]
    fn the_character_after_a_pass_is_not_compared() {
        // The pass up the alphabet ends on the first character and skips the second, and so on.
        assert_eq!(counted_length("hgfedcba"), 4);
    }

    #[test]
    fn the_advice_names_the_missing_kinds_of_characters() {
        let advice = |password: &str| check(password).err().map(|weak| weak.to_string()).unwrap_or_default();
        assert_eq!(
            advice("password"),
            "the password is too easy to guess: make it longer or add special characters, upper-case letters or digits"
        );
        assert_eq!(advice("aB3!aB3!"), "the password is too easy to guess: make it longer or add special characters");
        assert_eq!(advice("aB3!-#"), "the password is too easy to guess: make it longer");
        assert_eq!(advice(&"a".repeat(65)), "the password is longer than 64 bytes");
    }

    proptest! {
        #[test]
        fn at_most_64_bytes_with_at_least_52_bits_are_accepted(password in r"[a-f1-4AB!\-é`\x00]{0,70}") {
            let estimate = bits(alphabet_size(&password), counted_length(&password));
            let expected = password.len() <= MAX_LENGTH && estimate >= 52.0;
            prop_assert_eq!(check(&password).is_ok(), expected);
        }

        #[test]
        fn shortening_never_counts_more_bytes_than_there_are(password: String) {
            prop_assert!(counted_length(&password) <= password.len());
        }

        #[test]
        fn a_character_typed_more_than_twice_counts_twice(letter in r"[^\x00]", more in 2_usize..30) {
            prop_assert_eq!(counted_length(&letter.repeat(more)), counted_length(&letter.repeat(2)));
        }
    }
}
