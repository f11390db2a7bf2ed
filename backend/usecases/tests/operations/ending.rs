//! Files whose reading ends before their last page: whose fault that is, and what is kept.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use synapscribe_domain::document::{Area, DocumentKind, DocumentState, Examined, Step};
use synapscribe_domain::{Code, Failure, Pages};
use synapscribe_ports::fakes::TextReader;
use synapscribe_ports::{Documents as _, PageRead, Reader};
use synapscribe_usecases::Making;
use tokio::sync::mpsc;

use crate::documents::{state, uploaded};
use crate::world::World;

const WHY: &str = "the book does not hold together";

/// Reads up to a page and no further; what is behind it can be read by itself.
struct Ends {
    at: u32,
}

#[async_trait]
impl Reader for Ends {
    fn can_read(&self, kind: DocumentKind) -> Result<(), Failure> {
        TextReader.can_read(kind)
    }

    async fn examine(&self, file: &Path, name: &str) -> Result<Examined, Failure> {
        TextReader.examine(file, name).await
    }

    async fn pages(&self, file: &Path, name: &str, from: u32, sink: mpsc::Sender<PageRead>) -> Result<(), Failure> {
        // There is room for all of them.
        let (all, mut pages) = mpsc::channel(16);
        TextReader.pages(file, name, from, all).await?;
        while let Some(page) = pages.recv().await {
            if page.as_ref().is_ok_and(|page| page.number == self.at) {
                return Err(Failure::new(Code::DocumentCorrupt, WHY));
            }
            sink.send(page).await.map_err(|_| Failure::internal())?;
        }
        Ok(())
    }

    async fn picture(&self, file: &Path, page: u32, part: Option<Area>, width: u32) -> Result<Vec<u8>, Failure> {
        TextReader.picture(file, page, part, width).await
    }
}

#[tokio::test]
async fn where_reading_ends_the_page_is_marked_and_where_it_never_began_the_document_is_refused() {
    let world = World::new();
    let making = |at: u32| Making { reader: Arc::new(Ends { at }), ..world.making() };
    let book = "One.\u{c}Two.\u{c}Three.";

    let id = uploaded(&world, "ada", book).await;
    making(2).step(&id, Step::Extract, false).await.unwrap();
    let pages = world.library.pages(&id, Pages::new(1, 9)).await.unwrap();
    assert_eq!(pages.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true], "{pages:?}");
    assert!(pages[1].as_ref().is_err_and(|lost| lost.failure.message == WHY), "{pages:?}");

    let id = uploaded(&world, "ada", book).await;
    making(1).step(&id, Step::Extract, false).await.unwrap();
    let DocumentState::Failed { failure } = state(&world, &id).await else { panic!("it was used") };
    assert_eq!((failure.code, failure.message.as_str()), (Code::DocumentCorrupt, WHY));
    assert_eq!(world.library.pages(&id, Pages::new(1, 9)).await.unwrap(), [], "no page is blamed for it");
}
