//! A program that does nothing but read one recording for its parent; the product's own programs do this themselves.

fn main() {
    synapscribe_media::run_worker_if_asked();
    eprintln!("this program is started by others to read one recording; it has no use of its own");
    std::process::exit(2);
}
