//! The command as shells, readers and eyes meet it: manual pages, completions, colours, moving bars, and the whole loop in one go.

use std::path::Path;
use std::process::Command;

use synapscribe_stories::{Host, Relay, Terminal, long_recording, program, run, share_heard};

/// The command in a home of its own, with colours unless it is told otherwise.
fn synapscribe(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program("synapscribe").unwrap());
    command.args(arguments).env("HOME", home).env_remove("NO_COLOR").env_remove("SYNAPSCRIBE_SERVER");
    for (variable, folder) in [("XDG_DATA_HOME", "data"), ("XDG_CACHE_HOME", "cache"), ("XDG_CONFIG_HOME", "config")] {
        command.env(variable, home.join(folder));
    }
    command
}

/// The commands that the help lists, with what it says of them.
fn commands(home: &Path, of: &[&str]) -> Vec<(String, String)> {
    let help = run(&mut synapscribe(home, &[of, &["--help"]].concat())).unwrap().well().out;
    let listed = help.split_once("Commands:\n").map_or("", |(_, rest)| rest.split("\n\n").next().unwrap());
    let found = listed.lines().filter_map(|line| line.trim().split_once(' ')).map(|(name, about)| (name, about.trim()));
    found.filter(|(name, _)| *name != "help").map(|(name, about)| (name.to_owned(), about.to_owned())).collect()
}

#[test]
fn every_command_has_a_manual_page_that_a_reader_can_show() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let pages = home.join("new/man1");
    let said = run(&mut synapscribe(home, &["man", "--out", pages.to_str().unwrap()])).unwrap().well();
    assert!(said.out.contains(pages.to_str().unwrap()), "{}", said.out);

    let mut expected = vec![("synapscribe".to_owned(), "Ask a lecture out loud".to_owned())];
    let mut within = vec![Vec::new()];
    while let Some(path) = within.pop() {
        for (name, about) in commands(home, &path.iter().map(String::as_str).collect::<Vec<_>>()) {
            let path = [path.as_slice(), &[name]].concat();
            expected.push((format!("synapscribe-{}", path.join("-")), about));
            within.push(path);
        }
    }
    assert!(expected.len() > 20, "{expected:?}");
    for (name, about) in &expected {
        let page = pages.join(format!("{name}.1"));
        assert!(page.is_file(), "{name} has no page");
        let shown = run(Command::new("groff").args(["-man", "-Tutf8", "-P-cbou", "-ww", "-rLL=400n"]).arg(&page)).unwrap().well();
        assert_eq!(shown.err, "", "{name} is not a sound page");
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ");
        assert!(words(&shown.out).contains(&words(about)), "{name} does not say {about:?}: {}", shown.out);
    }
    assert_eq!(std::fs::read_dir(&pages).unwrap().count(), expected.len(), "there are pages of no command");
    let printed = run(&mut synapscribe(home, &["man"])).unwrap().well().out;
    assert_eq!(printed, std::fs::read_to_string(pages.join("synapscribe.1")).unwrap());

    // Where no folder can be made, that is said.
    std::fs::write(home.join("file"), "").unwrap();
    let said = run(&mut synapscribe(home, &["man", "--out", home.join("file/man").to_str().unwrap()])).unwrap();
    assert!(said.status.code() == Some(1) && said.err.contains("cannot be made"), "{}", said.err);
}

#[test]
fn shells_complete_what_the_command_knows() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let script = |shell: &str| run(&mut synapscribe(home, &["completions", shell])).unwrap().well().out;
    let file = home.join("completions.bash");
    std::fs::write(&file, script("bash")).unwrap();
    // As the shell itself would ask after the key was pressed.
    let completed = |words: &[&str]| -> Vec<String> {
        let (last, before) = (words[words.len() - 1], words[words.len() - 2]);
        let ask = format!(
            "source {}; complete -p synapscribe >/dev/null || exit 1; COMP_WORDS=({}); COMP_CWORD={}; \
             _synapscribe synapscribe '{last}' '{before}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            file.display(),
            words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" "),
            words.len() - 1,
        );
        let said = run(Command::new("bash").args(["--norc", "-c", &ask])).unwrap().well();
        said.out.lines().map(str::to_owned).collect()
    };
    let known: Vec<String> = commands(home, &[]).into_iter().map(|(name, _)| name).collect();
    let offered = completed(&["synapscribe", ""]);
    assert!(known.iter().all(|name| offered.contains(name)), "{offered:?} of {known:?}");
    assert_eq!(completed(&["synapscribe", "lib"]), ["library"]);
    assert_eq!(completed(&["synapscribe", "library", "tr"]), ["transcript"]);
    assert_eq!(completed(&["synapscribe", "ask", "--play"]), ["--playhead", "--play"]);
    assert_eq!(completed(&["synapscribe", "completions", "zs"]), ["zsh"]);

    for shell in ["zsh", "fish", "elvish", "powershell"] {
        let script = script(shell);
        for name in known.iter().map(String::as_str).chain(["transcript", "playhead", "no-color"]) {
            assert!(script.contains(name), "{shell} does not know {name}");
        }
    }
}

#[test]
fn colours_are_for_eyes_that_want_them() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let painted = |no_color: Option<&str>, arguments: &[&str]| {
        let mut command = synapscribe(home, arguments);
        command.envs(no_color.map(|value| ("NO_COLOR", value)));
        let terminal = Terminal::watch(&command).unwrap();
        terminal.see("ended with 0");
        terminal.painted().unwrap()
    };
    let list = ["models", "list"];
    assert!(painted(None, &list).contains('\u{1b}'), "somebody who looks sees no colours");
    for screen in [painted(Some("1"), &list), painted(None, &["models", "list", "--no-color"])] {
        assert!(screen.contains("whisper-tiny.en") && !screen.contains('\u{1b}'), "{screen:?}");
    }
    // A file or a pipe has no eyes.
    let said = run(&mut synapscribe(home, &list)).unwrap().well();
    assert!(said.out.contains("whisper-tiny.en") && !said.out.contains('\u{1b}'), "{:?}", said.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_shows_how_far_it_is_how_fast_and_how_long_it_takes() {
    let (line, scratch) = (Relay::open().await.unwrap(), tempfile::tempdir().unwrap());
    let host = Host::start_behind(scratch.path(), line.address()).unwrap();
    line.lead_to(host.address());
    for (name, no_color) in [("painted.wav", None), ("plain.wav", Some("1"))] {
        let recording = scratch.path().join(name);
        long_recording(&recording).unwrap();
        // Slow enough for whoever looks; then as fast as it goes.
        line.pace(400_000);
        let mut upload = synapscribe(scratch.path(), &["--server", line.address(), "upload", recording.to_str().unwrap()]);
        upload.envs(no_color.map(|value| ("NO_COLOR", value)));
        let terminal = Terminal::watch(&upload).unwrap();
        let screen = terminal.see(" left");
        let bar = screen.lines().find(|row| row.contains(" left")).unwrap();
        assert!(bar.contains(name) && bar.contains(['━', '╸']) && bar.contains(" MB, ") && bar.contains("B/s"), "{bar}");
        let painted = terminal.painted().unwrap();
        let row = painted.lines().find(|row| row.contains(name)).unwrap_or_default();
        assert_eq!(row.contains('\u{1b}'), no_color.is_none(), "{row:?}");
        line.pace(0);
        terminal.see("uploaded as");
        let screen = terminal.see("ended with 0");
        assert!(!screen.contains(['━', '╸']), "the bar stays: {screen}");
    }
}

#[test]
fn the_demo_shows_the_whole_loop_on_a_lecture_of_six_minutes_and_ends() {
    let scratch = tempfile::tempdir().unwrap();
    let (data, answer) = (scratch.path().join("host"), scratch.path().join("answer.wav"));
    // Somebody else has the usual place; where that cannot be taken, somebody has it already.
    let _elsewhere = std::net::TcpListener::bind("127.0.0.1:4517");
    let mut demo = synapscribe(scratch.path(), &["demo", "--once", "--json", "--save"]);
    // No loudspeaker of this machine is used.
    demo.arg(&answer).arg("--data").arg(&data).env("XDG_RUNTIME_DIR", scratch.path());
    let said = run(&mut demo).unwrap().well();
    let heard = said.of_type("query_text")[0]["text"].as_str().unwrap().to_lowercase();
    assert!(heard.contains("chain rule"), "the question was understood as {heard:?}");
    assert!(!said.of_type("citation").is_empty(), "{}", said.out);
    assert_eq!(said.of_type("answer_done")[0]["found"], true);
    let written: String = said.of_type("answer_text").iter().filter_map(|event| event["delta"].as_str()).collect();
    let share = share_heard(&written, &synapscribe_stories::hear(&answer).unwrap());
    assert!(share >= 0.4, "only {share:.2} of the answer's words were heard in the file");
    assert!(!data.join("host.json").exists(), "the host it started is still noted");

    // The lecture it made is there for the host that is started next, and is as long as it is said to be.
    let host = Host::start_on(&data, |_| {}).unwrap();
    let shown = run(host.terminal().unwrap().args(["library", "show", "sample", "--json"])).unwrap().well();
    let seconds = shown.events().iter().find_map(|event| event["duration"].as_f64().or(event["lecture"]["duration"].as_f64()));
    let minutes = seconds.expect("a lecture is shown with its length") / 60.0;
    assert!((5.5..=6.5).contains(&minutes), "the sample lecture takes {minutes:.1} minutes");
}
