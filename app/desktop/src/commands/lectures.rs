//! Lectures.

use synapscribe_client::protocol::rest::{CorrectionDto, LectureDto, PhraseDto, ReportDto, TranscriptDto};
use tauri::State;

use super::{Answer, refused};
use crate::media::Media;
use crate::shell::Shell;

/// The list as the server has it now.
#[tauri::command]
pub async fn lectures(shell: State<'_, Shell>) -> Answer<Vec<LectureDto>> {
    let attached = shell.attached().await.map_err(refused)?;
    attached.shelf.refresh();
    attached.client.lectures().await.map_err(refused)
}

#[tauri::command]
pub async fn rename_lecture(shell: State<'_, Shell>, id: String, title: String) -> Answer<LectureDto> {
    shell.client().await.map_err(refused)?.rename_lecture(&id, &title).await.map_err(refused)
}

#[tauri::command]
pub async fn delete_lecture(shell: State<'_, Shell>, id: String) -> Answer<()> {
    shell.client().await.map_err(refused)?.delete_lecture(&id).await.map_err(refused)
}

#[tauri::command]
pub async fn transcript(shell: State<'_, Shell>, id: String) -> Answer<TranscriptDto> {
    shell.client().await.map_err(refused)?.transcript(&id).await.map_err(refused)
}

#[tauri::command]
pub async fn report(shell: State<'_, Shell>, id: String) -> Answer<ReportDto> {
    shell.client().await.map_err(refused)?.report(&id).await.map_err(refused)
}

/// Loudness from 0 to 1.
#[tauri::command]
pub async fn waveform(shell: State<'_, Shell>, id: String, points: usize) -> Answer<Vec<f32>> {
    let outline = shell.client().await.map_err(refused)?.waveform(&id, points).await.map_err(refused)?;
    Ok(outline.peaks.into_iter().map(|peak| f32::from(peak) / 255.0).collect())
}

/// An address of the shell's own that the page's player can play for a while.
#[tauri::command]
pub async fn audio(shell: State<'_, Shell>, media: State<'_, Media>, id: String) -> Answer<String> {
    let client = shell.client().await.map_err(refused)?;
    let link = client.audio(&id).await.map_err(refused)?;
    Ok(media.offer(client.recordings(), link.url))
}

#[tauri::command]
pub async fn correct_phrase(shell: State<'_, Shell>, id: String, correction: CorrectionDto) -> Answer<PhraseDto> {
    shell.client().await.map_err(refused)?.correct(&id, &correction).await.map_err(refused)
}
