//! Reads a document in a child and says what it is, what is on its pages, or, with a page, draws it:
//! `cargo run --release --example read -- FILE [PAGE PICTURE.png]`.

use std::path::Path;
use std::time::Instant;

use synapscribe_ports::{PageRead, Reader};
use synapscribe_reader::SandboxedReader;

fn main() {
    synapscribe_reader::run_worker_if_asked();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(show());
}

async fn show() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(file) = arguments.first().map(Path::new) else {
        eprintln!("name a document");
        return;
    };
    let reader = SandboxedReader::this_program().expect("this program has a path");
    if let [_, page, picture] = arguments.as_slice() {
        let png = reader.picture(file, page.parse().expect("a number"), None, 1_200).await.expect("a picture");
        std::fs::write(picture, png).expect("the picture can be written");
        return;
    }
    let name = file.to_string_lossy();
    let started = Instant::now();
    match reader.examine(file, &name).await {
        Ok(examined) => eprintln!("{examined:#?}\nin {:?}", started.elapsed()),
        Err(failure) => eprintln!("{failure:?}"),
    }
    let (sink, mut pages) = tokio::sync::mpsc::channel::<PageRead>(4);
    let started = Instant::now();
    let listen = async {
        while let Some(page) = pages.recv().await {
            match page {
                Ok(page) => {
                    println!("=== {} {:?}", page.number, page.label);
                    page.blocks.iter().for_each(|block| println!("[{:?}] {}", block.kind, block.text));
                    page.figures.iter().for_each(|figure| println!("{figure:?}"));
                }
                Err(failed) => println!("=== {failed:?}"),
            }
        }
    };
    let (done, ()) = tokio::join!(reader.pages(file, &name, 1, sink), listen);
    eprintln!("{done:?} in {:?}", started.elapsed());
}
