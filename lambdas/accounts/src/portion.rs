//! What somebody takes along, as much at once as an answer holds. Knows nothing of what it is.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Map, Value};

/// The most bytes for a function: AWS takes no answer of more than six megabytes from one, and writes this one as a text of JSON,
/// in which every quotation mark is two letters.
pub const LARGEST: usize = 4_000_000;

/// What an item is called for as long as it is there, and what is told of it.
pub(crate) type Item = (String, Value);

/// A list by its name.
pub(crate) type List = (&'static str, Vec<Item>);

/// Where a part begins. Clients send it back as it was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The number of its first item, counted over all lists.
    number: usize,
    /// What the items before it are called, digested. Only the same release compares it; for another one it is begun again.
    before: Option<u64>,
}

impl Place {
    /// A place as it was written.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (number, before) = match text.split_once('-') {
            Some((number, before)) => (number, Some(u64::from_str_radix(before, 16).ok()?)),
            None => (text, None),
        };
        Some(Self { number: number.parse().ok()?, before })
    }

    /// Whether something comes before it.
    pub(crate) fn further(self) -> bool {
        self.number > 0
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.before {
            Some(before) => write!(f, "{}-{before:016x}", self.number),
            None => write!(f, "{}", self.number),
        }
    }
}

/// What all the lists hold from this place on, as far as it fits, and the place of the first item that does not. Nothing where
/// other items come before the place than did when it was named: some would be told twice, or never.
pub(crate) fn portion(lists: &[List], from: Place, largest: usize) -> Option<(Map<String, Value>, Option<Place>)> {
    if from.before.is_some_and(|before| before != digest(lists, from.number)) {
        return None;
    }
    let (mut number, mut filled, mut next) = (0, 0, None);
    let mut portion = Map::new();
    for (list, items) in lists {
        let mut fitting = Vec::new();
        for (_, item) in items {
            if number >= from.number && next.is_none() {
                let bytes = item.to_string().len();
                // An item that is larger than any answer would else never be told.
                if filled > 0 && filled + bytes > largest {
                    next = Some(Place { number, before: Some(digest(lists, number)) });
                } else {
                    filled += bytes;
                    fitting.push(item.clone());
                }
            }
            number += 1;
        }
        portion.insert((*list).to_owned(), Value::Array(fitting));
    }
    Some((portion, next))
}

/// A digest of what the first so many items are called, and in which lists.
fn digest(lists: &[List], number: usize) -> u64 {
    let names = lists.iter().flat_map(|(list, items)| items.iter().map(move |(name, _)| (list, name)));
    let mut digest = DefaultHasher::new();
    names.take(number).for_each(|name| name.hash(&mut digest));
    digest.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn list(name: &'static str, items: &[&str]) -> List {
        (name, items.iter().enumerate().map(|(n, item)| (format!("{name}{n}"), json!(item))).collect())
    }

    #[test]
    fn portions_hold_every_item_once_and_no_more_than_fits() {
        let long = "x".repeat(99);
        let all = [list("d", &["12345678"; 7]), list("a", &[]), list("b", &[long.as_str(), "y"])];
        let wanted: Vec<Value> = all.iter().flat_map(|(_, items)| items.iter().map(|(_, item)| item.clone())).collect();
        let told = |portion: &Map<String, Value>| -> Vec<Value> {
            ["d", "a", "b"].iter().flat_map(|name| portion[*name].as_array().unwrap().clone()).collect()
        };
        let (mut from, mut parts) = (Place::default(), Vec::new());
        loop {
            let (portion, next) = portion(&all, from, 30).unwrap();
            let items = told(&portion);
            let bytes: usize = items.iter().map(|item| item.to_string().len()).sum();
            assert!(bytes <= 30 || items.len() == 1, "{items:?}");
            parts.extend(items);
            let Some(next) = next else { break };
            assert_eq!(Place::parse(&next.to_string()), Some(next));
            from = next;
        }
        assert_eq!(parts, wanted);
        let (whole, next) = portion(&all, Place::default(), usize::MAX).unwrap();
        assert_eq!((told(&whole), next), (wanted, None));
    }

    #[test]
    fn a_place_is_good_until_something_before_it_changes() {
        let mut all = [list("a", &["1", "2"]), list("b", &["3", "4"])];
        let (_, next) = portion(&all, Place::default(), 9).unwrap();
        let place = next.unwrap();
        all[1].1.push(("new".into(), json!("5")));
        let (part, _) = portion(&all, place, 9).unwrap();
        assert_eq!((&part["a"], &part["b"]), (&json!([]), &json!(["4", "5"])), "what is new comes last");
        all[0].1.remove(0);
        assert_eq!(portion(&all, place, 9), None);
        assert_eq!(["", "x", "-", "1-", "1-x"].map(Place::parse), [None; 5]);
    }
}
