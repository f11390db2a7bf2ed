//! Finds the system's libopus, so that the decoder is the distribution's own and gets its security fixes. A function on AWS finds no
//! libraries but its own: with `SYNAPSCRIBE_STATIC_OPUS` the decoder becomes part of the program.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=SYNAPSCRIBE_STATIC_OPUS");
    let within = std::env::var_os("SYNAPSCRIBE_STATIC_OPUS").is_some();
    let found = pkg_config::Config::new().atleast_version("1.3").cargo_metadata(!within).probe("opus");
    if let Err(error) = found {
        panic!("libopus was not found (on Debian: apt-get install libopus-dev pkg-config): {error}");
    }
    if within {
        // The system's folders are not named among the library's own.
        let folder = pkg_config::get_variable("opus", "libdir").unwrap_or_default();
        println!("cargo:rustc-link-search=native={folder}");
        println!("cargo:rustc-link-lib=static=opus");
    }
}
