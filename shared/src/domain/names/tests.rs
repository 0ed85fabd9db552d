//! The vectors of docs/api/users.md#username, docs/api/users.md#e-mail-address, and arbitrary text.

use proptest::prelude::*;

use super::{Email, NameError, RealName, Username, fold_email};

#[test]
fn usernames_are_groups_of_letters_and_digits_joined_by_single_hyphens() {
    let longest = "x".repeat(32);
    for text in ["1", "a1b2", "wow-test", "a-b-c", "Alice", &longest] {
        assert_eq!(Username::parse(text).map(|name| name.as_str().to_owned()), Ok(text.to_owned()));
    }
    let too_long = "a".repeat(33);
    for text in
        ["bananas_wow", "test--now", "-a", "a-", "-", " a", "a ", "u c", "a.b", "\u{fc}ser", "a\0b", "a\n", &too_long]
    {
        assert_eq!(Username::parse(text), Err(NameError::Username(text.to_owned())));
    }
}

#[test]
fn a_missing_name_fails_the_rule_required() {
    assert_eq!(Username::parse(""), Err(NameError::Required));
    assert_eq!(Email::parse(""), Err(NameError::Required));
}

#[test]
fn the_reserved_words_are_reserved_in_lower_case_only() {
    for text in ["new", "create"] {
        assert_eq!(Username::parse(text), Err(NameError::ReservedUsername(text.to_owned())));
    }
    for text in ["New", "CREATE", "news", "mes", "first"] {
        assert!(Username::parse(text).is_ok(), "{text}");
    }
}

#[test]
fn a_username_that_names_another_user_in_a_path_is_refused() {
    for text in ["me", "Me", "ME", "c42fdf753097471c8c33fb52454d81c0", "C42FDF753097471C8C33FB52454D81C0"] {
        assert_eq!(Username::parse(text), Err(NameError::AmbiguousUsername(text.to_owned())));
    }
    // One digit fewer.
    assert!(Username::parse("c42fdf753097471c8c33fb52454d81c").is_ok());
}

#[test]
fn a_username_keeps_its_case_and_is_compared_in_lower_case() {
    let username = Username::parse("Some-One");
    assert_eq!(username.as_ref().map(Username::as_str), Ok("Some-One"));
    assert_eq!(username.map(|name| name.folded()), Ok("some-one".to_owned()));
}

#[test]
fn addresses_of_the_supported_syntax_are_accepted_unchanged() {
    let long = format!("{}@example.com", "a".repeat(1000));
    for text in [
        "user@example.com",
        "test+user-@coder.com",
        "A@B.C",
        "a@1.com",
        "\"a b\"@ex.com",
        "\u{7528}\u{6237}@\u{4f8b}\u{5b50}.\u{516c}\u{53f8}",
        "!#$%&'*+-/=?^_`{|}~@ex.com",
        "first.last@ex.com",
        "a@b-c.com",
        "a@b~c.com",
        "a@b.c-d",
        "a@b.c1d",
        "a@b.c.d.e",
        "\"a@b\"@ex.com",
        r#""a\"b"@ex.com"#,
        r#""a\\b"@ex.com"#,
        "\"a..b\"@ex.com",
        "\" \"@ex.com",
        &long,
    ] {
        assert_eq!(Email::parse(text).map(|email| email.as_str().to_owned()), Ok(text.to_owned()));
    }
}

#[test]
fn other_texts_are_not_an_address() {
    for text in [
        "user@localhost",
        "a@b",
        "a..b@c.com",
        ".a@b.com",
        "a.@b.com",
        "a@b.c1",
        "a@b.1c",
        "a@-b.com",
        "a@b-.com",
        "a@b~.com",
        "a@b_c.com",
        "a@b.com.",
        "a@.b.com",
        "a@b..com",
        "Bob <a@b.com>",
        "<a@b.com>",
        "a@b.com (Bob)",
        " a@b.com",
        "a@b.com ",
        "a b@c.com",
        "a@b .com",
        "a@[127.0.0.1]",
        "a@b@c.com",
        "a@b.com,c@d.com",
        "@b.com",
        "a@",
        "@",
        "owner",
        "\"\"@ex.com",
        "\"@ex.com",
        "\"a\"b\"@ex.com",
        "\"a\\\"@ex.com",
        "\"a\"b@ex.com",
        "\"a\nb\"@ex.com",
        "a\0@ex.com",
        "\"\0\"@ex.com",
        "a\u{80}@ex.com",
        "a\u{e000}@ex.com",
        "a\u{fdd0}@ex.com",
        "a\u{1f600}@ex.com",
        "a@ex.com\n",
    ] {
        assert_eq!(Email::parse(text), Err(NameError::Email(text.to_owned())));
    }
}

#[test]
fn the_lower_case_of_a_letter_does_not_depend_on_the_letters_around_it() {
    assert_eq!(fold_email("Some.ONE@Example.COM"), "some.one@example.com");
    assert_eq!(fold_email("\u{c4}@EX.com"), "\u{e4}@ex.com");
    assert_eq!(fold_email("O\u{3a3}@ex.com"), fold_email("o\u{3c3}@ex.com"));
    let email = Email::parse("Some.ONE@Example.COM");
    assert_eq!(email.map(|email| email.folded()), Ok("some.one@example.com".to_owned()));
}

#[test]
fn real_names_are_limited_only_in_length_and_blanks_at_the_ends() {
    let longest = "x".repeat(128);
    for text in ["", "x", "First Owner", "A <b> & c", "\u{7528}\u{6237}", "a\nb", "\u{1f600}", "\u{200b}", &longest] {
        assert_eq!(RealName::parse(text).map(|name| name.as_str().to_owned()), Ok(text.to_owned()));
    }
    for text in [" x", "x ", "   ", "\tx", "x\n", "x\u{a0}", "\u{2003}x", "x\u{85}", "\u{3000}"] {
        assert_eq!(RealName::parse(text), Err(NameError::BlankAroundRealName(text.to_owned())));
    }
}

#[test]
fn the_length_of_a_real_name_counts_bytes() {
    assert!(RealName::parse(&"\u{e4}".repeat(64)).is_ok());
    for text in ["x".repeat(129), "\u{e4}".repeat(65)] {
        assert!(matches!(RealName::parse(&text), Err(NameError::LongRealName(_))), "{text}");
    }
}

#[test]
fn a_real_name_with_a_nul_is_refused() {
    assert_eq!(RealName::parse("a\0b"), Err(NameError::NulInRealName("a\0b".to_owned())));
}

#[test]
fn an_error_names_the_rule_and_quotes_a_bounded_escaped_excerpt() {
    let text = Username::parse(&"\u{1b}[2J_".repeat(10_000)).map_err(|error| error.to_string()).err();
    let text = text.unwrap_or_default();
    assert!(text.starts_with("the rule username: \"\\u{1b}[2J_"), "{text}");
    assert!(text.len() < 400 && !text.contains('\u{1b}'), "{text}");
    assert_eq!(
        RealName::parse(" x").map_err(|error| error.to_string()),
        Err("the rule user_real_name: \" x\" begins or ends with white space".to_owned())
    );
}

fn nearly_names() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[A-Za-z0-9_ -]{0,35}",
        "[a-z.\"\\\\@ -]{0,12}@[a-z0-9.~_-]{0,12}",
        "[a-z.]{1,8}@[a-z0-9-]{1,5}\\.[a-z]{1,3}",
    ]
}

proptest! {
    #[test]
    fn a_username_differs_from_others_by_its_letters_only(text in nearly_names()) {
        if let Ok(username) = Username::parse(&text) {
            prop_assert!(text.len() <= 32 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
            prop_assert!(!text.starts_with('-') && !text.ends_with('-') && !text.contains("--"));
            prop_assert_eq!(username.folded(), text.to_lowercase());
        }
    }

    #[test]
    fn an_address_has_no_blank_outside_of_quotes_and_a_domain_with_a_dot(text in nearly_names()) {
        if Email::parse(&text).is_ok() {
            let (local, domain) = text.rsplit_once('@').unwrap_or_default();
            prop_assert!(!local.is_empty() && domain.contains('.') && !domain.contains(char::is_control));
            prop_assert!(local.starts_with('"') || !local.contains([' ', '@', '"', '\\', '<', '(']));
        }
    }

    #[test]
    fn the_folded_form_of_an_ascii_address_is_an_address_and_folds_to_itself(text in nearly_names()) {
        if text.is_ascii() && let Ok(email) = Email::parse(&text) {
            let folded = email.folded();
            prop_assert!(Email::parse(&folded).is_ok());
            prop_assert_eq!(fold_email(&folded), folded);
        }
    }
}
