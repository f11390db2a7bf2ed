//! The built daemon as an operator sees it when it is started in a way that cannot work.

use std::process::{Command, Output, Stdio};

fn start(arguments: &[&str]) -> Output {
    let data = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_synapscribe-agentcore"));
    command.args(["--data", &data.path().to_string_lossy()]).args(arguments).stdin(Stdio::null());
    command.env_remove("SYNAPSCRIBE_AGENT_TOKEN").output().unwrap()
}

#[test]
fn it_is_not_opened_to_other_machines_without_a_token() {
    for arguments in [&["--listen", "0.0.0.0:0"][..], &["--listen", "[::]:0", "--token", " "]] {
        let refused = start(arguments);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && said.contains("SYNAPSCRIBE_AGENT_TOKEN"), "{arguments:?}: {said}");
    }
}

#[test]
fn a_folder_without_a_host_s_data_is_named() {
    let refused = start(&["--listen", "127.0.0.1:0"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("start a host there first"), "{said}");
}
