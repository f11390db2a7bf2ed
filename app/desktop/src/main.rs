//! The desktop shell: a window, and commands and events that forward to the client. Holds no logic.

#![cfg_attr(windows, windows_subsystem = "windows")]

mod clipboard;
mod commands;
mod events;
mod media;
mod opening;
mod page;
mod settings;
mod shell;

use std::path::Path;

use tauri::{Manager as _, RunEvent, WindowEvent};
use tauri_plugin_deep_link::DeepLinkExt as _;

use crate::media::Media;
use crate::opening::Opening;
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

    let (media, listener) = Media::bind()?;
    let mut context = tauri::generate_context!();
    context.set_assets(Box::new(page::Page));
    media.allow(&mut context.config_mut().app.security.csp);
    let (opening, files) = Opening::new();
    tauri::Builder::default()
        .manage(opening)
        .manage(media.clone())
        // A second start shows the first one's window, with the address or the files it was started with.
        .plugin(tauri_plugin_single_instance::init(|app, arguments, folder| {
            if let Some(window) = app.get_webview_window("main") {
                let _ = window.unminimize();
                let _ = window.set_focus();
            }
            app.state::<Opening>().take(app, arguments.into_iter().skip(1), Path::new(&folder));
        }))
        .plugin(tauri_plugin_window_state::Builder::default().build())
        .plugin(tauri_plugin_deep_link::init())
        .plugin(tauri_plugin_dialog::init())
        .plugin(page::alone())
        .setup(|app| {
            let handle = app.handle();
            app.manage(Shell::start(handle.clone())?);
            tauri::async_runtime::spawn(media.serve(listener));
            tauri::async_runtime::spawn(opening::upload(handle.clone(), files));
            #[cfg(unix)]
            tauri::async_runtime::spawn(end_when_told(handle.clone()));
            // Nobody installs an AppImage, and so nobody has told the system what it opens.
            #[cfg(target_os = "linux")]
            if handle.env().appimage.is_some() {
                register_addresses(handle.clone());
            }
            let opened = handle.clone();
            app.deep_link().on_open_url(move |event| opened.state::<Opening>().take_urls(&opened, &event.urls()));
            // A Mac says what it starts the app with before anybody listens; elsewhere that is among the arguments.
            if cfg!(target_os = "macos") {
                let first = app.deep_link().get_current()?.unwrap_or_default();
                handle.state::<Opening>().take_urls(handle, &first);
            }
            handle.state::<Opening>().take(handle, std::env::args().skip(1), &std::env::current_dir().unwrap_or_default());
            Ok(())
        })
        .invoke_handler(commands::all())
        .build(context)?
        .run(|app, event| match event {
            // The window is going: whoever starts the app from here on gets one of their own.
            RunEvent::WindowEvent { event: WindowEvent::CloseRequested { .. }, .. } | RunEvent::ExitRequested { .. } => {
                tauri_plugin_single_instance::destroy(app);
            }
            RunEvent::Exit => app.state::<Shell>().stop(),
            _ => {}
        });
    Ok(())
}

/// Tells the system that the app opens its own addresses. That runs programs of the desktop, for which the window does not wait.
#[cfg(target_os = "linux")]
fn register_addresses(app: tauri::AppHandle) {
    tauri::async_runtime::spawn_blocking(move || {
        if let Err(error) = app.deep_link().register_all() {
            tracing::warn!(%error, "the system cannot be told of the app's addresses");
        }
    });
}

/// Ends as it does when its window is closed once the system tells it to, as when its person logs out.
#[cfg(unix)]
async fn end_when_told(app: tauri::AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut told) = signal(SignalKind::terminate()) else { return };
    told.recv().await;
    app.exit(0);
    // Whoever says it twice does not want to wait for what cannot be ended well.
    told.recv().await;
    std::process::exit(1);
}
