//! What the window may ask of the shell, as `ui/src/shared/bridge/tauri/commands.ts` lists it. A command decodes, makes one
//! call of the client, and encodes.

mod account;
mod asking;
mod classes;
mod documents;
mod lectures;
mod packs;
mod server;
mod sessions;
mod sound;
mod uploads;

use synapscribe_client::ClientError;
use synapscribe_client::protocol::ErrorDto;
use tauri::ipc::Invoke;

/// What a command answers.
pub type Answer<T> = Result<T, ErrorDto>;

/// A refusal as the window reads it.
fn refused(error: ClientError) -> ErrorDto {
    error.to_dto()
}

/// Every command.
pub fn all() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        server::connection,
        server::opened,
        server::discovery,
        server::reconnect,
        server::server_address,
        server::use_server,
        server::storage,
        server::engines,
        server::voices,
        server::retention,
        server::keep_for,
        account::account,
        account::account_resting,
        account::register,
        account::verify_email,
        account::verify_email_again,
        account::forgotten_password,
        account::reset_password,
        account::sign_in,
        account::sign_out,
        account::sign_ins,
        account::end_sign_in,
        account::export_account,
        account::delete_account,
        lectures::lectures,
        lectures::rename_lecture,
        lectures::delete_lecture,
        lectures::transcript,
        lectures::report,
        lectures::waveform,
        lectures::audio,
        lectures::correct_phrase,
        classes::classes,
        classes::class,
        classes::join_class,
        classes::create_class,
        classes::rename_class,
        classes::renew_class_code,
        classes::leave_class,
        classes::dismiss_member,
        classes::delete_class,
        classes::share_with_class,
        classes::unshare_with_class,
        classes::publish,
        packs::packs,
        packs::pack,
        packs::make_pack,
        packs::rename_pack,
        packs::delete_pack,
        packs::publish_pack,
        packs::share_pack_with_class,
        packs::unshare_pack_with_class,
        packs::keep_turn,
        packs::write_card,
        packs::correct_card,
        packs::delete_card,
        packs::pack_for_anki,
        documents::documents,
        documents::rename_document,
        documents::delete_document,
        documents::outline,
        documents::pages,
        documents::unread_pages,
        documents::page_picture,
        documents::cover,
        uploads::uploads,
        uploads::pick_uploads,
        uploads::add_uploads,
        uploads::paste_uploads,
        uploads::pause_upload,
        uploads::resume_upload,
        uploads::cancel_upload,
        uploads::dismiss_upload,
        asking::ask,
        asking::cancel_question,
        sessions::sessions,
        sessions::session,
        sessions::rename_session,
        sessions::delete_session,
        sessions::session_markdown,
        sessions::save_text,
        sound::open_microphone,
        sound::close_microphone,
        sound::start_recording,
        sound::finish_recording,
        sound::discard_recording,
        sound::hush,
        sound::test_speaker,
        sound::devices,
        sound::use_devices,
    ]
}
