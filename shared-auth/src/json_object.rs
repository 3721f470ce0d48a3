//! A struct that must be written as a JSON object. serde's own structs also accept an array of their fields, so that a
//! token, a key or a login could come in a form that nobody expects.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize,
    de::{Deserializer, MapAccess, Visitor, value::MapAccessDeserializer},
};

/// A `T` that was a JSON object.
pub struct JsonObject<T>(
    /// What the object says.
    pub T,
);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for JsonObject<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectOnly<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectOnly<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }

        deserializer.deserialize_map(ObjectOnly(PhantomData)).map(Self)
    }
}

/// A member that may be missing and, when it is there, must be of its type: `null` is a wrong type, not a missing member.
pub(crate) fn not_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_read_and_an_array_is_not() {
        #[derive(Deserialize)]
        struct Pair {
            a: u8,
            b: u8,
        }
        let parse = |text| serde_json::from_str::<JsonObject<Pair>>(text).map(|JsonObject(pair)| (pair.a, pair.b));
        assert_eq!(parse(r#"{"b":2,"a":1,"c":3}"#).unwrap(), (1, 2));
        for text in ["[1,2]", "null", "1", r#"{"a":1}"#, r#"{"a":1,"a":1,"b":2}"#, r#"{"a":[1],"b":2}"#] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Pair>("[1,2]").is_ok(), "serde alone accepts it");
    }
}
