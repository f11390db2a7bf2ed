//! Better ears from a mirror, as the command fetches them: in pieces, checked, chosen, and with a word wherever it cannot.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use synapscribe_stories::{Giving, Mirror, Said, Terminal, program, run};

const BYTES: usize = 3_000_000;

/// A file that looks the same nowhere, so that no part can stand for another.
fn content() -> Vec<u8> {
    (0..BYTES as u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

/// A folder of a host's data in which an operator has listed a model of a mirror's.
struct Desk {
    data: tempfile::TempDir,
    mirror: Mirror,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { data: tempfile::tempdir().unwrap(), mirror: Mirror::start(content()).unwrap() };
        std::fs::create_dir(desk.data.path().join("models")).unwrap();
        desk.list(&desk.mirror.url("ear.bin"));
        desk
    }

    /// Lists the model under an address.
    fn list(&self, url: &str) {
        let original = self.data.path().join("original");
        std::fs::write(&original, content()).unwrap();
        let sum = run(Command::new("sha256sum").arg(&original)).unwrap().well().out;
        let file = json!({ "name": "ear.bin", "url": url, "bytes": BYTES, "sha256": sum.split(' ').next() });
        let card =
            json!({ "name": "school.en", "kind": "ear", "description": "the school's", "licence": "MIT", "files": [file] });
        std::fs::write(self.data.path().join("models/catalogue.json"), json!([card]).to_string()).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("synapscribe").unwrap());
        command.args(arguments).arg("--data").arg(self.data.path()).env("HOME", self.data.path());
        command.env_remove("SYNAPSCRIBE_SERVER").env_remove("http_proxy").env_remove("HTTP_PROXY");
        command
    }

    fn models(&self, arguments: &[&str]) -> Said {
        run(&mut self.command(&[&["models"], arguments].concat())).unwrap()
    }

    /// What the list says of the model.
    fn listed(&self) -> Value {
        let all = self.models(&["list", "--json"]).well().events();
        all.into_iter().find(|model| model["name"] == "school.en").expect("it is listed")
    }

    fn file(&self) -> std::path::PathBuf {
        self.data.path().join("models/school.en/ear.bin")
    }
}

fn is_whole(path: &Path) -> bool {
    std::fs::read(path).unwrap() == content()
}

#[test]
fn a_model_is_fetched_in_two_goes_chosen_and_let_go_again() {
    let desk = Desk::new();
    assert_eq!((&desk.listed()["installed"], &desk.listed()["bytesHere"]), (&json!(false), &json!(0)));
    let early = desk.models(&["use", "school.en"]);
    assert!(!early.status.success() && early.err.contains("synapscribe models get school.en"), "{}", early.err);

    // The line breaks, and the server then sends everybody away: what came is kept, and the next run goes on there.
    desk.mirror.give(Giving::BreaksOff(1_000_000));
    let broken = desk.models(&["get", "school.en"]);
    assert!(broken.status.code() == Some(1) && broken.err.contains("ear.bin (503)"), "{}", broken.err);
    let here = desk.listed()["bytesHere"].as_u64().unwrap() as usize;
    assert!(0 < here && here <= 1_000_000 && !desk.file().exists(), "{here} bytes are here");
    desk.mirror.give(Giving::Well);
    let fetched = desk.models(&["get", "school.en", "--json"]).well();
    assert_eq!(desk.mirror.asked(), [0, here, here], "it did not go on where it stopped");
    let told: Vec<u64> = fetched.of_type("progress").iter().map(|event| event["bytes"].as_u64().unwrap()).collect();
    assert!(told.is_sorted() && told[0] >= here as u64 && told.last() == Some(&(BYTES as u64)), "{told:?}");
    assert_eq!(fetched.events().last().unwrap()["path"], desk.file().to_str().unwrap());
    assert!(is_whole(&desk.file()));

    // What is here is not fetched again, and does not need the mirror.
    desk.mirror.give(Giving::Nothing);
    desk.models(&["get", "school.en"]).well();
    assert_eq!(desk.mirror.asked().len(), 3);

    let chosen = desk.models(&["use", "school.en"]).well();
    assert!(chosen.out.contains("from the next start of the host on"), "{}", chosen.out);
    assert_eq!(desk.listed()["inUse"], true);
    let row = |said: &Said| said.out.lines().find(|line| line.starts_with("school.en")).map(str::to_owned).unwrap();
    assert!(row(&desk.models(&[]).well()).ends_with("in use"));
    desk.models(&["use", "built-in"]).well();
    assert_eq!((&desk.listed()["inUse"], &desk.listed()["installed"]), (&json!(false), &json!(true)));
    let unknown = desk.models(&["get", "nose.en"]);
    assert!(unknown.status.code() == Some(4) && unknown.err.contains("school.en"), "{}", unknown.err);
}

#[test]
fn what_is_not_the_model_never_becomes_one_and_every_obstacle_is_named() {
    let desk = Desk::new();
    desk.mirror.give(Giving::Wrong);
    let wrong = desk.models(&["get", "school.en"]);
    assert!(wrong.status.code() == Some(1) && wrong.err.contains("its checksum differs"), "{}", wrong.err);
    assert_eq!((desk.file().exists(), &desk.listed()["bytesHere"]), (false, &json!(0)));

    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    desk.list(&format!("http://{closed}/ear.bin"));
    let nowhere = desk.models(&["get", "school.en"]);
    assert_eq!(nowhere.status.code(), Some(1));
    for words in ["127.0.0.1 cannot be reached", "connect to the internet", "copy ear.bin from another machine"] {
        assert!(nowhere.err.contains(words), "{}", nowhere.err);
    }

    std::fs::write(desk.data.path().join("models/catalogue.json"), "[{").unwrap();
    let damaged = desk.models(&["list"]);
    assert!(damaged.status.code() == Some(4) && damaged.err.contains("catalogue.json cannot be used"), "{}", damaged.err);
}

#[test]
fn a_download_shows_how_far_it_is_and_can_be_stopped() {
    let desk = Desk::new();
    desk.mirror.give(Giving::HoldsBack(1_500_000));
    let get = desk.command(&["models", "get", "school.en"]);
    let terminal = Terminal::watch(&get).unwrap();
    let screen = terminal.see("MiB of 2.86 MiB");
    assert!(screen.contains('━') && screen.contains("left"), "{screen}");
    terminal.press(&["C-c"]).unwrap();
    terminal.see("run the same command again to go on where it stopped");
    terminal.see("ended with 130");
    let here = desk.listed()["bytesHere"].as_u64().unwrap() as usize;
    assert!(0 < here && here <= 1_500_000, "{here} bytes are here");

    desk.mirror.give(Giving::Well);
    let terminal = Terminal::watch(&get).unwrap();
    terminal.see("school.en is here");
    let screen = terminal.see("ended with 0");
    assert!(!screen.contains('━'), "the bar stays: {screen}");
    assert_eq!(desk.mirror.asked(), [0, here]);
    assert!(is_whole(&desk.file()));
}
