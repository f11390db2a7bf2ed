//! The REST side of the wire: signed requests in, DTOs or typed errors out. Keeps no state.

use std::time::Duration;

use http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use synapscribe_protocol::SourceDto;
use synapscribe_protocol::discovery::EngineDto;
use synapscribe_protocol::documents::{
    AreaDto, DocumentDto, DocumentStatusDto, DocumentsDto, FailedPageDto, OutlineDto, OutlineEntryDto, PageDto, PagesReadDto,
};
use synapscribe_protocol::headers::{ACCESS_TOKEN, CORRELATION};
use synapscribe_protocol::rest::{
    CorrectionDto, EngineServerDto, EngineServersDto, EnginesDto, ErrorBody, LectureDto, LecturesDto, LinkDto, PhraseDto,
    RenameDto, ReportDto, SessionDto, SessionsDto, StorageDto, TranscriptDto, VoicesDto, WaveformDto,
};

use crate::error::{ClientError, Result, code};
use crate::guest::Guest;
use crate::net::Net;

/// Lists and documents are small; whatever takes longer is not coming.
const PATIENCE: Duration = Duration::from_secs(30);

/// The REST endpoints of one server.
#[derive(Clone)]
pub(crate) struct Rest {
    pub net: Net,
    pub guest: Guest,
    /// The server's address, as people know it.
    pub server: String,
    /// Where its paths begin.
    pub base: String,
    pub region: String,
}

impl Rest {
    pub async fn lectures(&self) -> Result<Vec<LectureDto>> {
        Ok(self.get::<LecturesDto>("lectures").await?.lectures)
    }

    pub async fn lecture(&self, id: &str) -> Result<LectureDto> {
        self.get(&format!("lectures/{}", segment(id))).await
    }

    pub async fn documents(&self) -> Result<Vec<DocumentDto>> {
        Ok(self.get::<DocumentsDto>("documents").await?.documents)
    }

    pub async fn document(&self, id: &str) -> Result<DocumentDto> {
        self.get(&format!("documents/{}", segment(id))).await
    }

    pub async fn rename_document(&self, id: &str, title: &str) -> Result<DocumentDto> {
        self.change(&format!("documents/{}", segment(id)), &RenameDto { title: title.to_owned() }).await
    }

    pub async fn outline(&self, id: &str) -> Result<Vec<OutlineEntryDto>> {
        Ok(self.get::<OutlineDto>(&format!("documents/{}/outline", segment(id))).await?.entries)
    }

    pub async fn pages(&self, id: &str, from: u32, to: u32) -> Result<Vec<PageDto>> {
        Ok(self.get::<PagesReadDto>(&format!("documents/{}/pages?from={from}&to={to}", segment(id))).await?.pages)
    }

    pub async fn unread_pages(&self, id: &str) -> Result<Vec<FailedPageDto>> {
        Ok(self.get::<DocumentStatusDto>(&format!("documents/{}/status", segment(id))).await?.failed_pages)
    }

    pub async fn picture(&self, id: &str, page: u32, width: u32, part: Option<&AreaDto>) -> Result<Vec<u8>> {
        let among = part.map_or_else(String::new, |AreaDto { left, top, right, bottom }| {
            format!("&left={left}&top={top}&right={right}&bottom={bottom}")
        });
        let path = format!("documents/{}/pages/{page}/picture.png?width={width}{among}", segment(id));
        self.call(Method::GET, &path, None).await
    }

    pub async fn cover(&self, id: &str, width: u32) -> Result<Vec<u8>> {
        self.call(Method::GET, &format!("documents/{}/cover.png?width={width}", segment(id)), None).await
    }

    pub async fn delete_document(&self, id: &str) -> Result<()> {
        self.call(Method::DELETE, &format!("documents/{}", segment(id)), None).await.map(drop)
    }

    pub async fn transcript(&self, id: &str) -> Result<TranscriptDto> {
        self.get(&format!("lectures/{}/transcript", segment(id))).await
    }

    pub async fn report(&self, id: &str) -> Result<ReportDto> {
        self.get(&format!("lectures/{}/report", segment(id))).await
    }

    pub async fn rename_lecture(&self, id: &str, title: &str) -> Result<LectureDto> {
        self.change(&format!("lectures/{}", segment(id)), &RenameDto { title: title.to_owned() }).await
    }

    pub async fn correct(&self, id: &str, correction: &CorrectionDto) -> Result<PhraseDto> {
        self.change(&format!("lectures/{}/phrases", segment(id)), correction).await
    }

    pub async fn waveform(&self, id: &str, points: usize) -> Result<WaveformDto> {
        self.get(&format!("lectures/{}/waveform?points={points}", segment(id))).await
    }

    pub async fn audio(&self, id: &str) -> Result<LinkDto> {
        self.get(&format!("lectures/{}/audio", segment(id))).await
    }

    pub async fn delete_lecture(&self, id: &str) -> Result<()> {
        self.call(Method::DELETE, &format!("lectures/{}", segment(id)), None).await.map(drop)
    }

    pub async fn sessions(&self, of: Option<&SourceDto>) -> Result<Vec<SessionDto>> {
        let path = match of.map(|of| (of.lecture_id.as_deref(), of.document_id.as_deref())) {
            Some((_, Some(id))) => format!("sessions?document={}", segment(id)),
            Some((Some(id), None)) => format!("sessions?lecture={}", segment(id)),
            Some((None, None)) | None => "sessions".to_owned(),
        };
        Ok(self.get::<SessionsDto>(&path).await?.sessions)
    }

    pub async fn session(&self, id: &str) -> Result<SessionDto> {
        self.get(&format!("sessions/{}", segment(id))).await
    }

    pub async fn delete_session(&self, id: &str) -> Result<()> {
        self.call(Method::DELETE, &format!("sessions/{}", segment(id)), None).await.map(drop)
    }

    pub async fn rename_session(&self, id: &str, title: &str) -> Result<SessionDto> {
        self.change(&format!("sessions/{}", segment(id)), &RenameDto { title: title.to_owned() }).await
    }

    pub async fn export_session(&self, id: &str) -> Result<String> {
        self.text(&format!("sessions/{}/export.md", segment(id))).await
    }

    /// Asks for something that is text as it stands.
    pub async fn text(&self, path: &str) -> Result<String> {
        let text = self.call(Method::GET, path, None).await?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    pub async fn storage(&self) -> Result<StorageDto> {
        self.get("storage").await
    }

    pub async fn engines(&self) -> Result<Vec<EngineDto>> {
        Ok(self.get::<EnginesDto>("engines").await?.engines)
    }

    pub async fn engine_servers(&self) -> Result<Vec<EngineServerDto>> {
        Ok(self.get::<EngineServersDto>("engines/servers").await?.servers)
    }

    pub async fn voices(&self) -> Result<VoicesDto> {
        self.get("voices").await
    }

    pub async fn response(&self, query: &str) -> Result<LinkDto> {
        self.get(&format!("responses/{}", segment(query))).await
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        self.read(Method::GET, path).await
    }

    async fn change<T: DeserializeOwned>(&self, path: &str, wish: &impl Serialize) -> Result<T> {
        self.send(Method::PATCH, path, wish).await
    }

    /// Sends something and reads what comes of it.
    pub async fn send<T: DeserializeOwned>(&self, method: Method, path: &str, wish: &impl Serialize) -> Result<T> {
        let body = serde_json::to_vec(wish).map_err(|error| ClientError::new(code::NOT_SYNAPSCRIBE, error.to_string()))?;
        read(path, &self.call(method, path, Some(body)).await?)
    }

    /// Asks for something without sending anything, and reads what comes of it.
    pub async fn read<T: DeserializeOwned>(&self, method: Method, path: &str) -> Result<T> {
        read(path, &self.call(method, path, None).await?)
    }

    /// Has something done that is answered with nothing.
    pub async fn done(&self, method: Method, path: &str) -> Result<()> {
        self.call(method, path, None).await.map(drop)
    }

    async fn call(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Result<Vec<u8>> {
        let url = format!("{}/{}", self.base.trim_end_matches('/'), path);
        let (name, mut pass) = (fresh_name(), self.guest.pass().await?);
        let mut again = true;
        loop {
            let headers = crate::sign::headers(
                &pass.credentials,
                &self.region,
                &method,
                &url,
                body.as_deref().unwrap_or_default(),
                self.net.time.now(),
            )?;
            let mut request = self.net.http.request(method.clone(), &url).headers(headers).timeout(PATIENCE);
            if let Some(token) = &pass.token {
                request = request.header(ACCESS_TOKEN, token);
            }
            request = request.header(CORRELATION, &name);
            if let Some(body) = &body {
                request = request.header(http::header::CONTENT_TYPE, "application/json").body(body.clone());
            }
            let answer = request.send().await.map_err(|error| {
                tracing::debug!(%error, correlation = name, "a request failed");
                ClientError::unreachable(&self.server)
            })?;
            self.net.time.learn(answer.headers());
            let status = answer.status();
            let said = answer.bytes().await.map_err(|_| ClientError::unreachable(&self.server))?;
            if status.is_success() {
                return Ok(said.into());
            }
            // Remembered credentials may have been revoked, for instance when the server was set up anew.
            let refused = refusal(&self.server, status, &said);
            // What a role does not allow no other credentials open.
            if matches!(status.as_u16(), 401 | 403) && again && refused.code != code::FORBIDDEN {
                again = false;
                pass = self.guest.renewed(&pass, &refused).await?;
                continue;
            }
            return Err(refused);
        }
    }
}

/// What a request is called, by which an operator finds what became of it.
pub(crate) fn fresh_name() -> String {
    format!("r-{}", uuid::Uuid::now_v7().simple())
}

fn read<T: DeserializeOwned>(path: &str, body: &[u8]) -> Result<T> {
    serde_json::from_slice(body).map_err(|error| {
        tracing::warn!(%path, %error, "the server's answer cannot be read");
        ClientError::new(code::NOT_SYNAPSCRIBE, "the server's answer cannot be read; is it of another version?")
    })
}

fn refusal(server: &str, status: http::StatusCode, body: &[u8]) -> ClientError {
    if let Ok(body) = serde_json::from_slice::<ErrorBody>(body) {
        return body.error.into();
    }
    match status.as_u16() {
        401 | 403 => ClientError::new(code::CREDENTIALS, "the server does not accept this guest"),
        429 | 500.. => ClientError::passing(code::UNREACHABLE, format!("{server} is not well ({status}); try again in a moment")),
        // A server of this product gives its reason with every refusal.
        _ => ClientError::stranger(server),
    }
}

/// A text as one segment of a path.
pub(crate) fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    // A segment of dots would be taken for a step in the path, encoded or not; nothing has such a name.
    if out.chars().all(|c| c == '.') { out.replace('.', "_") } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_is_one_segment() {
        assert_eq!(segment("a:b=/é?"), "a%3Ab%3D%2F%C3%A9%3F");
        assert_eq!(segment(".."), "__");
    }

    #[test]
    fn refusals_keep_the_servers_code() {
        let body = br#"{"error":{"code":"lecture_not_found","message":"m","retryable":false}}"#;
        let refused = |status, body| refusal("http://h:1", status, body);
        assert_eq!(refused(http::StatusCode::NOT_FOUND, body).code, "lecture_not_found");
        assert_eq!(refused(http::StatusCode::NOT_FOUND, b"<html>").code, code::NOT_SYNAPSCRIBE);
        assert!(refused(http::StatusCode::BAD_GATEWAY, b"").retryable);
    }
}
