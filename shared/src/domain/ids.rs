//! Parsing of ids in requests.

use uuid::Uuid;

/// Parses a UUID in one of four forms: hyphenated, hyphenated after `urn:uuid:`, hyphenated in braces, and 32 digits.
/// Ignores case. Refuses blanks around the UUID (docs/api/conventions.md#uuids).
///
/// Deviation (docs/api/deviations.md#uuids-in-braces): Coder accepts any two characters in place of the braces.
pub fn parse_uuid(text: &str) -> Option<Uuid> {
    const URN: &str = "urn:uuid:";
    let plain = match text.len() {
        32 | 36 => text,
        38 => text.strip_prefix('{')?.strip_suffix('}')?,
        45 => {
            let (prefix, hyphenated) = text.split_at_checked(URN.len())?;
            prefix.eq_ignore_ascii_case(URN).then_some(hyphenated)?
        }
        _ => return None,
    };
    Uuid::try_parse(plain).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::parse_uuid;

    const ID: Uuid = Uuid::from_u128(0xc42f_df75_3097_471c_8c33_fb52_454d_81c0);

    #[test]
    fn the_four_forms_name_the_same_id_in_any_case() {
        for text in [
            "c42fdf75-3097-471c-8c33-fb52454d81c0",
            "urn:uuid:c42fdf75-3097-471c-8c33-fb52454d81c0",
            "{c42fdf75-3097-471c-8c33-fb52454d81c0}",
            "c42fdf753097471c8c33fb52454d81c0",
        ] {
            assert_eq!(parse_uuid(text), Some(ID), "{text}");
            assert_eq!(parse_uuid(&text.to_uppercase()), Some(ID), "{text} in capitals");
        }
    }

    #[test]
    fn other_texts_are_not_an_id() {
        for text in [
            "",
            "me",
            "c42fdf75-3097-471c-8c33-fb52454d81c",
            "c42fdf75-3097-471c-8c33-fb52454d81c00",
            "c42fdf75-3097-471c-8c33-fb52454d81cg",
            "c42fdf75+3097+471c+8c33+fb52454d81c0",
            "c42fdf753097-471c-8c33-fb52454d81c0--",
            " c42fdf75-3097-471c-8c33-fb52454d81c0",
            "xc42fdf75-3097-471c-8c33-fb52454d81c0y",
            "(c42fdf75-3097-471c-8c33-fb52454d81c0)",
            "}c42fdf75-3097-471c-8c33-fb52454d81c0{",
            "{c42fdf753097471c8c33fb52454d81c0}",
            "urn:uuid:c42fdf753097471c8c33fb52454d81c0",
            "url:uuid:c42fdf75-3097-471c-8c33-fb52454d81c0",
            "urn:uuid:{c42fdf75-3097-471c-8c33-fb52454d81c0}",
            "c42fdf75-3097-471c-8c33-fb52454d81\u{e9}",
            "urn:uuid\u{e9}42fdf75-3097-471c-8c33-fb52454d81c0",
        ] {
            assert_eq!(parse_uuid(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_id_parses_from_each_of_its_forms(number: u128) {
            let id = Uuid::from_u128(number);
            prop_assert_eq!(parse_uuid(&id.hyphenated().to_string()), Some(id));
            prop_assert_eq!(parse_uuid(&id.simple().to_string()), Some(id));
            prop_assert_eq!(parse_uuid(&id.urn().to_string()), Some(id));
            prop_assert_eq!(parse_uuid(&id.braced().to_string()), Some(id));
        }

        #[test]
        fn a_parsed_text_differs_from_the_id_only_in_form_and_case(text in "\\PC{0,50}|[{(u]?[0-9a-fA-F-]{30,40}[})]?") {
            if let Some(id) = parse_uuid(&text) {
                let forms = [
                    id.hyphenated().to_string(),
                    id.simple().to_string(),
                    id.urn().to_string(),
                    id.braced().to_string(),
                ];
                prop_assert!(forms.contains(&text.to_ascii_lowercase()));
            }
        }
    }
}
