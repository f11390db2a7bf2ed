//! Packs: what was kept to be learned, and who is shown it.

use synapscribe_client::code;
use synapscribe_client::protocol::packs::{CardChangeDto, CardDto, OpenPackDto, PackDto};
use tauri::State;

use super::{Answer, refused};
use crate::shell::Shell;

/// Nothing where the server has none.
#[tauri::command]
pub async fn packs(shell: State<'_, Shell>) -> Answer<Option<Vec<PackDto>>> {
    match shell.client().await.map_err(refused)?.packs().await {
        Err(error) if error.code == code::NOT_FOUND || error.code == code::NOT_SYNAPSCRIBE => Ok(None),
        found => found.map(Some).map_err(refused),
    }
}

#[tauri::command]
pub async fn pack(shell: State<'_, Shell>, id: String) -> Answer<OpenPackDto> {
    shell.client().await.map_err(refused)?.pack(&id).await.map_err(refused)
}

#[tauri::command]
pub async fn make_pack(shell: State<'_, Shell>, title: String) -> Answer<PackDto> {
    shell.client().await.map_err(refused)?.make_pack(&title).await.map_err(refused)
}

#[tauri::command]
pub async fn rename_pack(shell: State<'_, Shell>, id: String, title: String) -> Answer<PackDto> {
    shell.client().await.map_err(refused)?.rename_pack(&id, &title).await.map_err(refused)
}

#[tauri::command]
pub async fn delete_pack(shell: State<'_, Shell>, id: String) -> Answer<()> {
    shell.client().await.map_err(refused)?.delete_pack(&id).await.map_err(refused)
}

#[tauri::command]
pub async fn publish_pack(shell: State<'_, Shell>, id: String, public: bool) -> Answer<PackDto> {
    shell.client().await.map_err(refused)?.publish_pack(&id, public).await.map_err(refused)
}

#[tauri::command]
pub async fn share_pack_with_class(shell: State<'_, Shell>, class_id: String, id: String) -> Answer<()> {
    shell.client().await.map_err(refused)?.show_pack(&class_id, &id).await.map_err(refused)
}

#[tauri::command]
pub async fn unshare_pack_with_class(shell: State<'_, Shell>, class_id: String, id: String) -> Answer<()> {
    shell.client().await.map_err(refused)?.hide_pack(&class_id, &id).await.map_err(refused)
}

/// Makes a card of an answered question, or names the one that is there.
#[tauri::command]
pub async fn keep_turn(shell: State<'_, Shell>, id: String, session_id: String, query_id: String) -> Answer<CardDto> {
    shell.client().await.map_err(refused)?.keep_turn(&id, &session_id, &query_id).await.map_err(refused)
}

#[tauri::command]
pub async fn write_card(shell: State<'_, Shell>, id: String, question: String, answer: String) -> Answer<CardDto> {
    shell.client().await.map_err(refused)?.add_card(&id, &question, &answer).await.map_err(refused)
}

#[tauri::command]
pub async fn correct_card(
    shell: State<'_, Shell>,
    id: String,
    card: String,
    question: String,
    answer: String,
) -> Answer<CardDto> {
    let change = CardChangeDto { question: Some(question), answer: Some(answer) };
    shell.client().await.map_err(refused)?.change_card(&id, &card, &change).await.map_err(refused)
}

#[tauri::command]
pub async fn delete_card(shell: State<'_, Shell>, id: String, card: String) -> Answer<()> {
    shell.client().await.map_err(refused)?.remove_card(&id, &card).await.map_err(refused)
}

/// What Anki imports, as text.
#[tauri::command]
pub async fn pack_for_anki(shell: State<'_, Shell>, id: String) -> Answer<String> {
    shell.client().await.map_err(refused)?.pack_for_anki(&id).await.map_err(refused)
}
