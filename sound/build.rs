//! Finds the system's libopus, so that the decoder is the distribution's own and gets its security fixes.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if let Err(error) = pkg_config::Config::new().atleast_version("1.3").probe("opus") {
        panic!("libopus was not found (on Debian: apt-get install libopus-dev pkg-config): {error}");
    }
}
