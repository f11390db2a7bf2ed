//! Rebuilds the crate when a migration is added, which the compiler cannot see by itself.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=postgres");
}
