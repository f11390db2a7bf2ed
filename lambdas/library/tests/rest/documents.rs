//! Documents: taken, listed, read, renamed and deleted.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use axum::http::StatusCode;
use serde_json::{Value, json};
use synapscribe_domain::document::{
    Area, Block, BlockKind, Document, DocumentKind, DocumentState, Examined, FailedPage, Figure, OutlineEntry, ReadPage,
};
use synapscribe_domain::{Code, DocumentId, Failure, ObjectKey, Timestamp};
use synapscribe_ports::{Documents, Objects, PageRead, Reader};
use tokio::sync::mpsc;

use crate::desk::{Desk, person};

#[tokio::test]
async fn a_document_is_listed_read_page_by_page_renamed_and_deleted() {
    let desk = Desk::new().await;
    let (ada, id) = (person("ada"), DocumentId::parse("seas").unwrap());
    let key = ObjectKey::document(&ada, &id, "Seas.md");
    desk.objects.put(&key, "# Tides".into(), "text/markdown").await.unwrap();
    let book = Document {
        state: DocumentState::Ready,
        kind: Some(DocumentKind::Markdown),
        pages: Some(2),
        failed_pages: 1,
        passages: Some(1),
        ..Document::granted(id.clone(), ada, key, "Seas".into(), Timestamp(5))
    };
    desk.store.add_document(&book).await.unwrap();
    desk.store.save_outline(&id, &[OutlineEntry { level: 1, title: "Tides".into(), page: 1 }]).await.unwrap();
    let blocks = vec![Block { kind: BlockKind::Heading(1), text: "Tides".into(), area: None, lines: Vec::new() }];
    let torn = FailedPage { number: 2, failure: Failure::new(Code::PageUnreadable, "it is torn") };
    let figure = Figure { area: Area { left: 0.0, top: 0.5, right: 1.0, bottom: 1.0 }, caption: Some("Ebb".into()) };
    let first = ReadPage { number: 1, blocks, figures: vec![figure], ..ReadPage::default() };
    desk.store.save_pages(&id, &[Ok(first), Err(torn)]).await.unwrap();

    let listed = desk.get("ada", "documents").await["documents"][0].clone();
    assert_eq!(listed, desk.get("ada", "documents/seas").await);
    assert_eq!(
        (&listed["kind"], &listed["state"], &listed["canBeAsked"], &listed["pages"], &listed["failedPages"], &listed["own"]),
        (&json!("markdown"), &json!("ready"), &json!(true), &json!(2), &json!(1), &json!(true))
    );
    let outline = desk.get("ada", "documents/seas/outline").await;
    assert_eq!(outline, json!({ "documentId": "seas", "entries": [{ "level": 1, "title": "Tides", "page": 1 }] }));
    let pages = desk.get("ada", "documents/seas/pages").await["pages"].clone();
    assert_eq!(pages[0]["blocks"], json!([{ "kind": "heading", "level": 1, "text": "Tides" }]));
    assert_eq!((&pages[1]["number"], &pages[1]["error"]["code"]), (&json!(2), &json!("page_unreadable")));
    assert_eq!(desk.get("ada", "documents/seas/pages?from=2&to=9").await["pages"].as_array().unwrap().len(), 1);
    let status = desk.get("ada", "documents/seas/status").await;
    assert_eq!((&status["state"], &status["progress"], status.get("total")), (&json!("ready"), &json!(1.0), None));
    let failed = status["failedPages"].as_array().unwrap();
    assert_eq!((failed.len(), &failed[0]["number"], &failed[0]["error"]["message"]), (1, &json!(2), &json!("it is torn")));
    let figures = desk.get("ada", "documents/seas/figures").await["figures"].clone();
    assert_eq!(
        figures,
        json!([{ "page": 1, "area": { "left": 0.0, "top": 0.5, "right": 1.0, "bottom": 1.0 }, "caption": "Ebb" }])
    );
    assert!(desk.get("ada", "documents/seas/file").await["url"].as_str().unwrap().contains("documents/ada/seas/Seas.md"));
    let no_picture = desk.refused("ada", "GET", "documents/seas/pages/1/picture.png", None).await;
    assert_eq!(no_picture, (404, "not_found".into()), "pages of Markdown have no picture");
    let no_cover = desk.refused("ada", "GET", "documents/seas/cover.png", None).await;
    assert_eq!(no_cover, (404, "not_found".into()), "Markdown has no cover");

    let (status, renamed) = desk.call("ada", "PATCH", "documents/seas", Some(json!({ "title": "The seas" }))).await;
    assert!(status == StatusCode::OK && renamed.contains("The seas"), "{renamed}");
    assert_eq!(desk.call("ada", "DELETE", "documents/seas", None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(desk.get("ada", "documents").await["documents"], json!([]));
}

/// Opens any book, and finds no cover in it.
struct Coverless;

#[async_trait]
impl Reader for Coverless {
    fn can_read(&self, _: DocumentKind) -> Result<(), Failure> {
        Ok(())
    }
    async fn examine(&self, _: &Path, _: &str) -> Result<Examined, Failure> {
        Err(Failure::internal())
    }
    async fn pages(&self, _: &Path, _: &str, _: u32, _: mpsc::Sender<PageRead>) -> Result<(), Failure> {
        Err(Failure::internal())
    }
    async fn picture(&self, _: &Path, _: u32, _: Option<Area>, _: u32) -> Result<Vec<u8>, Failure> {
        Err(Failure::not_found("cover"))
    }
}

#[tokio::test]
async fn that_a_book_has_no_cover_is_kept_as_long_as_a_cover() {
    let desk = Desk::with(|context| context.shelf.reader = Some(Arc::new(Coverless))).await;
    let (ada, id) = (person("ada"), DocumentId::parse("seas").unwrap());
    let key = ObjectKey::document(&ada, &id, "Seas.epub");
    desk.objects.put(&key, "a book".into(), "application/epub+zip").await.unwrap();
    let book = Document { kind: Some(DocumentKind::Epub), ..Document::granted(id, ada, key, "Seas".into(), Timestamp(5)) };
    desk.store.add_document(&book).await.unwrap();
    for (name, kept) in [("seas", Some("private, max-age=86400")), ("lost", None)] {
        let answer = desk.send("ada", "GET", &format!("documents/{name}/cover.png"), None).await;
        let told = answer.headers().get("cache-control").map(|told| told.to_str().unwrap());
        assert_eq!((answer.status(), told), (StatusCode::NOT_FOUND, kept), "{name}");
    }
}

#[tokio::test]
async fn an_address_is_given_for_a_file_that_may_be_a_document() {
    let desk = Desk::new().await;
    let post = async |body: Value| desk.call("ada", "POST", "documents", Some(body)).await;
    let (status, said) = post(json!({ "fileName": "On Tides.pdf", "bytes": 1_000 })).await;
    assert_eq!(status, StatusCode::CREATED, "{said}");
    let upload: Value = serde_json::from_str(&said).unwrap();
    let id = upload["documentId"].as_str().unwrap();
    assert_eq!(upload["s3Key"], format!("documents/ada/{id}/On Tides.pdf"), "{upload}");
    assert!(upload["uploadUrl"].as_str().unwrap().contains(&format!("documents/ada/{id}/")), "{upload}");
    let noted = desk.get("ada", &format!("documents/{id}")).await;
    assert_eq!((&noted["title"], &noted["state"]), (&json!("On Tides"), &json!("uploading")));
    for (body, code) in [
        (json!({ "fileName": "a.pdf", "bytes": 0 }), (422, "document_empty")),
        (json!({ "fileName": "a.pdf", "bytes": 1_000_000_000 }), (413, "document_too_big")),
        (json!({ "fileName": "a.pdf" }), (400, "bad_message")),
    ] {
        assert_eq!(desk.refused("ada", "POST", "documents", Some(body)).await, (code.0, code.1.to_owned()));
    }
}
