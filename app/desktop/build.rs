//! Lets Tauri check the configuration and the rights of the windows.

fn main() {
    tauri_build::build();
}
