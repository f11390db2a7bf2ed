/** What is checked, put together and kept before anything is sent. */
import { expect, test } from "vitest";
import { Failure, code } from "@/shared/failure";
import type { Documents } from "../../bridge";
import type { Classes } from "../../classes";
import { dropped, gather, givesWay, isNamedAlike, isText, namesakes, sameFile, unusable } from "./collect";
import type { DocumentDto, LectureDto } from "@/shared/protocol";
import { giveWay } from "./former";
import { Meter } from "./meter";
import { refusal } from "./put";
import { type Saved, forget, keep, remembered } from "./saved";
import { layout } from "./send";
import { check, formatOf, isDocument } from "./sniff";

const bytes = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const limits = { lectureBytes: 3_000_000, lectureSeconds: 60, querySeconds: 60 };

test.each([
  ["ID3\x04\0\0\0\0\0\x02xxfLaC", "flac"],
  ["ID3\x04\0\0\0\0\0\x02xx\xff\xfb", "mp3"],
  ["RIFF\x24\0\0\0WAVEfmt ", "wav"],
  ["RIFF\x24\0\0\0AVI LIST", null],
  ["\0\0\0\x20ftypM4A ", "m4a"],
  ["OggS\0", "ogg"],
  ["fLaC\0", "flac"],
  ["\x1a\x45\xdf\xa3\x01", "webm"],
  ["\xff\xfb\x90\x64", "mp3"],
  ["\xff\xf1\x50\x80", null],
  ["%PDF-1.7", null],
  ["", null],
])("%j is told by its content", (head, format) => {
  expect(formatOf(bytes(head))).toBe(format);
});

test.each([
  ["a book.PDF", "%PDF-1.7", true],
  ["scanned", "junk before\n%PDF-1.4", true],
  ["notes.md", "# Tides", true],
  ["notes.txt", "a\0b", false],
  ["notes.csv", "a,b", false],
  ["slides.pptx", "PK\x03\x04", true],
  ["slides.pptx", "no archive", false],
  ["photos.zip", "PK\x03\x04", false],
])("whether %s of %j may be a document", (name, head, may) => {
  expect(isDocument(bytes(head), name)).toBe(may);
});

test("what becomes of a file is told by its content", async () => {
  expect(await check(new File(["%PDF-1.7"], "lecture.mp3"), limits)).toBe("document");
  expect(await check(new File([bytes("ID3\x04")], "book.txt"), limits)).toBe("lecture");
});

test("what cannot be taken is refused with what to do instead", async () => {
  const file = (content: BlobPart) => new File([content], "week 3.mp3");
  await expect(check(file(""), limits)).rejects.toMatchObject({ code: "audio_empty" });
  await expect(check(file("hello there"), limits)).rejects.toMatchObject({ code: "audio_unsupported" });
  const large = new Uint8Array(3_000_001);
  large.set(bytes("OggS"));
  await expect(check(file(large), limits)).rejects.toMatchObject({ code: "audio_too_big", message: expect.stringContaining("4 MB") });
});

test("captions dropped on their own find the lecture that came from the file beside them, by its title or its key", () => {
  const lecture = (title: string, file: string, own = true) => ({ lectureId: title, title, s3Key: `lectures/p/l/${file}`, own }) as LectureDto;
  const lectures = [lecture("Week 3", "week_3.mp3", false), lecture("Cells", "Week-3.mp3"), lecture("Übung 4: Zellen", "x.wav")];
  expect(namesakes("week 3.srt", lectures)[0]?.title).toBe("Cells");
  expect(namesakes("Week-3.en.vtt", lectures)[0]?.title).toBe("Cells");
  expect(namesakes("übung 4 - zellen.vtt", lectures)[0]?.title).toBe("Übung 4: Zellen");
  expect(namesakes("week 4.srt", lectures)).toEqual([]);
  expect(namesakes("….srt", lectures)).toEqual([]);
  expect(namesakes("twice.srt", [lecture("Twice", "a.wav"), lecture("twice!", "b.wav")])).toHaveLength(2);
});

test("what could not be used gives way to a file of its kind and name, be it a recording or a document", () => {
  const lecture = (id: string, state: string, own = true) => ({ lectureId: id, state, own, s3Key: `lectures/p/${id}/week_3.mp3` }) as LectureDto;
  const document = (id: string, state: string, own = true) => ({ documentId: id, state, own, s3Key: `documents/p/${id}/week_3.pdf` }) as DocumentDto;
  const failed = unusable(
    [lecture("broken", "failed"), lecture("good", "ready"), lecture("another's", "failed", false)],
    [document("torn", "failed"), document("whole", "ready"), document("theirs", "failed", false)],
  );
  expect(failed.map(({ id }) => id)).toEqual(["broken", "torn"]);
  const given = (key: string) => failed.filter(({ s3Key }) => sameFile(s3Key, key)).map(({ id }) => id);
  expect(given("lectures/p/new/week_3.mp3")).toEqual(["broken"]);
  expect(given("documents/p/new/week_3.pdf")).toEqual(["torn"]);
  expect(given("documents/p/new/week_3.mp3")).toEqual([]);
  expect(unusable(undefined, undefined)).toEqual([]);
});

const reading = (id: string, created: number, failedPages: number, more: Partial<DocumentDto> = {}) =>
  ({ documentId: id, title: "Shore", state: "ready", own: true, created, failedPages, bytes: 9, s3Key: `documents/p/${id}/shore.pdf`, ...more }) as DocumentDto;

test.each([
  [0, true],
  [1, true],
  [2, false],
  [3, false],
])("a document with two unread pages, whose file comes again and leaves %i, gives way: %s, whichever is ready first", (unread, gives) => {
  const others = [
    reading("theirs", 1, 2, { own: false }),
    reading("larger", 1, 2, { bytes: 10 }),
    reading("made", 1, 2, { state: "extracting" }),
    reading("named", 1, 2, { s3Key: "documents/p/named/tides.pdf" }),
  ];
  const all = [reading("new", 2, unread), reading("torn", 1, 2), ...others];
  const pairs = (id: string) => givesWay(all, id).map(({ former, by }) => [former.documentId, by.documentId]);
  for (const ready of ["new", "torn"]) expect(pairs(ready)).toEqual(gives ? [["torn", "new"]] : []);
  expect(pairs("named")).toEqual([]);
  expect(givesWay([reading("torn", 1, 2), reading("better", 0, 0)], "torn"), "what is there already takes no place").toEqual([]);
});

function shelf(refuse: string[], because = new Failure(code.forbidden, "only lecturers can do this")) {
  const done: string[] = [];
  const act = (name: string) => async (...what: unknown[]) => {
    if (refuse.includes(name)) throw because;
    done.push([name, ...what.map((one) => JSON.stringify(one))].join(" "));
  };
  const shown = (...ids: string[]) => ({ shown: ids.map((documentId) => ({ source: { documentId } })) });
  const rooms: Record<string, unknown> = { a: shown("torn", "x"), b: shown("x"), c: shown("torn", "new") };
  const list = async () => [...Object.keys(rooms), "empty"].map((classId) => ({ classId, sources: classId === "empty" ? 0 : 1 }));
  const classes = { list, get: async (id: string) => rooms[id], share: act("share"), publish: act("publish") } as unknown as Classes;
  const documents = { rename: act("rename"), remove: act("remove") } as unknown as Documents;
  const library = [reading("new", 2, 0), reading("torn", 1, 2, { title: "The moon", public: true })];
  return { done, kept: giveWay("new", library, documents, classes) };
}

test("a former reading passes on its classes, who sees it and its title before it goes", async () => {
  const { done, kept } = shelf([]);
  expect(await kept).toBeNull();
  expect(done).toEqual(['share "a" {"documentId":"new"}', 'publish {"documentId":"new"} true', 'rename "new" "The moon"', 'remove "torn"']);
});

test.each(["share", "publish", "rename", "remove"])("a former reading stays where %s is refused, and that is said", async (refused) => {
  const { done, kept } = shelf([refused]);
  expect(await kept).toMatchObject({ code: "forbidden", message: expect.stringMatching(/“The moon” as it was read before stays.*only lecturers/) });
  expect(done.filter((act) => act.startsWith("remove"))).toEqual([]);
});

test("a former reading that is gone already is not said to stay, and nothing is said while the server is away", async () => {
  await expect(shelf(["remove"], new Failure(code.notFound, "there is none")).kept).resolves.toBeNull();
  await expect(shelf(["remove"], new Failure(code.unreachable, "it is away", true)).kept).rejects.toMatchObject({ code: code.unreachable });
});

test("what cannot be read of a drop is told, and keeps nothing else from being taken", async () => {
  const file = (name: string) => ({ isFile: true, name, file: (take: (file: File) => void, fail: () => void) => (name.startsWith("locked") ? fail() : take(new File(["x"], name))) });
  const folder = (name: string, inside: object[]) => ({
    isFile: false, name, createReader: () => ({ readEntries: (take: (some: object[]) => void, fail: () => void) => (name.startsWith("locked") ? fail() : take(inside.splice(0))) }),
  });
  const entries = [folder("week", [file("b.wav"), file("locked.wav"), file(".hidden"), folder("locked notes", [])]), file("a.pdf"), folder("nothing", [file(".hidden")])];
  const transfer = { items: entries.map((entry) => ({ webkitGetAsEntry: () => entry })), files: [] } as unknown as DataTransfer;
  const { files, unreadable, empty } = await dropped(transfer);
  expect(files.map(({ name }) => name)).toEqual(["b.wav", "a.pdf"]);
  expect(unreadable).toEqual(["locked notes", "locked.wav"]);
  expect(empty).toEqual(["nothing"]);
});

test("text that is pasted where one types stays text, whatever picture comes along", () => {
  const field = document.createElement("textarea");
  expect(isText(field, { types: ["text/plain", "Files"] })).toBe(true);
  expect(isText(field, { types: ["Files"] })).toBe(false);
  expect(isText(document.body, { types: ["text/plain", "Files"] })).toBe(false);
});

test("captions find their recording, whatever their language and case", () => {
  const named = (...names: string[]) => names.map((name) => new File(["x"], name));
  const { found, lonely } = gather(named("week 3.pdf", "Week 3.MP3", "week 3.en.vtt", "b.wav", "B.srt", "lost.vtt", ".DS_Store"));
  expect(found.map(({ file, captions }) => [file.name, captions?.name])).toEqual([
    ["week 3.pdf", undefined],
    ["Week 3.MP3", "week 3.en.vtt"],
    ["b.wav", "B.srt"],
  ]);
  expect(lonely.map(({ name }) => name)).toEqual(["lost.vtt"]);
});

test.each([
  ["week 3", "week 3", true],
  ["week 3.en", "week 3", true],
  ["week 3.pt-br", "week 3", true],
  ["week 3.final", "week 3", false],
  ["week 3", "week 3.en", false],
])("captions called %j are those of a recording called %j: %s", (captions, recording, alike) => {
  expect(isNamedAlike(captions, recording)).toBe(alike);
});

test("speed follows the last seconds", () => {
  const meter = new Meter(100_000, 20_000, 0);
  expect(meter.read(30_000, 1000)).toEqual({ sent: 30_000, speed: 10_000, secondsLeft: 7 });
  for (let second = 2; second < 12; second++) meter.read(30_000 + second * 100, second * 1000);
  expect(meter.read(31_200, 12_000).speed).toBe(100);
  expect(new Meter(9, 0, 0).read(0, 1000).secondsLeft).toBeNull();
});

test.each([1, 599, 600, 601, 5000])("parts cover %i bytes without gap or overlap", (total) => {
  let at = 0;
  for (const [index, part] of layout(total, 600).entries()) {
    expect([part.number, part.from]).toEqual([index + 1, at]);
    at += part.bytes;
  }
  expect(at).toBe(total);
});

test("a refusal of storage says whether to try again", () => {
  expect(refusal(404, "<Error><Code>NoSuchUpload</Code></Error>")).toMatchObject({ code: "no_such_upload" });
  expect(refusal(503, "")).toMatchObject({ code: "upload_failed", retryable: true });
  expect(refusal(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>")).toMatchObject({ retryable: false });
  expect(refusal(507, "")).toMatchObject({ code: "disk_full", retryable: true });
});

test("an upload is remembered with its file, for its own server, until it is forgotten", async () => {
  const saved = (id: string, server: string, added: number): Saved => ({
    id, server, added, name: "a.mp3", bytes: 3, lectureId: null, key: null, contentType: "", multipart: null,
    captions: null, captionsSent: false, sent: false, paused: null, file: new File(["abc"], "a.mp3"),
  });
  await keep(saved("2", "here", 2));
  await keep(saved("1", "here", 1));
  await keep(saved("3", "elsewhere", 1));
  expect((await remembered("here")).map(({ id }) => id)).toEqual(["1", "2"]);
  await forget("1");
  expect((await remembered("here")).map(({ id }) => id)).toEqual(["2"]);
});
