//! The desktop shell: a window, and commands and events that forward to the client. Holds no logic.

#![cfg_attr(windows, windows_subsystem = "windows")]

mod commands;
mod events;
mod page;
mod settings;
mod shell;

use tauri::{Emitter as _, Manager as _};
use tauri_plugin_deep_link::DeepLinkExt as _;

use crate::shell::Shell;

fn main() -> anyhow::Result<()> {
    synapscribe_host::run_worker_if_asked();
    if std::env::args().nth(1).as_deref() == Some("--version") {
        use std::io::Write as _;
        return Ok(writeln!(std::io::stdout(), "synapscribe-desktop {}", env!("CARGO_PKG_VERSION"))?);
    }
    // Only the first call can fail, and it is this one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let filter = tracing_subscriber::EnvFilter::try_from_env("SYNAPSCRIBE_LOG").unwrap_or_else(|_| "warn".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();

    let mut context = tauri::generate_context!();
    context.set_assets(Box::new(page::Page));
    tauri::Builder::default()
        // A second start shows the first one's window, with the address or the files it was started with.
        .plugin(tauri_plugin_single_instance::init(|app, arguments, folder| {
            if let Some(window) = app.get_webview_window("main") {
                let _ = window.unminimize();
                let _ = window.set_focus();
            }
            events::opened_with(app, arguments.into_iter().skip(1), &folder);
        }))
        .plugin(tauri_plugin_window_state::Builder::default().build())
        .plugin(tauri_plugin_deep_link::init())
        .plugin(tauri_plugin_dialog::init())
        .setup(|app| {
            let shell = Shell::start(app.handle().clone())?;
            app.manage(shell);
            let handle = app.handle().clone();
            app.deep_link().on_open_url(move |event| {
                for url in event.urls() {
                    let _ = handle.emit(events::OPENED, url.to_string());
                }
            });
            events::opened_with(app.handle(), std::env::args().skip(1), "");
            Ok(())
        })
        .invoke_handler(commands::all())
        .build(context)?
        .run(|app, event| {
            if let tauri::RunEvent::Exit = event {
                app.state::<Shell>().stop();
            }
        });
    Ok(())
}
