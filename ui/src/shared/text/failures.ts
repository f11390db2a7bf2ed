/**
 * What each failure is about, by its stable code. On an English screen stands the sentence that comes with a failure, which may know
 * more; a translation has `failure.CODE` for each of these, and `{message}` in it stands for that sentence.
 */

export const failures = {
  // The server.
  server_unreachable: "The server does not answer. It is tried again by itself.",
  not_synapscribe: "What answers at this address is not a SynapScribe server.",
  client_too_old: "The server speaks a newer version. Update this program.",
  bad_address: "This is not a server’s address.",
  host_failed: "The app’s own host did not start.",
  internal: "Something went wrong on the server. Try again in a moment.",
  busy: "The server has too much to do. Try again in a moment.",
  too_many_requests: "That was too often. Wait a little and try again.",
  not_offered: "This server does not do that.",
  not_own: "Another program or server keeps this. Ask who runs it.",
  bad_message: "This cannot be taken as it is: {message}",
  unknown_type: "The server does not know what it was asked. Load the page again.",
  message_too_large: "That is too large to be sent.",
  disk_full: "The server’s disk is full. It goes on by itself when there is room.",
  disk: "A file cannot be written on this computer.",
  no_folder: "The folder does not exist.",
  unexpected: "Something unexpected went wrong: {message}",
  stopped: "It was stopped.",
  cancelled: "It was stopped.",

  // Who one is.
  credentials_refused: "The server does not accept this guest.",
  unauthorised: "The server does not accept this request. Load the page again, or sign in again.",
  signed_out: "You are signed out. Sign in again.",
  forbidden: "Your role does not allow this.",
  not_allowed: "It belongs to somebody else.",
  no_accounts: "This server has no accounts. Everybody is a guest.",
  keychain: "The system’s keychain does not give what it keeps.",
  invalid_fields: "This cannot be taken as it is: {message}",
  wrong_credentials: "The address or the password is wrong, or the address is not confirmed yet.",
  email_not_verified: "The address is not confirmed yet.",
  wrong_code: "The code is wrong or no longer good. Ask for another one.",
  not_invited: "Signing up takes an invitation, and this is none that is good.",

  // Names.
  not_found: "There is no such thing any more.",
  conflict: "It was changed meanwhile. Look at it again.",
  ambiguous: "Several things are called that.",
  bad_name: "This is not a name that can be given.",

  // Files on their way.
  file_unreadable: "The file cannot be read. Choose it again.",
  file_changed: "The file changed while it was being sent. Try again.",
  upload_in_progress: "The same file is being sent already.",
  upload_failed: "The file did not arrive. Try again, and it goes on where it stopped.",
  no_such_upload: "The server forgot what was sent. It begins anew.",
  captions_mismatch: "These captions do not fit the recording.",
  captions_alone: "No lecture, or more than one, is named like these captions.",

  // Recordings.
  lecture_failed: "The server cannot use this recording.",
  lecture_not_ready: "The lecture is still being worked on. Try again when it is ready.",
  audio_empty: "The file is empty.",
  audio_unsupported: "The file is of a kind that is not taken.",
  audio_corrupt: "The recording is damaged or cut off. Export or record it again.",
  audio_too_long: "The recording is longer than the server takes.",
  audio_too_big: "The file is larger than the server takes.",
  audio_too_short: "The recording is too short to hold speech.",
  audio_silent: "The recording is silent.",
  audio_sample_rate: "The recording’s sample rate does not suit speech.",
  cannot_play: "The recording cannot be played here.",

  // Documents.
  document_failed: "The server cannot use this document.",
  document_not_ready: "The document is still being read. Try again in a moment.",
  document_empty: "The document holds nothing to read.",
  document_unsupported: "The file is no document that is taken.",
  document_corrupt: "The document is damaged.",
  document_encrypted: "The document is locked by a password.",
  document_scanned: "The document is pictures of pages, and this server cannot read them.",
  document_too_long: "The document has more pages than the server takes.",
  document_too_big: "The document is larger than the server takes.",
  page_unreadable: "The page cannot be read.",

  // Asking.
  empty_question: "The question is empty.",
  question_too_long: "The question is too long.",
  question_full: "That was as long as a question can be.",
  nothing_heard: "Nothing was understood. Ask again, nearer to the microphone.",
  other_lecture: "The conversation is about another lecture.",
  session_ended: "This conversation has ended. Begin a new one.",
  engine_timeout: "What does the work on the server did not answer in time. Try again.",
  engine_failed: "What does the work on the server failed. Try again.",
  engine_missing: "The server lacks what this takes.",
  unknown_voice: "There is no such voice.",
  not_spoken: "The answer was not spoken to its end.",
  answer_mute: "The voice failed. The answer goes on in writing.",
  thread_gone: "This conversation is gone: it was deleted, or its time is over.",

  // Sound.
  no_microphone: "No microphone can be used.",
  microphone_refused: "The microphone is not allowed.",
  microphone_busy: "Another program holds the microphone.",
  microphone_unplugged: "The microphone was unplugged.",
  insecure_page: "Browsers allow a microphone on this machine and over https only.",
  no_speaker: "No loudspeaker can be used.",
} satisfies Record<string, string>;

export type FailureKey = `failure.${keyof typeof failures}`;
