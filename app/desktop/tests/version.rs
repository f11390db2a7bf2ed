//! What the app says without a screen.

use std::process::Command;

#[test]
fn the_version_is_told_without_a_screen() {
    let mut app = Command::new(env!("CARGO_BIN_EXE_synapscribe-desktop"));
    let said = app.arg("--version").env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").output().unwrap();
    assert!(said.status.success());
    assert_eq!(String::from_utf8(said.stdout).unwrap(), format!("synapscribe-desktop {}\n", env!("CARGO_PKG_VERSION")));
}
