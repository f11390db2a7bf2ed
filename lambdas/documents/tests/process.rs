//! The process that AWS starts, as an operator meets it who forgot something.

use std::process::Command;

#[test]
fn without_its_settings_it_does_not_start_and_says_which_one_is_missing() {
    let ended = Command::new(env!("CARGO_BIN_EXE_lambda-documents")).env_clear().output().unwrap();
    assert!(!ended.status.success());
    let said = String::from_utf8_lossy(&ended.stdout) + String::from_utf8_lossy(&ended.stderr);
    assert!(said.contains("SYNAPSCRIBE_") || said.contains("AWS_REGION"), "{said}");
}
