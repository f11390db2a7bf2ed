//! Grants an address to upload a recording, its captions, a document or a spoken question to.

use std::sync::Arc;

use synapscribe_domain::document::{Document, DocumentLimits};
use synapscribe_domain::lecture::title_from_file_name;
use synapscribe_domain::{
    AudioLimits, Code, DocumentId, Failure, Lecture, LectureId, LectureState, ObjectKey, PersonId, QueryId, Visibility,
};
use synapscribe_ports::{Clock, Ids, Library, Notice, Objects};

/// An upload address is good for this long.
const GRANT_SECONDS: u32 = 3600;

/// What a person wants to upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// A recording.
    Lecture,
    /// A book or a paper.
    Document,
    /// Captions beside a recording of theirs.
    Captions(LectureId),
    /// A spoken question.
    Query(QueryId),
}

/// What is needed to grant uploads.
#[derive(Clone)]
pub struct Granting {
    /// Lectures and documents.
    pub library: Arc<dyn Library>,
    /// Recordings.
    pub objects: Arc<dyn Objects>,
    /// Names for new lectures.
    pub ids: Arc<dyn Ids>,
    /// The time they are granted.
    pub clock: Arc<dyn Clock>,
    /// The limits of a lecture.
    pub lecture_limits: AudioLimits,
    /// The limits of a question.
    pub question_limits: AudioLimits,
    /// The limits of a document, where documents are taken.
    pub document_limits: Option<DocumentLimits>,
}

impl Granting {
    /// Checks the wish and answers with [`Notice::UploadUrl`].
    pub async fn grant(&self, person: &PersonId, wish: Wish, file_name: &str, bytes: u64) -> Result<Notice, Failure> {
        let extension = extension(file_name);
        let (key, content_type) = match wish {
            Wish::Lecture => {
                self.lecture_limits.check_size(bytes)?;
                let id = LectureId::parse(self.ids.fresh()).map_err(|_| Failure::internal())?;
                let key = ObjectKey::lecture(person, &id, file_name);
                self.library
                    .add_lecture(&Lecture {
                        id,
                        owner: person.clone(),
                        visibility: Visibility::Private,
                        title: title_from_file_name(file_name),
                        key: key.clone(),
                        state: LectureState::Uploading,
                        media: None,
                        tokens: None,
                        created: self.clock.now(),
                    })
                    .await?;
                (key, "application/octet-stream")
            }
            Wish::Document => {
                let refused = || Failure::new(Code::DocumentUnsupported, "this server takes no documents, only recordings");
                self.document_limits.as_ref().ok_or_else(refused)?.check_size(bytes)?;
                let id = DocumentId::parse(self.ids.fresh()).map_err(|_| Failure::internal())?;
                let key = ObjectKey::document(person, &id, file_name);
                let title = title_from_file_name(file_name);
                let granted = Document::granted(id, person.clone(), key.clone(), title, self.clock.now());
                self.library.add_document(&granted).await?;
                (key, "application/octet-stream")
            }
            Wish::Captions(id) => {
                let lecture = self.library.lecture(&id).await?.filter(|l| &l.owner == person);
                let lecture = lecture.ok_or_else(|| Failure::not_found("lecture"))?;
                if !matches!(extension.as_str(), "srt" | "vtt") {
                    return Err(Failure::new(Code::CaptionsMismatch, "captions are SRT or VTT files; choose one of those"));
                }
                if bytes == 0 || bytes > synapscribe_domain::captions::MAX_BYTES as u64 {
                    return Err(Failure::new(Code::CaptionsMismatch, "a caption file has 1 byte to 8 MB; choose another file"));
                }
                (lecture.key.beside(&extension), "text/plain; charset=utf-8")
            }
            Wish::Query(query) => {
                self.question_limits.check_size(bytes)?;
                (
                    ObjectKey::query(person, &query, if extension.is_empty() { "wav" } else { &extension }),
                    "application/octet-stream",
                )
            }
        };
        let url = self.objects.upload_url(&key, content_type, Some(bytes), GRANT_SECONDS).await?;
        Ok(Notice::UploadUrl {
            url,
            key,
            expires_in: GRANT_SECONDS,
            content_type: content_type.into(),
            file_name: file_name.to_owned(),
        })
    }
}

fn extension(file_name: &str) -> String {
    file_name.rsplit_once('.').map(|(_, ext)| ext.to_ascii_lowercase()).unwrap_or_default()
}
