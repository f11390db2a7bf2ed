//! The tables as the template makes them are those that the adapters use.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{KeySchemaElement, KeyType};
use synapscribe_aws::{TABLES, Tables};
use synapscribe_stories::Emulator;

use crate::cloud::at;

#[tokio::test]
async fn the_template_makes_the_tables_that_are_used_and_no_others() {
    let (emulator, given) = Emulator::with_deployment("prod").unwrap();
    let config = at(emulator.endpoint()).await;
    let client = aws_sdk_dynamodb::Client::new(&config);
    let tables = Tables::below(given["outputs"]["TablesPrefix"].as_str().unwrap());
    let mut names = client.list_tables().send().await.unwrap().table_names.unwrap();
    names.sort();
    let mut used: Vec<_> = TABLES.iter().map(|table| tables.name(table)).collect();
    used.sort();
    assert_eq!(names, used);
    for table in &TABLES {
        let made = client.describe_table().table_name(tables.name(table)).send().await.unwrap().table.unwrap();
        assert_eq!(keys(made.key_schema()), (Some(table.hash), table.range), "{}", table.name);
        let indexes: BTreeMap<_, _> =
            made.global_secondary_indexes().iter().map(|index| (index.index_name().unwrap(), keys(index.key_schema()))).collect();
        let wanted: BTreeMap<_, _> = table.index.iter().map(|(name, hash, range)| (*name, (Some(*hash), Some(*range)))).collect();
        assert_eq!(indexes, wanted, "{}", table.name);
        for attribute in made.attribute_definitions() {
            let name = attribute.attribute_name();
            let number = name.ends_with("At") || name == "id";
            assert_eq!(attribute.attribute_type().as_str(), if number { "N" } else { "S" }, "{name}");
        }
    }
}

fn keys(schema: &[KeySchemaElement]) -> (Option<&str>, Option<&str>) {
    let of = |kind: KeyType| schema.iter().find(|key| key.key_type() == &kind).map(KeySchemaElement::attribute_name);
    (of(KeyType::Hash), of(KeyType::Range))
}
