//! What the page calls, what the shell answers to, and what the window may call are one list, written in three places.

use std::collections::BTreeSet;

const PAGE: &str = include_str!("../../../ui/src/shared/bridge/tauri/commands.ts");
const SHELL: &str = include_str!("../src/commands/mod.rs");
const ALLOWED: &str = include_str!("../permissions/page.toml");

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

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    text.split_once(from).and_then(|(_, rest)| rest.split_once(to)).expect("the list is there").0
}
