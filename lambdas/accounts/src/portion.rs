//! What somebody takes along, as much at once as an answer holds. Knows nothing of what it is.

use serde_json::{Map, Value};

/// The most bytes for a function: AWS takes no answer of more than six megabytes from one, and writes this one as a text of JSON,
/// in which every quotation mark is two letters.
pub const LARGEST: usize = 4_000_000;

/// What all the lists hold from the item with this number on, as far as it fits, and the number of the first item that does not.
pub(crate) fn portion(all: Map<String, Value>, from: usize, largest: usize) -> (Map<String, Value>, Option<usize>) {
    let (mut number, mut filled, mut next) = (0, 0, None);
    let mut portion = Map::new();
    for (name, value) in all {
        let items = match value {
            Value::Array(items) => items,
            other => {
                portion.insert(name, other);
                continue;
            }
        };
        let mut fitting = Vec::new();
        for item in items {
            if number >= from && next.is_none() {
                let bytes = item.to_string().len();
                // An item that is larger than any answer would else never be told.
                if filled > 0 && filled + bytes > largest {
                    next = Some(number);
                } else {
                    filled += bytes;
                    fitting.push(item);
                }
            }
            number += 1;
        }
        portion.insert(name, Value::Array(fitting));
    }
    (portion, next)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn portions_hold_every_item_once_and_no_more_than_fits() {
        let Value::Object(all) = json!({ "a": vec!["12345678"; 7], "b": {"c": 1}, "d": ["x".repeat(99), "y"] }) else {
            panic!("it is an object")
        };
        let (mut from, mut told) = (0, Vec::new());
        loop {
            let (portion, next) = portion(all.clone(), from, 30);
            assert_eq!(portion["b"], all["b"], "what is no list is in each");
            let items: Vec<_> = ["a", "d"].iter().flat_map(|name| portion[*name].as_array().unwrap().clone()).collect();
            let bytes: usize = items.iter().map(|item| item.to_string().len()).sum();
            assert!(bytes <= 30 || items.len() == 1, "{items:?}");
            told.extend(items);
            match next {
                Some(next) => from = next,
                None => break,
            }
        }
        let wanted: Vec<_> = ["a", "d"].iter().flat_map(|name| all[*name].as_array().unwrap().clone()).collect();
        assert_eq!(told, wanted);
        assert_eq!(portion(all.clone(), 0, usize::MAX), (all, None));
    }
}
