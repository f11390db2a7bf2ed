//! What the packages tell the system about the app, written beside the code that it is about.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

const BUNDLE: &str = include_str!("../tauri.conf.json");
const TOLD_TO_MACS: &str = include_str!("../Info.plist");
const RELEASE: &str = include_str!("../../../.github/workflows/release.yml");
const GATHERED: &str = include_str!("../../client/src/tray/gather.rs");

#[test]
fn whatever_is_taken_from_a_folder_opens_with_the_app() {
    let lists = GATHERED.split("] = [").skip(1).filter_map(|rest| rest.split(']').next());
    let mut taken: BTreeSet<&str> = lists.flat_map(|list| list.split('"').skip(1).step_by(2)).collect();
    assert!(taken.contains("mp3") && taken.contains("pdf"), "{taken:?}");
    taken.extend(["srt", "vtt"]);
    let bundle = bundle();
    let associations = bundle["fileAssociations"].as_array().unwrap();
    let opened: BTreeSet<&str> =
        associations.iter().flat_map(|kind| kind["ext"].as_array().unwrap()).filter_map(Value::as_str).collect();
    assert_eq!(opened, taken);
    for kind in associations {
        let told = (kind["role"].as_str(), kind["rank"].as_str(), kind["mimeType"].is_string());
        assert_eq!(told, (Some("Viewer"), Some("Alternate"), true), "{kind}");
    }
}

#[test]
fn a_mac_tells_why_the_microphone_is_asked_for_and_lets_the_app_have_it() {
    let why = after(TOLD_TO_MACS, "NSMicrophoneUsageDescription");
    let sentence = why.strip_prefix("<string>").and_then(|rest| rest.split_once("</string>")).map(|(sentence, _)| sentence);
    assert!(sentence.is_some_and(|sentence| sentence.contains("ask")), "{why}");
    let bundle = bundle();
    let named = bundle["macOS"]["entitlements"].as_str().expect("the bundle names its entitlements");
    let entitlements = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(named)).unwrap();
    let granted = after(&entitlements, "com.apple.security.device.audio-input");
    assert!(granted.starts_with("<true/>"), "{granted}");
}

#[test]
fn a_mac_lets_lectures_be_played_from_this_machine_without_a_certificate_and_nothing_else() {
    let rules = after(TOLD_TO_MACS, "NSAppTransportSecurity");
    let rules = rules.strip_prefix("<dict>").and_then(|rest| rest.split_once("</dict>")).expect("the rules are a dictionary").0;
    assert!(after(rules, "NSAllowsLocalNetworking").starts_with("<true/>"), "{rules}");
    assert_eq!(rules.matches("<key>").count(), 1, "{rules}");
}

#[test]
fn a_release_builds_and_keeps_a_package_of_every_kind_with_an_icon_that_is_there() {
    let lists = RELEASE.lines().filter_map(|line| line.split_once("bundles: \"")?.1.split_once('"'));
    let built: BTreeSet<&str> = lists.flat_map(|(list, _)| list.split(',')).collect();
    assert_eq!(built, BTreeSet::from(["deb", "appimage", "app", "dmg", "msi", "nsis"]));
    let kept: BTreeSet<&str> = RELEASE.split("-name '*.").skip(1).filter_map(|rest| rest.split('\'').next()).collect();
    assert_eq!(kept, BTreeSet::from(["deb", "AppImage", "dmg", "msi", "exe"]));
    let bundle = bundle();
    assert_eq!((&bundle["active"], &bundle["targets"]), (&Value::Bool(true), &Value::from("all")));
    let icons: Vec<&str> = bundle["icon"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    for (kind, begins) in [("png", b"\x89PNG".as_slice()), ("icns", b"icns".as_slice()), ("ico", b"\0\0\x01\0".as_slice())] {
        let of_kind: Vec<_> = icons.iter().filter(|icon| icon.ends_with(&format!(".{kind}"))).collect();
        assert!(!of_kind.is_empty(), "there is no icon of kind {kind}");
        for icon in of_kind {
            let bytes = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(icon)).unwrap();
            assert!(bytes.starts_with(begins), "{icon} is no {kind}");
        }
    }
}

fn bundle() -> Value {
    serde_json::from_str::<Value>(BUNDLE).unwrap()["bundle"].take()
}

/// What stands after a key of a property list.
fn after<'a>(list: &'a str, key: &str) -> &'a str {
    list.split_once(&format!("<key>{key}</key>")).expect("the key is there").1.trim_start()
}
