//! Reads JSON from outside and says in one sentence what is wrong with it. Of what came, the sentence repeats nothing but the names of
//! fields that were expected.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Objects with more fields than this are not searched for the one that is wrong: each field costs another look at all of them.
const FIELDS: usize = 32;
/// The field that tells which of several messages this is. Without it nothing can be read, so its absence says nothing.
const TAG: &str = "type";

/// Reads JSON; what is wrong with it is told as a sentence.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    let value: Value = serde_json::from_slice(body).map_err(|_| "it is not JSON".to_owned())?;
    read_value(&value)
}

/// Reads JSON that was taken apart already.
pub fn read_value<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    let Value::Object(fields) = value else { return Err("it is not a JSON object".into()) };
    trial(value).map_err(|said| sentence::<T>(fields, &said))
}

fn trial<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    <T as Deserialize<'_>>::deserialize(value).map_err(|error| error.to_string())
}

/// What is wrong, from what serde says of it, which names a missing field but not one of the wrong kind.
fn sentence<T: DeserializeOwned>(fields: &Map<String, Value>, said: &str) -> String {
    if let Some((name, _)) = said.strip_prefix("missing field `").and_then(|rest| rest.split_once('`')) {
        return format!("`{name}` is missing");
    }
    match blamed::<T>(fields, said) {
        Some((name, value)) => match kind(said).filter(|_| itself(value, said)) {
            Some(kind) => format!("`{name}` has to be {kind}"),
            None => format!("`{name}` is not what it has to be"),
        },
        None => "a field is not what it has to be".into(),
    }
}

/// The field without which something else would be said.
fn blamed<'a, T: DeserializeOwned>(fields: &'a Map<String, Value>, said: &str) -> Option<(&'a String, &'a Value)> {
    if fields.len() > FIELDS {
        return None;
    }
    let mut others = Value::Object(fields.clone());
    fields.iter().filter(|(name, _)| name.as_str() != TAG).find(|(name, _)| {
        let taken = others.as_object_mut().and_then(|others| others.remove(name.as_str()));
        let blamed = trial::<T>(&others).err().as_deref() != Some(said);
        if let (Some(others), Some(taken)) = (others.as_object_mut(), taken) {
            others.insert((*name).clone(), taken);
        }
        blamed
    })
}

/// Whether it is this value that is of the wrong kind, and nothing within it.
fn itself(value: &Value, said: &str) -> bool {
    match value {
        Value::Array(_) => said.starts_with("invalid type: sequence"),
        Value::Object(_) => said.starts_with("invalid type: map"),
        _ => true,
    }
}

/// What was expected, in words that are not those of a programming language. It stands last, behind whatever came.
fn kind(said: &str) -> Option<&str> {
    let (_, expected) = said.rsplit_once("expected ")?;
    match expected {
        "a string" => Some("text"),
        "a boolean" => Some("true or false"),
        "a sequence" => Some("a list"),
        "f32" | "f64" => Some("a number"),
        "u8" | "u16" | "u32" | "u64" | "usize" => Some("a whole number that is not negative"),
        "i8" | "i16" | "i32" | "i64" | "isize" => Some("a whole number"),
        names if names.starts_with("one of `") || names.starts_with('`') => Some(names),
        other => other.starts_with("struct ").then_some("an object"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase")]
    #[allow(dead_code)]
    struct Wish {
        file_name: String,
        bytes: u64,
        speed: Option<f32>,
        purpose: Option<Purpose>,
        #[serde(default)]
        sources: Vec<Source>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Purpose {
        Lecture,
        Captions,
        Query,
    }

    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Source {
        id: String,
    }

    #[test]
    fn the_field_and_what_it_has_to_be_are_named() {
        for (body, sentence) in [
            ("", "it is not JSON"),
            ("[]", "it is not a JSON object"),
            ("{}", "`fileName` is missing"),
            (r#"{"fileName":5,"bytes":1}"#, "`fileName` has to be text"),
            (r#"{"fileName":"x"}"#, "`bytes` is missing"),
            (r#"{"fileName":"x","bytes":-1}"#, "`bytes` has to be a whole number that is not negative"),
            (r#"{"fileName":"x","bytes":1,"speed":"a, expected b"}"#, "`speed` has to be a number"),
            (r#"{"fileName":"x","bytes":1,"sources":true}"#, "`sources` has to be a list"),
            (r#"{"fileName":"x","bytes":1,"sources":["x"]}"#, "`sources` is not what it has to be"),
            (r#"{"fileName":"x","bytes":1,"sources":[{}]}"#, "`id` is missing"),
            (r#"{"fileName":"x","bytes":1,"purpose":"y"}"#, "`purpose` has to be one of `lecture`, `captions`, `query`"),
        ] {
            assert_eq!(read::<Wish>(body.as_bytes()).unwrap_err(), sentence, "{body}");
        }
        assert!(read::<Wish>(br#"{"fileName":"x","bytes":1,"speed":2,"other":[]}"#).is_ok());
    }

    #[test]
    fn what_came_is_not_repeated() {
        let crowd: Vec<_> = (0..FIELDS).map(|n| format!(r#""secret{n}":"secret""#)).collect();
        let crowd = format!(r#"{{"fileName":"secret","bytes":"secret",{}}}"#, crowd.join(","));
        for body in [crowd.as_str(), r#"{"fileName":["secret"],"bytes":1,"secret":2}"#, r#""secret""#] {
            let said = read::<Wish>(body.as_bytes()).unwrap_err();
            assert!(!said.contains("secret"), "{said}");
        }
    }
}
