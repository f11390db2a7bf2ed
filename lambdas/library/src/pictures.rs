//! Pictures of pages as a function may hand them on: AWS takes no answer of more than six megabytes from one.

use std::path::Path;

use async_trait::async_trait;
use synapscribe_domain::Failure;
use synapscribe_domain::document::{Area, DocumentKind, Examined};
use synapscribe_ports::{PageRead, Reader};
use tokio::sync::mpsc;

/// The largest picture in bytes: on its way it is written in letters, which makes it a third longer.
const LARGEST: usize = 4_400_000;

/// A reader whose pictures are drawn narrower until they are small enough.
pub struct Narrowing<R>(pub R);

#[async_trait]
impl<R: Reader> Reader for Narrowing<R> {
    fn can_read(&self, kind: DocumentKind) -> Result<(), Failure> {
        self.0.can_read(kind)
    }

    async fn examine(&self, file: &Path, name: &str) -> Result<Examined, Failure> {
        self.0.examine(file, name).await
    }

    async fn pages(&self, file: &Path, name: &str, from: u32, sink: mpsc::Sender<PageRead>) -> Result<(), Failure> {
        self.0.pages(file, name, from, sink).await
    }

    async fn picture(&self, file: &Path, page: u32, part: Option<Area>, width: u32) -> Result<Vec<u8>, Failure> {
        small_enough(width, |width| self.0.picture(file, page, part, width)).await
    }

    async fn cover(&self, file: &Path, width: u32) -> Result<Vec<u8>, Failure> {
        // A first page that is a long strip is too much even where it is narrow.
        small_enough(width, |width| self.0.cover(file, width)).await
    }
}

/// A picture that is drawn narrower until an answer has room for it.
async fn small_enough<F>(mut width: u32, draw: impl Fn(u32) -> F) -> Result<Vec<u8>, Failure>
where
    F: Future<Output = Result<Vec<u8>, Failure>>,
{
    loop {
        let picture = draw(width).await?;
        if picture.len() <= LARGEST || width <= 1 {
            return Ok(picture);
        }
        width = narrower(width, picture.len());
    }
}

/// A width at which so many bytes become few enough: they grow with the area, and a little is left for those that grow faster.
fn narrower(width: u32, bytes: usize) -> u32 {
    let share = (LARGEST as f64 / bytes as f64).sqrt();
    (f64::from(width) * share * 0.95) as u32
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Draws pictures of as many bytes as a page has pixels, times this.
    struct Painter(usize, Mutex<Vec<u32>>);

    #[async_trait]
    impl Reader for Painter {
        fn can_read(&self, _kind: DocumentKind) -> Result<(), Failure> {
            Ok(())
        }

        async fn examine(&self, _file: &Path, _name: &str) -> Result<Examined, Failure> {
            Err(Failure::internal())
        }

        async fn pages(&self, _file: &Path, _name: &str, _from: u32, _sink: mpsc::Sender<PageRead>) -> Result<(), Failure> {
            Err(Failure::internal())
        }

        async fn picture(&self, _file: &Path, _page: u32, _part: Option<Area>, width: u32) -> Result<Vec<u8>, Failure> {
            self.1.lock().unwrap().push(width);
            Ok(vec![0; self.0 * (width * width) as usize])
        }
    }

    async fn drawn(bytes: usize, width: u32) -> (usize, Vec<u32>) {
        let painter = Narrowing(Painter(bytes, Mutex::default()));
        let picture = painter.picture(Path::new("book.pdf"), 1, None, width).await.unwrap();
        (picture.len(), painter.0.1.into_inner().unwrap())
    }

    #[tokio::test]
    async fn a_picture_that_is_too_much_for_an_answer_is_drawn_narrower_and_any_other_as_it_was_asked_for() {
        assert_eq!(drawn(1, 800).await, (640_000, vec![800]));
        let (bytes, widths) = drawn(4, 2_400).await;
        assert!(bytes <= LARGEST && bytes > LARGEST / 2, "{bytes}");
        assert!(widths.len() == 2 && widths[0] == 2_400, "{widths:?}");
    }

    #[tokio::test]
    async fn a_cover_that_is_a_long_strip_is_drawn_narrower_as_well() {
        let cover = Narrowing(Painter(20, Mutex::default())).cover(Path::new("book.pdf"), 600).await.unwrap();
        assert!(cover.len() <= LARGEST && cover.len() > LARGEST / 2, "{}", cover.len());
    }
}
