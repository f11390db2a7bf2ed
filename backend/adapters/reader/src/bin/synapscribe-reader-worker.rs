//! A program that does nothing but read one document for its parent; the product's own programs do this themselves.

fn main() {
    synapscribe_reader::run_worker_if_asked();
    eprintln!("this program is started by others to read one document; it has no use of its own");
    std::process::exit(2);
}
