// Generated from backend/protocol; not edited by hand. To write it again:
//   SYNAPSCRIBE_WRITE_TYPES=1 cargo test --workspace the_page_speaks_this_wire

/**
 * A failure across processes.
 */
export type ErrorDto = { 
/**
 * The stable code.
 */
code: string, 
/**
 * A sentence a person can act on.
 */
message: string, 
/**
 * Whether doing the same again may work.
 */
retryable: boolean, 
/**
 * The name under which an operator finds it in the logs: that of the question, the lecture or the request it is about.
 */
correlation?: string | null, };

/**
 * A lecture or a document; exactly one of the two is given.
 */
export type SourceDto = { 
/**
 * The lecture.
 */
lectureId?: string | null, 
/**
 * The document.
 */
documentId?: string | null, };

/**
 * Pages of a document, both included; the first page is 1.
 */
export type PagesDto = { 
/**
 * The first.
 */
from: number, 
/**
 * The last.
 */
to: number, };

/**
 * A citation across processes: a lecture with times in seconds, or a document with pages.
 */
export type CitationDto = { 
/**
 * From 1 within the answer.
 */
number: number, 
/**
 * The lecture; empty where a document is cited.
 */
lectureId: string, 
/**
 * The document, where one is cited.
 */
documentId?: string | null, 
/**
 * The passage.
 */
passageId: string, 
/**
 * Where the lecturer's words begin; 0 in a document.
 */
from: number, 
/**
 * Where they end; 0 in a document.
 */
to: number, 
/**
 * The pages to open, in a document.
 */
pages?: PagesDto | null, 
/**
 * The words.
 */
excerpt: string, 
/**
 * How well they fit, 0 to 1.
 */
score: number, };

/**
 * When each stage was reached, in milliseconds since the question was taken.
 */
export type TimingsDto = { 
/**
 * The question's words were known.
 */
understoodMs?: number | null, 
/**
 * The passages were chosen.
 */
retrievedMs?: number | null, 
/**
 * The first text was sent.
 */
firstTextMs?: number | null, 
/**
 * The first sound was sent.
 */
firstAudioMs?: number | null, 
/**
 * Everything was sent.
 */
doneMs?: number | null, };

/**
 * What an answer cost.
 */
export type UsageDto = { 
/**
 * Tokens read by a language model.
 */
tokensIn: number, 
/**
 * Tokens written by a language model.
 */
tokensOut: number, 
/**
 * Milliseconds of audio recognised.
 */
audioInMs: number, 
/**
 * Characters spoken.
 */
charactersSpoken: number, };

/**
 * When a word is spoken.
 */
export type SpokenWordDto = { 
/**
 * Milliseconds since the first sound.
 */
atMs: number, 
/**
 * The characters of the text before it.
 */
from: number, 
/**
 * The characters up to its end.
 */
to: number, };

/**
 * A message to a client; `type` is its name.
 */
export type ServerMessage = { "type": "upload_url", 
/**
 * An address that accepts one PUT of the exact size.
 */
uploadUrl: string, 
/**
 * The object's key; clients with credentials may upload to it in parts instead.
 */
s3Key: string, 
/**
 * Seconds the address is good for.
 */
expiresIn: number, 
/**
 * The lecture's name, empty for anything else.
 */
lectureId: string, 
/**
 * The document's name, for a document.
 */
documentId?: string | null, 
/**
 * The media type the address was made for.
 */
contentType: string, 
/**
 * The file's name as asked, so that answers can be matched to requests.
 */
fileName: string, } | { "type": "query_accepted", 
/**
 * Which one.
 */
queryId: string, 
/**
 * Its session.
 */
sessionId: string, } | { "type": "answer_restarted", 
/**
 * Which one.
 */
queryId: string, } | { "type": "query_text", 
/**
 * Which question.
 */
queryId: string, 
/**
 * The words.
 */
text: string, } | { "type": "answer_text", 
/**
 * Which question.
 */
queryId: string, 
/**
 * The next characters.
 */
delta: string, } | { "type": "citation", 
/**
 * Which question.
 */
queryId: string, 
/**
 * The citation.
 */
citation: CitationDto, } | { "type": "audio_chunk", 
/**
 * Which question.
 */
queryId: string, 
/**
 * From 0 and rising, with gaps after an interruption. Where it goes back, the sound from there on comes again, perhaps cut otherwise.
 */
index: number, 
/**
 * `pcm_s16le`: mono, 16 bit, little endian.
 */
format: string, 
/**
 * Samples a second.
 */
sampleRate: number, 
/**
 * Base64.
 */
data: string, } | { "type": "spoken_words", 
/**
 * Which question.
 */
queryId: string, 
/**
 * The number of the `audio_chunk` that their times are counted from; it may have come before.
 */
index: number, 
/**
 * The words, in order.
 */
words: Array<SpokenWordDto>, } | { "type": "audio_complete", 
/**
 * Which question.
 */
queryId: string, 
/**
 * One more than the highest number of a chunk.
 */
chunks: number, 
/**
 * Its length in seconds.
 */
seconds: number, 
/**
 * Where the whole spoken answer is kept for seven days.
 */
s3Key?: string | null, } | { "type": "answer_done", 
/**
 * Which question.
 */
queryId: string, 
/**
 * Its session.
 */
sessionId: string, 
/**
 * Whether a model wrote it; otherwise it is made of the sources' own sentences.
 */
generated: boolean, 
/**
 * Whether the sources held an answer.
 */
found: boolean, 
/**
 * When each stage was reached.
 */
timings: TimingsDto, 
/**
 * What it cost.
 */
usage: UsageDto, } | { "type": "cancelled", 
/**
 * Which one.
 */
queryId: string, } | { "type": "session_ended", 
/**
 * Which one.
 */
sessionId: string, } | { "type": "lecture_progress", 
/**
 * Which one.
 */
lectureId: string, 
/**
 * The stage: `making` (the sample only), `validating`, `transcribing`, `indexing`.
 */
state: string, 
/**
 * The share done of all stages, 0 to 1.
 */
progress: number, 
/**
 * Sentences spoken while making, windows finished while transcribing.
 */
done?: number | null, 
/**
 * Sentences or windows in all.
 */
total?: number | null, } | { "type": "lecture_ready", 
/**
 * Which one.
 */
lectureId: string, 
/**
 * Its title.
 */
title: string, 
/**
 * Its length in seconds.
 */
duration: number, 
/**
 * Tokens its transcript takes in a model's window.
 */
tokensUsed: number, 
/**
 * Passages in the index.
 */
passages: number, } | { "type": "lecture_error", 
/**
 * Which one.
 */
lectureId: string, 
/**
 * Why.
 */
error: ErrorDto, } | { "type": "lecture_renamed", 
/**
 * Which one.
 */
lectureId: string, 
/**
 * Its title from now on.
 */
title: string, } | { "type": "lecture_corrected", 
/**
 * Which one.
 */
lectureId: string, } | { "type": "document_progress", 
/**
 * Which one.
 */
documentId: string, 
/**
 * Its title.
 */
title: string, 
/**
 * The step: `extracting`, `chunking`, `embedding` or `indexing`; or where it stands.
 */
state: string, 
/**
 * The share done of all steps, 0 to 1.
 */
progress: number, 
/**
 * Whether it can be asked already, by its words.
 */
canBeAsked: boolean, 
/**
 * Pages read while extracting, passages embedded while embedding.
 */
done?: number | null, 
/**
 * Pages or passages in all.
 */
total?: number | null, } | { "type": "document_ready", 
/**
 * Which one.
 */
documentId: string, 
/**
 * Its title.
 */
title: string, 
/**
 * Its pages.
 */
pages: number, 
/**
 * Those of them that could not be read.
 */
failedPages: number, 
/**
 * Passages in the index.
 */
passages: number, 
/**
 * Tokens its text takes in a model's window.
 */
tokensUsed: number, } | { "type": "document_error", 
/**
 * Which one.
 */
documentId: string, 
/**
 * Why.
 */
error: ErrorDto, } | { "type": "document_deleted", 
/**
 * Which one.
 */
documentId: string, } | { "type": "lecture_deleted", 
/**
 * Which one.
 */
lectureId: string, } | { "type": "pong", } | { "type": "error", 
/**
 * The question that failed, if one did.
 */
queryId?: string | null, 
/**
 * The question it concerns without ending it: its answer is not spoken, and the text goes on.
 */
about?: string | null, 
/**
 * The stable code.
 */
code: string, 
/**
 * A sentence a person can act on.
 */
message: string, 
/**
 * Whether doing the same again may work.
 */
retryable: boolean, 
/**
 * The name under which an operator finds it in the logs: that of the question, the lecture or the request it is about.
 */
correlation?: string | null, };

/**
 * How an answer is to be spoken.
 */
export type SpeechWish = { 
/**
 * Whether to speak at all.
 */
speak: boolean, 
/**
 * The voice, or the default one.
 */
voice?: string | null, 
/**
 * The pace, 0.5 to 2.
 */
speed: number, };

/**
 * What an upload is for.
 */
export type UploadPurpose = "lecture" | "captions" | "query" | "document";

/**
 * A message from a client; `type` is its name.
 */
export type ClientMessage = { "type": "request_upload", 
/**
 * The file's name, for the title.
 */
fileName: string, 
/**
 * Its size in bytes.
 */
bytes: number, 
/**
 * What it is for: `lecture`, `captions`, `query` or `document`.
 */
purpose: UploadPurpose, 
/**
 * The question's name, when it is one.
 */
queryId?: string | null, 
/**
 * The lecture this file belongs to, for captions beside a recording.
 */
lectureId?: string | null, } | { "type": "query", 
/**
 * Chosen by the client; the same name is answered once.
 */
queryId: string, 
/**
 * The thread; a new name begins one.
 */
sessionId: string, 
/**
 * The lecture; left out where the question is asked of something else.
 */
lectureId: string, 
/**
 * The document, for a question about one.
 */
documentId?: string | null, 
/**
 * Several sources at once, and nothing else.
 */
sources?: Array<SourceDto>, 
/**
 * Everything that whoever asks may see.
 */
everything?: boolean, 
/**
 * The question as a stored recording.
 */
s3Key?: string | null, 
/**
 * The question as text.
 */
text?: string | null, 
/**
 * Where in the lecture the student is, in seconds.
 */
playhead?: number | null, 
/**
 * The page that the student sees, where one document is asked.
 */
page?: number | null, 
/**
 * How to speak the answer; left out, it is spoken with the default voice.
 */
speech?: SpeechWish | null, 
/**
 * What the answer follows on, as W3C's `traceparent`, for a client that records traces.
 */
traceparent?: string | null, } | { "type": "cancel", 
/**
 * Which one.
 */
queryId: string, } | { "type": "end_session", 
/**
 * Which one.
 */
sessionId: string, } | { "type": "ping", };

/**
 * The limits of an upload.
 */
export type UploadLimits = { 
/**
 * Bytes of a lecture.
 */
lectureBytes: number, 
/**
 * Seconds of a lecture.
 */
lectureSeconds: number, 
/**
 * Seconds of a spoken question.
 */
querySeconds: number, };

/**
 * An engine and where it sends data.
 */
export type EngineDto = { 
/**
 * `recognition`, `answers`, `speech`, `meaning` or `pages`.
 */
role: string, 
/**
 * A name for people.
 */
name: string, 
/**
 * The model or voice.
 */
model: string, 
/**
 * The host that receives data; left out when it stays on the server.
 */
sendsTo?: string | null, 
/**
 * What the operator has to do before it can be used; left out where it can be.
 */
missing?: string | null, };

/**
 * The lecture that is there from the start.
 */
export type Sample = { 
/**
 * Its name.
 */
lectureId: string, 
/**
 * A question it answers.
 */
question: string, };

/**
 * How accounts work on a server.
 */
export type AccountsHere = { 
/**
 * The address that `/register`, `/login` and the others are appended to.
 */
url: string, 
/**
 * Who makes access tokens: the name that the identity pool knows them by, a key of `Logins`.
 */
issuer: string, 
/**
 * Whether signing up takes an invitation.
 */
invitedOnly: boolean, 
/**
 * Where mail goes: `outbox`, a folder on the server that whoever runs it reads, or `mail`.
 */
mail: string, };

/**
 * Everything a client must know beyond the server's address.
 */
export type Discovery = { 
/**
 * The product, always `synapscribe`.
 */
product: string, 
/**
 * The server's version.
 */
version: string, 
/**
 * The version of this wire; clients refuse a greater major number.
 */
protocol: string, 
/**
 * `local` or `aws`.
 */
deployment: string, 
/**
 * The AWS region requests are signed for.
 */
region: string, 
/**
 * The Cognito identity pool guests draw from.
 */
identityPoolId: string, 
/**
 * The Cognito identity endpoint; left out for the region's own.
 */
cognitoEndpoint?: string | null, 
/**
 * The S3 endpoint; left out for the region's own.
 */
s3Endpoint?: string | null, 
/**
 * The bucket.
 */
bucket: string, 
/**
 * The WebSocket's address.
 */
websocketUrl: string, 
/**
 * The address REST paths are appended to.
 */
restUrl: string, 
/**
 * The same for `POST /sessions/{id}/turns`, which answers while it is asked; left out where `restUrl` does for that as well.
 */
streamingUrl?: string | null, 
/**
 * The limits of an upload.
 */
limits: UploadLimits, 
/**
 * What this server can do.
 */
features: Array<string>, 
/**
 * Which engines answer, and where they send data.
 */
engines: Array<EngineDto>, 
/**
 * How accounts work here; left out where there are none.
 */
accounts?: AccountsHere | null, 
/**
 * A lecture everyone may ask, and a question to begin with.
 */
sample?: Sample | null, };

/**
 * A lecture.
 */
export type LectureDto = { 
/**
 * Its name.
 */
lectureId: string, 
/**
 * Its title.
 */
title: string, 
/**
 * `making`, `uploading`, `validating`, `transcribing`, `indexing`, `ready` or `failed`.
 */
state: string, 
/**
 * The share done, 0 to 1.
 */
progress: number, 
/**
 * Its length in seconds, once measured.
 */
duration?: number | null, 
/**
 * Its size.
 */
bytes?: number | null, 
/**
 * Its container.
 */
format?: string | null, 
/**
 * Tokens its transcript takes.
 */
tokensUsed?: number | null, 
/**
 * When it was added.
 */
created: number, 
/**
 * Whether the caller added it.
 */
own: boolean, 
/**
 * What its owner is called, where they say; nothing of the caller's own.
 */
ownerName?: string | null, 
/**
 * Whether everybody sees it; otherwise its owner does, and the classes that are shown it.
 */
public?: boolean, 
/**
 * Who added it: `you`, `sample` when it came with the product, or `other`.
 */
addedBy: string, 
/**
 * Where the recording is.
 */
s3Key: string, 
/**
 * Why it cannot be used.
 */
error?: ErrorDto | null, };

/**
 * A list of lectures.
 */
export type LecturesDto = { 
/**
 * Newest first.
 */
lectures: Array<LectureDto>, };

/**
 * A phrase.
 */
export type PhraseDto = { 
/**
 * Where it begins.
 */
from: number, 
/**
 * Where it ends.
 */
to: number, 
/**
 * The words.
 */
text: string, 
/**
 * How sure the recogniser was, 0 to 1.
 */
confidence: number, 
/**
 * Whether a person put the words right.
 */
corrected: boolean, };

/**
 * A transcript.
 */
export type TranscriptDto = { 
/**
 * The lecture.
 */
lectureId: string, 
/**
 * In the order of time.
 */
phrases: Array<PhraseDto>, };

/**
 * A stretch of a recording.
 */
export type SpanDto = { 
/**
 * Where it begins.
 */
from: number, 
/**
 * Where it ends.
 */
to: number, };

/**
 * A stretch that could not be recognised.
 */
export type SkippedDto = { 
/**
 * Where it begins.
 */
from: number, 
/**
 * Where it ends.
 */
to: number, 
/**
 * Why.
 */
reason: string, };

/**
 * What became of a recording.
 */
export type ReportDto = { 
/**
 * The lecture.
 */
lectureId: string, 
/**
 * `captions` or `recognised`.
 */
source: string, 
/**
 * Its length in seconds.
 */
duration: number, 
/**
 * The share of it that holds speech, 0 to 1.
 */
speechShare: number, 
/**
 * Silences of two seconds and more.
 */
silences: Array<SpanDto>, 
/**
 * Phrases the recogniser was not sure of.
 */
doubtful: Array<SpanDto>, 
/**
 * Whether these are so much of the speech that captions would help.
 */
hardToHear: boolean, 
/**
 * Speech without words.
 */
missing: Array<SpanDto>, 
/**
 * Stretches that could not be recognised, and why.
 */
skipped: Array<SkippedDto>, 
/**
 * What a person should know.
 */
notes: Array<string>, 
/**
 * Whether the latest captions were not used; the notes say why.
 */
captionsRefused: boolean, 
/**
 * Words in the transcript.
 */
words: number, 
/**
 * Passages in the index.
 */
passages: number, };

/**
 * An address to play or fetch something from.
 */
export type LinkDto = { 
/**
 * The address.
 */
url: string, 
/**
 * Seconds it is good for.
 */
expiresIn: number, };

/**
 * A question and its answer as stored: only what was sent.
 */
export type TurnDto = { 
/**
 * The question's name.
 */
queryId: string, 
/**
 * When it was asked.
 */
asked: number, 
/**
 * The question.
 */
question: string, 
/**
 * The answer as far as it was sent.
 */
answer: string, 
/**
 * The citations sent.
 */
citations: Array<CitationDto>, 
/**
 * Where it stands.
 */
state: string, 
/**
 * Whether a model wrote it.
 */
generated: boolean, 
/**
 * Whether its sources held an answer.
 */
found: boolean, 
/**
 * Seconds of speech sent.
 */
spoken: number, 
/**
 * When each stage was reached.
 */
timings: TimingsDto, 
/**
 * What it cost.
 */
usage: UsageDto, 
/**
 * Why it failed.
 */
error?: ErrorDto | null, };

/**
 * A session.
 */
export type SessionDto = { 
/**
 * Its name.
 */
sessionId: string, 
/**
 * Its lecture; empty where it is about something else.
 */
lectureId: string, 
/**
 * The document, for a session about one.
 */
documentId?: string | null, 
/**
 * Several sources at once, and nothing else.
 */
sources?: Array<SourceDto>, 
/**
 * Everything that its person may see.
 */
everything?: boolean, 
/**
 * `open` or `ended`.
 */
state: string, 
/**
 * When it began.
 */
created: number, 
/**
 * When something last happened.
 */
active: number, 
/**
 * When it is deleted.
 */
expires: number, 
/**
 * What to call it: the title it was given, or its first question.
 */
title?: string | null, 
/**
 * How many questions were asked in it.
 */
turnCount: number, 
/**
 * Its turns, oldest first; left out in lists.
 */
turns?: Array<TurnDto> | null, };

/**
 * A list of sessions.
 */
export type SessionsDto = { 
/**
 * The latest first.
 */
sessions: Array<SessionDto>, };

/**
 * A document.
 */
export type DocumentDto = { 
/**
 * Its name.
 */
documentId: string, 
/**
 * Its title.
 */
title: string, 
/**
 * Who wrote it, where the file says so.
 */
author?: string | null, 
/**
 * `pdf`, `epub`, `word`, `slides`, `markdown` or `text`, once it was looked at.
 */
kind?: string | null, 
/**
 * `uploading`, `extracting`, `chunking`, `embedding`, `indexing`, `ready` or `failed`.
 */
state: string, 
/**
 * The share done, 0 to 1.
 */
progress: number, 
/**
 * Whether it can be asked: by its words as soon as it is cut, by meaning once it is ready.
 */
canBeAsked: boolean, 
/**
 * Its pages, once it was looked at.
 */
pages?: number | null, 
/**
 * Those of them that could not be read.
 */
failedPages: number, 
/**
 * Whether its pages can be shown as pictures.
 */
hasPictures: boolean, 
/**
 * Whether it may have a cover; a book may bring none.
 */
hasCover?: boolean, 
/**
 * Its passages, once it was cut.
 */
passages?: number | null, 
/**
 * Tokens its text takes.
 */
tokensUsed?: number | null, 
/**
 * Its size.
 */
bytes?: number | null, 
/**
 * What a person should know of it.
 */
notes: Array<string>, 
/**
 * When it was added.
 */
created: number, 
/**
 * Whether the caller added it.
 */
own: boolean, 
/**
 * What its owner is called, where they say; nothing of the caller's own.
 */
ownerName?: string | null, 
/**
 * Whether everybody sees it; otherwise its owner does, and the classes that are shown it.
 */
public?: boolean, 
/**
 * Where the file is.
 */
s3Key: string, 
/**
 * Why it cannot be used.
 */
error?: ErrorDto | null, };

/**
 * `GET /api/documents`.
 */
export type DocumentsDto = { 
/**
 * Newest first.
 */
documents: Array<DocumentDto>, };

/**
 * A line of a table of contents.
 */
export type OutlineEntryDto = { 
/**
 * How deep it stands, from 1.
 */
level: number, 
/**
 * Its words.
 */
title: string, 
/**
 * The page it leads to.
 */
page: number, };

/**
 * `GET /api/documents/{id}/outline`.
 */
export type OutlineDto = { 
/**
 * The document.
 */
documentId: string, 
/**
 * In order.
 */
entries: Array<OutlineEntryDto>, };

/**
 * A part of a page, from its upper left corner.
 */
export type AreaDto = { 
/**
 * The left edge, 0 to 1.
 */
left: number, 
/**
 * The upper edge, 0 to 1.
 */
top: number, 
/**
 * The right edge, 0 to 1.
 */
right: number, 
/**
 * The lower edge, 0 to 1.
 */
bottom: number, };

/**
 * A line of a part of a page.
 */
export type BlockLineDto = { 
/**
 * Where its words begin in the text, in UTF-16 units.
 */
from: number, 
/**
 * Where it stands.
 */
area: AreaDto, };

/**
 * A part of a page that is read as one.
 */
export type BlockDto = { 
/**
 * `heading`, `paragraph`, `listitem`, `table`, `caption` or `code`.
 */
kind: string, 
/**
 * The level of a heading, from 1.
 */
level?: number | null, 
/**
 * Its text; the rows of a table are lines with ` | ` between cells.
 */
text: string, 
/**
 * Where it stands, on a page that has a picture.
 */
area?: AreaDto | null, 
/**
 * Its lines on such a page, where there are several and they are known.
 */
lines?: Array<BlockLineDto>, };

/**
 * A figure on a page.
 */
export type FigureDto = { 
/**
 * Where it stands.
 */
area: AreaDto, 
/**
 * What is said of it.
 */
caption?: string | null, };

/**
 * A page.
 */
export type PageDto = { 
/**
 * Its place, from 1.
 */
number: number, 
/**
 * What is printed on it as its number, where that differs.
 */
label?: string | null, 
/**
 * What it says, in reading order.
 */
blocks: Array<BlockDto>, 
/**
 * Its figures.
 */
figures: Array<FigureDto>, 
/**
 * Why it could not be read.
 */
error?: ErrorDto | null, };

/**
 * `GET /api/documents/{id}/pages?from=N&to=N`: no more than 50 at once.
 */
export type PagesReadDto = { 
/**
 * The document.
 */
documentId: string, 
/**
 * Those that are read by now, in order.
 */
pages: Array<PageDto>, };

/**
 * `POST /api/documents`: asks for an address to upload a document to.
 */
export type NewDocumentDto = { 
/**
 * The file's name, for the title.
 */
fileName: string, 
/**
 * Its size in bytes.
 */
bytes: number, };

/**
 * Where to put a document.
 */
export type UploadDto = { 
/**
 * The document's name.
 */
documentId: string, 
/**
 * An address that accepts one PUT of the exact size.
 */
uploadUrl: string, 
/**
 * The object's key; clients with credentials may upload to it in parts instead.
 */
s3Key: string, 
/**
 * Seconds the address is good for.
 */
expiresIn: number, 
/**
 * The media type the address was made for.
 */
contentType: string, };

/**
 * A page that could not be read.
 */
export type FailedPageDto = { 
/**
 * Its place, from 1.
 */
number: number, 
/**
 * Why.
 */
error: ErrorDto, };

/**
 * `GET /api/documents/{id}/status`: how far a document is.
 */
export type DocumentStatusDto = { 
/**
 * The document.
 */
documentId: string, 
/**
 * `uploading`, `extracting`, `chunking`, `embedding`, `indexing`, `ready` or `failed`.
 */
state: string, 
/**
 * The share done, 0 to 1.
 */
progress: number, 
/**
 * Pages read while extracting, passages embedded while embedding.
 */
done?: number | null, 
/**
 * Pages or passages in all.
 */
total?: number | null, 
/**
 * The pages that could not be read; the others are kept.
 */
failedPages: Array<FailedPageDto>, 
/**
 * Why it cannot be used.
 */
error?: ErrorDto | null, };

/**
 * A figure with the page it is on.
 */
export type PlacedFigureDto = { 
/**
 * The page, from 1.
 */
page: number, 
/**
 * Where it stands.
 */
area: AreaDto, 
/**
 * What is said of it.
 */
caption?: string | null, };

/**
 * `GET /api/documents/{id}/figures`.
 */
export type FiguresDto = { 
/**
 * The document.
 */
documentId: string, 
/**
 * In the order of pages.
 */
figures: Array<PlacedFigureDto>, };

/**
 * `POST /api/sessions`: begins a session about exactly one of `lectureId`, `documentId`, `sources` and `everything`.
 */
export type BeginSessionDto = { 
/**
 * The lecture, for a session about one.
 */
lectureId?: string | null, 
/**
 * The document, for a session about one.
 */
documentId?: string | null, 
/**
 * Several sources at once, and nothing else.
 */
sources?: Array<SourceDto>, 
/**
 * Everything that its person may see.
 */
everything?: boolean, 
/**
 * What to call it, at most 120 characters; left out, it goes by its first question.
 */
title?: string | null, };

/**
 * `POST /api/sessions/{id}/turns`: asks what the session is about; either `text` or `s3Key` is given. The answer stops when whoever
 * asked closes the connection.
 */
export type AskDto = { 
/**
 * Chosen by the client, so that the same question is answered once; left out, the server names it.
 */
queryId?: string | null, 
/**
 * The question as text.
 */
text?: string | null, 
/**
 * The question as a stored recording.
 */
s3Key?: string | null, 
/**
 * Where in the lecture the student is, in seconds.
 */
playhead?: number | null, 
/**
 * The page of the document that the student sees, from 1.
 */
page?: number | null, 
/**
 * How to speak the answer; left out, it is not spoken.
 */
speech?: SpeechWish | null, };

/**
 * A passage that was found. It is told as an answer would cite it, so that whatever opens a citation opens it.
 */
export type HitDto = { 
/**
 * What the lecture or the document is called.
 */
title: string, 
/**
 * The headings it stands under, the highest first, parted by ` › `.
 */
heading?: string | null, 
/**
 * From 1 within the answer.
 */
number: number, 
/**
 * The lecture; empty where a document is cited.
 */
lectureId: string, 
/**
 * The document, where one is cited.
 */
documentId?: string | null, 
/**
 * The passage.
 */
passageId: string, 
/**
 * Where the lecturer's words begin; 0 in a document.
 */
from: number, 
/**
 * Where they end; 0 in a document.
 */
to: number, 
/**
 * The pages to open, in a document.
 */
pages?: PagesDto | null, 
/**
 * The words.
 */
excerpt: string, 
/**
 * How well they fit, 0 to 1.
 */
score: number, };

/**
 * `GET /api/search?q=…&sources=NAME,NAME&limit=N`.
 */
export type FoundDto = { 
/**
 * The best first.
 */
hits: Array<HitDto>, 
/**
 * Whether meanings were compared; otherwise only words were.
 */
byMeaning: boolean, };

/**
 * `PATCH /api/sessions/{id}`: another title.
 */
export type RenameDto = { 
/**
 * The title, at most 120 characters.
 */
title: string, };

/**
 * `PATCH /api/lectures/{id}`, `PATCH /api/documents/{id}` and `PATCH /api/packs/{id}`: one thing that is to change.
 */
export type SourceChangeDto = { 
/**
 * Another title, at most 120 characters.
 */
title?: string | null, 
/**
 * `public`, to show it to everybody, or `private`, to show it to nobody but its owner and the classes it is shared with.
 */
visibility?: string | null, };

/**
 * A class.
 */
export type ClassDto = { 
/**
 * Its name everywhere.
 */
classId: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * Whether the caller teaches it.
 */
teaching: boolean, 
/**
 * What its teacher is called, where they say.
 */
teacher?: string | null, 
/**
 * The code that lets somebody in, for its teacher.
 */
code?: string | null, 
/**
 * How many are in it besides its teacher.
 */
members: number, 
/**
 * How many lectures, documents and packs it is shown.
 */
sources: number, 
/**
 * When it was made.
 */
created: number, };

/**
 * `GET /api/classes`: those that the caller teaches or is in.
 */
export type ClassesDto = { 
/**
 * The latest made first.
 */
classes: Array<ClassDto>, };

/**
 * Somebody in a class.
 */
export type MemberDto = { 
/**
 * The membership.
 */
memberId: string, 
/**
 * What they are called, where they say.
 */
name?: string | null, 
/**
 * Since when they are in it.
 */
joined: number, };

/**
 * Something that is shown to a class.
 */
export type ShownDto = { 
/**
 * What.
 */
source: SourceDto, 
/**
 * Its title.
 */
title: string, 
/**
 * Whether it is the caller's.
 */
own: boolean, 
/**
 * Since when.
 */
since: number, };

/**
 * A pack.
 */
export type PackDto = { 
/**
 * Its name everywhere.
 */
packId: string, 
/**
 * What it is called.
 */
title: string, 
/**
 * Whether it is the caller's; others read it and change nothing.
 */
own: boolean, 
/**
 * What its owner is called, where they say; nothing of the caller's own.
 */
ownerName?: string | null, 
/**
 * Whether everybody sees it; otherwise its owner does, and the classes that are shown it.
 */
public: boolean, 
/**
 * How many cards it holds.
 */
cards: number, 
/**
 * When it was made.
 */
created: number, };

/**
 * `GET /api/packs`.
 */
export type PacksDto = { 
/**
 * The caller's own, then what classes and everybody are shown; of both the latest made first.
 */
packs: Array<PackDto>, };

/**
 * A card.
 */
export type CardDto = { 
/**
 * Its name in its pack.
 */
cardId: string, 
/**
 * What is asked.
 */
question: string, 
/**
 * What is to be known.
 */
answer: string, 
/**
 * What stands behind the answer, as far as the caller may open it.
 */
citations: Array<CitationDto>, 
/**
 * How many citations were left out: what they are of is gone, or somebody keeps it to themselves.
 */
withheld: number, 
/**
 * When it was kept.
 */
kept: number, };

/**
 * `GET /api/packs/{id}`: a pack with its cards.
 */
export type OpenPackDto = { 
/**
 * The pack.
 */
pack: PackDto, 
/**
 * What was kept first first.
 */
cards: Array<CardDto>, };

/**
 * `POST /api/packs`: what a pack is called.
 */
export type PackTitleDto = { 
/**
 * At most 120 characters.
 */
title: string, };

/**
 * `POST /api/packs/{id}/cards`: either a turn of the caller's, or words of their own.
 */
export type NewCardDto = { 
/**
 * The session of the turn to keep.
 */
sessionId?: string | null, 
/**
 * The turn to keep, by the name of its question.
 */
queryId?: string | null, 
/**
 * A question to write down, at most 1,000 characters.
 */
question?: string | null, 
/**
 * Its answer, at most 8,000 characters.
 */
answer?: string | null, };

/**
 * `PATCH /api/packs/{id}/cards/{card}`: what is to change; its citations stay.
 */
export type CardChangeDto = { 
/**
 * Another question, at most 1,000 characters.
 */
question?: string | null, 
/**
 * Another answer, at most 8,000 characters.
 */
answer?: string | null, };

/**
 * A class with who is in it and what it is shown.
 */
export type RoomDto = { 
/**
 * The class.
 */
class: ClassDto, 
/**
 * Who came first first, for its teacher.
 */
people?: Array<MemberDto> | null, 
/**
 * What it is shown, the latest first.
 */
shown: Array<ShownDto>, 
/**
 * Which packs it is shown, the latest first.
 */
packs?: Array<PackDto>, };

/**
 * `POST /api/classes` and `PATCH /api/classes/{id}`: what a class is called.
 */
export type ClassNameDto = { 
/**
 * At most 80 characters.
 */
name: string, };

/**
 * `POST /api/classes/join`.
 */
export type JoinDto = { 
/**
 * The class's code, as somebody typed it.
 */
code: string, 
/**
 * What its teacher is to read in the list of members; an account's name if left out.
 */
name?: string | null, };

/**
 * `PATCH /api/lectures/{id}/phrases`: what was really said.
 */
export type CorrectionDto = { 
/**
 * Where the phrase begins, in seconds, as the transcript says.
 */
from: number, 
/**
 * The words that are there now; others are answered with the code `conflict`.
 */
expected: string, 
/**
 * The words to be there; none where nothing was said.
 */
text: string, };

/**
 * `GET /api/lectures/{id}/waveform?points=N`: the outline of a recording.
 */
export type WaveformDto = { 
/**
 * The lecture.
 */
lectureId: string, 
/**
 * Its length in seconds.
 */
duration: number, 
/**
 * The loudest sample of each of many stretches of equal length, 0 to 255; no more than were asked for.
 */
peaks: Array<number>, };

/**
 * `GET /api/storage`: bytes that are kept.
 */
export type StorageDto = { 
/**
 * The caller's recordings and their captions.
 */
lectures: number, 
/**
 * Their spoken questions.
 */
queries: number, 
/**
 * The spoken answers they were given.
 */
responses: number, 
/**
 * Model files, which everybody on the server shares.
 */
models: number, };

/**
 * `GET /api/engines`: what does the work, and where it sends data.
 */
export type EnginesDto = { 
/**
 * One for each role.
 */
engines: Array<EngineDto>, };

/**
 * A server behind an engine.
 */
export type EngineServerDto = { 
/**
 * The engine's role.
 */
role: string, 
/**
 * Its address.
 */
server: string, 
/**
 * Why it cannot be used now; left out where it answers.
 */
error?: ErrorDto | null, };

/**
 * `GET /api/engines/servers`: the servers behind engines, each after it was tried.
 */
export type EngineServersDto = { 
/**
 * One for each role that a server fills.
 */
servers: Array<EngineServerDto>, };

/**
 * A voice to choose.
 */
export type VoiceDto = { 
/**
 * The name to ask for.
 */
name: string, 
/**
 * A few words for people.
 */
description: string, };

/**
 * `GET /api/voices`.
 */
export type VoicesDto = { 
/**
 * The usual one first.
 */
voices: Array<VoiceDto>, 
/**
 * Whether the engine may have voices beyond these.
 */
others: boolean, };

/**
 * An error answer of REST.
 */
export type ErrorBody = { 
/**
 * What it was.
 */
error: ErrorDto, };

/**
 * `GET /health`.
 */
export type HealthDto = { 
/**
 * `ok` or `degraded`.
 */
status: string, 
/**
 * The server's version.
 */
version: string, 
/**
 * What is not well, in words.
 */
problems: Array<string>, };

/**
 * An answer.
 */
export type AnsweredDto<T> = { 
/**
 * Always `true`.
 */
success: boolean, 
/**
 * What was asked for.
 */
data: T, 
/**
 * One sentence for a person.
 */
message: string, };

/**
 * What else is known of a refusal.
 */
export type RefusalDetailsDto = { 
/**
 * Of `invalid_fields`: a sentence for each field that cannot be taken, by its name.
 */
fields?: { [key in string]: string } | null, 
/**
 * Of `too_many_requests`: seconds until it works again, as `Retry-After` says.
 */
retryAfter?: number | null, 
/**
 * Whether doing the same again may work.
 */
retryable: boolean, 
/**
 * The name of the request, for whoever looks into the log.
 */
correlation?: string | null, };

/**
 * A refusal.
 */
export type RefusedDto = { 
/**
 * Always `false`.
 */
success: boolean, 
/**
 * One sentence: what happened and what to do.
 */
error: string, 
/**
 * The stable code, one of [`AccountErrorCode`] or of the codes that every answer of the server may have.
 */
error_code: string, 
/**
 * What else is known.
 */
details: RefusalDetailsDto, };

/**
 * The codes of `/api/auth`.
 */
export type AccountErrorCode = "invalid_fields" | "wrong_credentials" | "email_not_verified" | "wrong_code" | "signed_out" | "unauthorised" | "forbidden" | "not_invited" | "not_found" | "conflict" | "too_many_requests" | "bad_message" | "message_too_large" | "busy" | "internal";

/**
 * Nothing beyond the message.
 */
export type NothingDto = Record<symbol, never>;

/**
 * `POST /api/auth/register`: answered with 202 and nothing, whether or not the address has an account; the rest is in a mail.
 * A guest who signs the request with their credentials (as every other request) keeps their lectures and sessions.
 */
export type RegisterDto = { 
/**
 * The address.
 */
email: string, 
/**
 * 8 to 128 characters of any kind, none of the commonest passwords.
 */
password: string, 
/**
 * What the person wants to be called, at most 80 characters.
 */
name?: string | null, 
/**
 * The code of an invitation, where signing up takes one.
 */
invitation?: string | null, };

/**
 * The answer to a challenge.
 */
export type ChallengeAnswerDto = { 
/**
 * What was asked for.
 */
kind: string, 
/**
 * What came with it.
 */
session: string, 
/**
 * What the person typed.
 */
answer: string, };

/**
 * `POST /api/auth/login`: answered with [`LoginDto`]. The second step of a challenge sends the same with `challenge`.
 */
export type LoginRequestDto = { 
/**
 * The address.
 */
email: string, 
/**
 * The password; empty in the answer to a challenge.
 */
password: string, 
/**
 * What the list of sign-ins calls this device, at most 80 characters; made from the user agent where it is left out.
 */
device?: string | null, 
/**
 * The answer to a challenge.
 */
challenge?: ChallengeAnswerDto | null, };

/**
 * Tokens of a sign-in.
 */
export type TokensDto = { 
/**
 * Goes with every request as `Authorization: Bearer`, `Sec-WebSocket-Protocol` or `?access_token=`.
 */
accessToken: string, 
/**
 * Always `Bearer`.
 */
tokenType: string, 
/**
 * Seconds the access token is good for.
 */
expiresIn: number, 
/**
 * Gets the next pair; it can be used once. To be kept as a password is.
 */
refreshToken: string, 
/**
 * When the sign-in ends, however often it is renewed.
 */
refreshExpires: number, 
/**
 * The name of this sign-in in the list of sign-ins.
 */
sessionId: string, };

/**
 * `GET /api/auth/me`: who is signed in.
 */
export type AccountDto = { 
/**
 * The account's name.
 */
accountId: string, 
/**
 * Its address.
 */
email: string, 
/**
 * What the person wants to be called.
 */
name?: string | null, 
/**
 * `student`, `lecturer` or `operator`.
 */
role: string, 
/**
 * The identity whose things are the account's; `GetCredentialsForIdentity` takes it.
 */
identityId: string, 
/**
 * When it was made.
 */
created: number, };

/**
 * What came of signing in.
 */
export type LoginDto = { "outcome": "signed_in", 
/**
 * What to call with.
 */
tokens: TokensDto, 
/**
 * Who it is.
 */
account: AccountDto, } | { "outcome": "challenge", 
/**
 * Such as `SOFTWARE_TOKEN_MFA`.
 */
kind: string, 
/**
 * To be sent back with the answer.
 */
session: string, };

/**
 * `POST /api/auth/refresh`: answered with [`TokensDto`].
 */
export type RefreshDto = { 
/**
 * The refresh token.
 */
refreshToken: string, };

/**
 * `POST /api/auth/logout`: ends the sign-in of the refresh token, or of the access token it is called with; ending one that has
 * ended is fine.
 */
export type LogoutDto = { 
/**
 * The refresh token; it does even when the access token has expired.
 */
refreshToken?: string | null, 
/**
 * Whether every other sign-in of the account ends too.
 */
everywhere: boolean, };

/**
 * `DELETE /api/auth/me`: deletes the account with everything that is its person's. The password is asked for once more.
 */
export type DeleteAccountDto = { 
/**
 * The account's password.
 */
password: string, };

/**
 * `POST /api/auth/forgot-password` and `POST /api/auth/resend-verification`: answered with 202 and nothing, whether or not the
 * address has an account.
 */
export type AddressDto = { 
/**
 * The address.
 */
email: string, };

/**
 * `POST /api/auth/reset-password`: sets another password and ends every sign-in of the account.
 */
export type ResetPasswordDto = { 
/**
 * The address.
 */
email: string, 
/**
 * The code from the mail; capitals, spaces and dashes do not matter.
 */
code: string, 
/**
 * The password from now on.
 */
password: string, };

/**
 * The query of `GET /api/auth/verify-email`.
 */
export type VerifyEmailDto = { 
/**
 * The address.
 */
email: string, 
/**
 * The code from the mail; capitals, spaces and dashes do not matter.
 */
code: string, };

/**
 * A sign-in; `DELETE /api/auth/sessions/{id}` ends one.
 */
export type SignInDto = { 
/**
 * Its name.
 */
sessionId: string, 
/**
 * What the device calls itself.
 */
device: string, 
/**
 * The network it was last used from.
 */
place: string, 
/**
 * When it began.
 */
created: number, 
/**
 * When it was last renewed.
 */
lastUsed: number, 
/**
 * When it ends, however often it is renewed.
 */
expires: number, 
/**
 * Whether it is the one that asks.
 */
current: boolean, };

/**
 * `GET /api/auth/sessions`: the sign-ins that last, the latest used first.
 */
export type SignInsDto = { 
/**
 * The sign-ins.
 */
sessions: Array<SignInDto>, };

/**
 * `POST /api/auth/invitations`, for operators: answered with [`InvitationDto`] and its code, which is told this once.
 */
export type InviteDto = { 
/**
 * `student` (if left out), `lecturer` or `operator`.
 */
role?: string | null, 
/**
 * How many may come by it, 1 to 10,000; 1 if left out.
 */
uses?: number | null, 
/**
 * Days it is good for, 1 to 365; 30 if left out.
 */
days?: number | null, 
/**
 * A note for whoever reads the list, at most 200 characters.
 */
note?: string | null, };

/**
 * An invitation; `DELETE /api/auth/invitations/{id}` revokes one.
 */
export type InvitationDto = { 
/**
 * Its name.
 */
invitationId: string, 
/**
 * The code to sign up with; only in the answer that made it.
 */
code?: string | null, 
/**
 * The role of whoever comes by it.
 */
role: string, 
/**
 * How many may come.
 */
uses: number, 
/**
 * How many have come.
 */
used: number, 
/**
 * When it was made.
 */
created: number, 
/**
 * Until when it lets anybody in.
 */
expires: number, 
/**
 * Whether it was revoked.
 */
revoked: boolean, 
/**
 * The note.
 */
note: string, };

/**
 * `GET /api/auth/invitations`, for operators.
 */
export type InvitationsDto = { 
/**
 * The latest first.
 */
invitations: Array<InvitationDto>, };

/**
 * `POST /api/auth/roles`, for operators: gives the account of an address a role; answered with [`AppointedDto`].
 */
export type AppointDto = { 
/**
 * The address.
 */
email: string, 
/**
 * `student`, `lecturer` or `operator`.
 */
role: string, };

/**
 * An account that was given a role.
 */
export type AppointedDto = { 
/**
 * The account's name.
 */
accountId: string, 
/**
 * Its address.
 */
email: string, 
/**
 * Its role.
 */
role: string, 
/**
 * The role that it had.
 */
before: string, 
/**
 * Whether it was signed out everywhere, as it is where it may not do more than before.
 */
signedOut: boolean, };

/**
 * A security event.
 */
export type SecurityEventDto = { 
/**
 * When.
 */
at: number, 
/**
 * Which one it is of those at one moment; with `at` it says where the record is read on.
 */
number?: number | null, 
/**
 * What, such as `signed_in`, `sign_in_refused` or `token_reused`.
 */
what: string, 
/**
 * To whose account, where that is known.
 */
accountId?: string | null, 
/**
 * By which sign-in.
 */
sessionId?: string | null, 
/**
 * Of `made_student`, `made_lecturer` and `made_operator`: the role that the account had.
 */
before?: string | null, 
/**
 * From which network.
 */
place: string, 
/**
 * The name of the request, for whoever looks into the log.
 */
correlation?: string | null, };

/**
 * `GET /api/auth/audit?before=…&number=…&most=…`, for operators: what happened to accounts.
 */
export type AuditDto = { 
/**
 * The latest first.
 */
events: Array<SecurityEventDto>, };
