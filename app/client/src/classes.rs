//! Classes as the server keeps them: who teaches and learns together, and what they are shown. Knows no screen.

use http::Method;
use synapscribe_protocol::SourceDto;
use synapscribe_protocol::classes::{ClassDto, ClassNameDto, ClassesDto, JoinDto, RoomDto};
use synapscribe_protocol::documents::DocumentDto;
use synapscribe_protocol::rest::{LectureDto, SourceChangeDto};

use crate::client::Client;
use crate::error::Result;
use crate::naming::{self, Named};
use crate::rest::segment;

impl Client {
    /// The classes that one teaches or is in, the latest made first.
    pub async fn classes(&self) -> Result<Vec<ClassDto>> {
        Ok(self.rest().get::<ClassesDto>("classes").await?.classes)
    }

    /// One of them with who is in it and what it is shown.
    pub async fn class(&self, id: &str) -> Result<RoomDto> {
        self.rest().get(&at(id, "")).await
    }

    /// The class a person means: a whole name, what it is called, or the beginning of its name, as long as only one fits.
    pub async fn find_class(&self, name: &str) -> Result<ClassDto> {
        let mut all = self.classes().await?;
        let named = all.iter().map(|class| Named::new(&class.class_id, Some(&class.name)));
        let id = naming::pick("class", name, named)?.to_owned();
        let place = all.iter().position(|class| class.class_id == id).unwrap_or_default();
        Ok(all.swap_remove(place))
    }

    /// Makes a class.
    pub async fn make_class(&self, name: &str) -> Result<ClassDto> {
        self.rest().send(Method::POST, "classes", &ClassNameDto { name: name.to_owned() }).await
    }

    /// Comes into a class by its code.
    pub async fn join_class(&self, code: &str, name: Option<&str>) -> Result<RoomDto> {
        let wish = JoinDto { code: code.to_owned(), name: name.map(str::to_owned) };
        self.rest().send(Method::POST, "classes/join", &wish).await
    }

    /// Gives a class another name.
    pub async fn rename_class(&self, id: &str, name: &str) -> Result<RoomDto> {
        self.rest().send(Method::PATCH, &at(id, ""), &ClassNameDto { name: name.to_owned() }).await
    }

    /// Gives a class another code; the one before lets nobody in any more.
    pub async fn renew_class_code(&self, id: &str) -> Result<RoomDto> {
        self.rest().read(Method::POST, &at(id, "/code")).await
    }

    /// Leaves a class.
    pub async fn leave_class(&self, id: &str) -> Result<()> {
        self.rest().done(Method::DELETE, &at(id, "/membership")).await
    }

    /// Sends a member away.
    pub async fn send_away(&self, id: &str, member: &str) -> Result<()> {
        self.rest().done(Method::DELETE, &at(id, &format!("/members/{}", segment(member)))).await
    }

    /// Ends a class.
    pub async fn end_class(&self, id: &str) -> Result<()> {
        self.rest().done(Method::DELETE, &at(id, "")).await
    }

    /// Shows a class a lecture or a document.
    pub async fn show_class(&self, id: &str, source: &SourceDto) -> Result<()> {
        self.rest().done(Method::PUT, &at(id, &below(source))).await
    }

    /// Stops showing it.
    pub async fn hide_from_class(&self, id: &str, source: &SourceDto) -> Result<()> {
        self.rest().done(Method::DELETE, &at(id, &below(source))).await
    }

    /// Shows something to everybody, or to nobody but oneself and one's classes.
    pub async fn publish(&self, source: &SourceDto, public: bool) -> Result<()> {
        match (&source.lecture_id, &source.document_id) {
            (_, Some(document)) => self.publish_document(document, public).await.map(drop),
            (lecture, None) => self.publish_lecture(lecture.as_deref().unwrap_or_default(), public).await.map(drop),
        }
    }

    /// Shows a lecture to everybody, or to nobody but oneself and one's classes.
    pub async fn publish_lecture(&self, id: &str, public: bool) -> Result<LectureDto> {
        self.rest().send(Method::PATCH, &format!("lectures/{}", segment(id)), &visibility(public)).await
    }

    /// The same of a document.
    pub async fn publish_document(&self, id: &str, public: bool) -> Result<DocumentDto> {
        self.rest().send(Method::PATCH, &format!("documents/{}", segment(id)), &visibility(public)).await
    }
}

fn at(id: &str, rest: &str) -> String {
    format!("classes/{}{rest}", segment(id))
}

fn below(source: &SourceDto) -> String {
    match (&source.lecture_id, &source.document_id) {
        (_, Some(document)) => format!("/documents/{}", segment(document)),
        (lecture, None) => format!("/lectures/{}", segment(lecture.as_deref().unwrap_or_default())),
    }
}

pub(crate) fn visibility(public: bool) -> SourceChangeDto {
    let word = if public { "public" } else { "private" };
    SourceChangeDto { visibility: Some(word.into()), ..SourceChangeDto::default() }
}
