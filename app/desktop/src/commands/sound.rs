//! The microphone and the loudspeaker.

use serde::Serialize;
use synapscribe_client::audio::Devices;
use tauri::State;

use super::{Answer, refused};
use crate::shell::Shell;

/// A recording that the shell keeps until it is asked.
#[derive(Serialize)]
pub struct Recorded {
    id: String,
    seconds: f64,
}

#[tauri::command]
pub async fn open_microphone(shell: State<'_, Shell>) -> Answer<()> {
    shell.microphone.open().await.map_err(refused)
}

#[tauri::command]
pub fn close_microphone(shell: State<'_, Shell>) {
    shell.microphone.close();
}

#[tauri::command]
pub async fn start_recording(shell: State<'_, Shell>) -> Answer<()> {
    shell.loudspeaker.hush();
    shell.microphone.start().await.map_err(refused)
}

#[tauri::command]
pub async fn finish_recording(shell: State<'_, Shell>) -> Answer<Option<Recorded>> {
    let taken = shell.microphone.finish().await.map_err(refused)?;
    Ok(taken.map(|taken| {
        let seconds = taken.seconds();
        Recorded { id: shell.keep(taken), seconds }
    }))
}

#[tauri::command]
pub fn discard_recording(shell: State<'_, Shell>) {
    shell.microphone.discard();
}

#[tauri::command]
pub fn hush(shell: State<'_, Shell>) {
    shell.loudspeaker.hush();
}

/// A short sound to choose a loudspeaker by: two notes that fade.
#[tauri::command]
pub async fn test_speaker(shell: State<'_, Shell>) -> Answer<()> {
    const RATE: u32 = 48_000;
    let player = shell.loudspeaker.open().await.map_err(refused)?;
    let note = |pitch: f32| {
        (0..RATE / 4).map(move |n| {
            let time = n as f32 / RATE as f32;
            (time * pitch * std::f32::consts::TAU).sin() * 0.25 * (-6.0 * time).exp() * (time * 200.0).min(1.0)
        })
    };
    let samples: Vec<f32> = note(523.25).chain(note(659.25)).collect();
    player.play_f32(&samples, RATE);
    player.finish();
    Ok(())
}

#[tauri::command]
pub async fn devices() -> Answer<Devices> {
    Ok(tokio::task::spawn_blocking(Devices::find).await.unwrap_or_default())
}

/// Says whether what the page plays by itself is heard on the chosen loudspeaker, too.
#[tauri::command]
pub async fn use_devices(shell: State<'_, Shell>, input: String, output: String) -> Answer<bool> {
    shell.loudspeaker.choose(&output);
    let choice = shell.lead.choose(&output);
    shell.microphone.choose(&input).await;
    Ok(tokio::task::spawn_blocking(|| choice.carry_out()).await.unwrap_or_default())
}
