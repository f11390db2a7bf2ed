//! Keeps the system's sound library from writing to the terminal; what fails is told as an error instead.

use std::sync::Once;

/// Silences libasound for the rest of the process.
pub(super) fn hush() {
    static ONCE: Once = Once::new();
    ONCE.call_once(silence);
}

#[cfg(target_os = "linux")]
fn silence() {
    use std::ffi::{c_char, c_int};
    unsafe extern "C" fn nothing(_: *const c_char, _: c_int, _: *const c_char, _: c_int, _: *const c_char) {}
    type Plain = unsafe extern "C" fn(*const c_char, c_int, *const c_char, c_int, *const c_char);
    type Variadic = unsafe extern "C" fn(*const c_char, c_int, *const c_char, c_int, *const c_char, ...);
    // SAFETY: the handler reads none of its arguments, and in the C calling convention of Linux's architectures the
    // caller alone cleans up variadic ones, so a function without them may stand in for one with them.
    unsafe {
        let handler = std::mem::transmute::<Plain, Variadic>(nothing);
        alsa_sys::snd_lib_error_set_handler(Some(handler));
    }
}

#[cfg(not(target_os = "linux"))]
fn silence() {}
