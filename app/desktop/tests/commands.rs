//! What the page calls, what the shell answers to, and what the window may call are one list, written in three places.

use std::collections::BTreeSet;

use serde_json::{Value, json};

const PAGE: &str = include_str!("../../../ui/src/shared/bridge/tauri/commands.ts");
const SHELL: &str = include_str!("../src/commands/mod.rs");
const ALLOWED: &str = include_str!("../permissions/page.toml");
const CAPABILITY: &str = include_str!("../capabilities/main.json");
const APP: &str = include_str!("../tauri.conf.json");

#[test]
fn every_command_of_the_page_is_answered_and_allowed_and_no_other_is() {
    let page = between(PAGE, "interface Commands {", "\n}").lines().filter_map(|line| line.trim().split_once(": ["));
    let page: BTreeSet<&str> = page.map(|(name, _)| name).collect();
    let shell = between(SHELL, "generate_handler![", "]").split(',').filter_map(|path| path.trim().split_once("::"));
    let shell: BTreeSet<&str> = shell.map(|(_, name)| name).collect();
    let lists = ALLOWED.split("commands.allow = [").skip(1).filter_map(|rest| rest.split(']').next());
    let allowed: BTreeSet<&str> = lists.flat_map(|list| list.split('"').skip(1).step_by(2)).collect();
    assert!(page.len() > 30, "{page:?}");
    assert_eq!(page, shell);
    assert_eq!(shell, allowed);
}

#[test]
fn the_one_window_may_use_these_commands_and_hear_events_and_its_prototypes_are_frozen() {
    let concerns = ALLOWED.lines().filter_map(|line| line.strip_prefix("identifier = \"")?.strip_suffix('"'));
    let wanted: BTreeSet<&str> = concerns.chain(["core:event:allow-listen", "core:event:allow-unlisten"]).collect();
    let capability: Value = serde_json::from_str(CAPABILITY).unwrap();
    let given: BTreeSet<&str> = capability["permissions"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(given, wanted);
    assert_eq!((&capability["windows"], capability.get("remote")), (&json!(["main"]), None));
    let app: Value = serde_json::from_str(APP).unwrap();
    let (app, security) = (&app["app"], &app["app"]["security"]);
    assert_eq!((&security["capabilities"], &security["freezePrototype"]), (&json!(["main"]), &json!(true)));
    assert_eq!((&app["withGlobalTauri"], app["windows"].as_array().map(Vec::len)), (&json!(false), Some(1)));
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    text.split_once(from).and_then(|(_, rest)| rest.split_once(to)).expect("the list is there").0
}
