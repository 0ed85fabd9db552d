//! From a tree to a type, by the rules for names, repetitions and `null`.

use std::vec::IntoIter;

use serde::de::{DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use super::JsonError;
use super::tree::Tree;

fn must_be<T>(expected: &str) -> Result<T, JsonError> {
    Err(JsonError::problem(format!("must be {expected}")))
}

fn storable<'de, V: Visitor<'de>>(text: String, visitor: V) -> Result<V::Value, JsonError> {
    if text.contains('\0') {
        return Err(JsonError::problem("must not contain the character U+0000"));
    }
    visitor.visit_string(text)
}

impl<'de> Deserializer<'de> for Tree {
    type Error = JsonError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self {
            Self::Null => visitor.visit_unit(),
            Self::Bool(value) => visitor.visit_bool(value),
            Self::Natural(number) => visitor.visit_u64(number),
            Self::Negative(number) => visitor.visit_i64(number),
            Self::Float(number) => visitor.visit_f64(number),
            Self::Text(text) => storable(text, visitor),
            Self::List(elements) => visitor.visit_seq(Elements::of(elements)),
            Self::Object(_) => Err(JsonError::invalid_type(Unexpected::Map, &visitor)),
        }
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self {
            Self::Null => visitor.visit_i64(0),
            Self::Natural(number) => visitor.visit_u64(number),
            Self::Negative(number) => visitor.visit_i64(number),
            Self::Float(_) => must_be("an integer of at most 64 bits, without fraction and exponent"),
            Self::Bool(_) | Self::Text(_) | Self::List(_) | Self::Object(_) => must_be("an integer"),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self {
            Self::Null => visitor.visit_bool(false),
            Self::Bool(value) => visitor.visit_bool(value),
            _ => must_be("true or false"),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_string(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self {
            Self::Null => visitor.visit_str(""),
            Self::Text(text) => storable(text, visitor),
            _ => must_be("a string"),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_byte_buf(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self {
            Self::Null => visitor.visit_str(""),
            Self::Text(text) => visitor.visit_string(text),
            _ => must_be("a string"),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self {
            Self::Null => visitor.visit_seq(Elements::of(Vec::new())),
            Self::List(elements) => visitor.visit_seq(Elements::of(elements)),
            _ => must_be("an array"),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        match self {
            Self::Null => visitor.visit_map(Fields::of(Vec::new(), fields)),
            Self::Object(members) => visitor.visit_map(Fields::of(members, fields)),
            _ => must_be("an object"),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self {
            Self::Null => visitor.visit_none(),
            value => visitor.visit_some(value),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 u8 u16 u32 u64 i128 u128 f32 f64 char unit unit_struct tuple tuple_struct map enum identifier
        ignored_any
    }
}

/// The elements of an array.
struct Elements {
    rest: IntoIter<Tree>,
    index: usize,
}

impl Elements {
    fn of(elements: Vec<Tree>) -> Self {
        Self { rest: elements.into_iter(), index: 0 }
    }
}

impl<'de> SeqAccess<'de> for Elements {
    type Error = JsonError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, JsonError> {
        let Some(element) = self.rest.next() else {
            return Ok(None);
        };
        let step = format!("[{}]", self.index);
        self.index += 1;
        seed.deserialize(element).map(Some).map_err(|error| error.below(&step))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// What an object says about the fields of a struct: each at most once, under its own name, and not null.
struct Fields {
    rest: IntoIter<(&'static str, Tree)>,
    pending: Option<(&'static str, Tree)>,
}

impl Fields {
    fn of(members: Vec<(String, Tree)>, names: &'static [&'static str]) -> Self {
        let mut fields: Vec<(&'static str, Tree)> = Vec::new();
        for (written, value) in members {
            let name = names.iter().find(|name| name.eq_ignore_ascii_case(&written));
            let (Some(&name), false) = (name, matches!(value, Tree::Null)) else {
                continue;
            };
            match fields.iter_mut().find(|(known, _)| *known == name) {
                Some((_, earlier)) => *earlier = value,
                None => fields.push((name, value)),
            }
        }
        Self { rest: fields.into_iter(), pending: None }
    }
}

impl<'de> MapAccess<'de> for Fields {
    type Error = JsonError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, JsonError> {
        self.pending = self.rest.next();
        self.pending.as_ref().map(|(name, _)| seed.deserialize((*name).into_deserializer())).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, JsonError> {
        let (name, value) = self.pending.take().unwrap_or(("", Tree::Null));
        seed.deserialize(value).map_err(|error| error.below(name))
    }
}
