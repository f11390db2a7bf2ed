/** The uploads of this browser: what is waiting, on its way, paused, and what became of it. */
import { Failure, code, toFailure } from "@/shared/failure";
import { Cell } from "@/shared/store/watch";
import type { Documents, Lectures, Upload, Uploads } from "../../bridge";
import type { Classes } from "../../classes";
import { getDocument } from "../requests/get-document";
import { getDocuments } from "../requests/get-documents";
import { getLecture } from "../requests/get-lecture";
import type { Link } from "../link";
import { dropped, gather, isNamedAlike, isText, namesakes, sameFile, stem, unusable } from "./collect";
import { giveWay } from "./former";
import { pickFiles } from "./pick";
import { type Saved, forget, keep, remembered } from "./saved";
import { giveUp, sendCaptions, sendFile } from "./send";
import { check, isCalledDocument } from "./sniff";

/** Uploads under way at once; the rest wait their turn. */
const AT_ONCE = 2;
/** How often a full disk is looked at again. */
const ROOM_MS = 5_000;
/** How soon and how late what was cancelled is tried to be removed once more; nobody sees that. */
const SOONEST_MS = 5_000;
const LATEST_MS = 5 * 60_000;

interface Job {
  saved: Saved;
  stop: AbortController | null;
  /** The attempt under way, which ends well or not, but never fails; nothing while none is made. */
  run: Promise<void> | null;
  /** Whether the server was found to wait for it, so that nothing can have come of it unseen. */
  expected: boolean;
  /** How long removing it rests after the next failure, and the rest under way. */
  rest: number;
  resting: ReturnType<typeof setTimeout> | undefined;
}

export class BrowserUploads implements Uploads {
  readonly list = new Cell<Upload[]>([]);
  readonly #jobs = new Map<string, Job>();
  /** Captions on their own, for a lecture that has arrived. */
  readonly #captions = new Map<string, File>();
  /** Uploads that are ending, each once. */
  readonly #ending = new Set<string>();

  constructor(
    private readonly link: Link,
    private readonly lectures: Lectures,
    private readonly documents: Documents,
    private readonly classes: Classes,
  ) {
    void this.#goOn();
    lectures.state.subscribe(() => this.#follow());
    documents.state.subscribe(() => this.#follow());
    // What was interrupted because the network was gone goes on when it is back.
    link.socket.connection.subscribe(() => {
      if (link.socket.connection.get().phase !== "open") return;
      for (const job of this.#jobs.values()) {
        job.rest = SOONEST_MS;
        if (job.saved.leaving) void this.#leave(job);
      }
      for (const upload of this.list.get()) if (upload.state === "failed" && upload.failure?.retryable) this.resume(upload.id);
    });
  }

  async pick(what: "files" | "folder"): Promise<void> {
    this.add(await pickFiles(what));
  }

  add(files: File[]): void {
    const { found, lonely } = gather(files);
    // A caption file dropped on its own may find a recording that still waits or is lost, or a lecture that is there.
    for (const captions of lonely) if (!this.#attach(captions)) void this.#hand(crypto.randomUUID(), captions);
    for (const { file, captions } of found) {
      if (this.#found(file)) continue;
      void this.#begin(file, captions);
    }
  }

  receive(over: (hovering: boolean) => void): () => void {
    let depth = 0;
    const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const enter = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      if (++depth === 1) over(true);
    };
    const hover = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
    };
    const leave = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      if (--depth <= 0) (depth = 0), over(false);
    };
    const drop = (event: DragEvent) => {
      if (!holdsFiles(event) || !event.dataTransfer) return;
      event.preventDefault();
      depth = 0;
      over(false);
      void dropped(event.dataTransfer).then(({ files, unreadable, empty }) => {
        this.add(files);
        for (const name of unreadable) this.#refuse(name, new Failure(code.file, "it cannot be read; look whether you may open it, and drop it again"));
        for (const name of empty) this.#refuse(name, new Failure(code.empty, "there is no file in this folder"));
      });
    };
    const pasted = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length === 0 || !event.clipboardData || isText(event.target, event.clipboardData)) return;
      event.preventDefault();
      this.add(files);
    };
    const events = { dragenter: enter, dragover: hover, dragleave: leave, drop } as const;
    for (const [name, listener] of Object.entries(events)) window.addEventListener(name, listener as EventListener);
    window.addEventListener("paste", pasted);
    return () => {
      for (const [name, listener] of Object.entries(events)) window.removeEventListener(name, listener as EventListener);
      window.removeEventListener("paste", pasted);
    };
  }

  pause(id: string): void {
    this.#change(id, { state: "paused", speed: 0, secondsLeft: null });
    const job = this.#jobs.get(id);
    if (!job) return;
    job.stop?.abort(new Failure(code.stopped, "paused"));
    job.saved.paused = this.list.get().find((upload) => upload.id === id)?.sent ?? 0;
    void keep(job.saved);
  }

  resume(id: string): void {
    const captions = this.#captions.get(id);
    if (captions) return void this.#hand(id, captions);
    const job = this.#jobs.get(id);
    // It may be tried again at this moment.
    if (!job?.saved.file || job.saved.leaving || job.stop?.signal.aborted === false) return;
    job.saved.paused = null;
    void keep(job.saved);
    this.#change(id, { state: "waiting", failure: null });
    this.#next();
  }

  retry(id: string): void {
    this.resume(id);
  }

  cancel(id: string): void {
    const job = this.#jobs.get(id);
    const state = this.list.get().find((one) => one.id === id)?.state;
    job?.stop?.abort(new Failure(code.stopped, "cancelled"));
    // The server has never heard of it.
    if (!job || !(job.run || job.saved.lectureId || job.saved.documentId)) return this.dismiss(id);
    // As on the desktop: where a person stopped it on its way there is nothing to ask.
    const { saved } = job;
    saved.leaving = state === "paused" || (state === "sending" && job.expected) ? "remove" : "ask";
    // Whatever is kept of it from here on is kept without them.
    saved.file = saved.captions = null;
    this.#change(id, { state: "leaving", speed: 0, secondsLeft: null, failure: null, ...names(saved) });
    void this.#leave(job);
    this.#next();
  }

  dismiss(id: string): void {
    this.#jobs.delete(id);
    this.#captions.delete(id);
    void forget(id);
    this.list.update((list) => list.filter((upload) => upload.id !== id));
    this.#next();
  }

  /** Takes up what the last visit left. */
  async #goOn(): Promise<void> {
    const server = location.origin;
    for (const saved of await remembered(server)) {
      const job = jobOf(saved);
      this.#jobs.set(saved.id, job);
      const paused = saved.paused ?? null;
      const state = saved.leaving ? "leaving" : saved.sent ? "processing" : !saved.file ? "lost" : paused === null ? "waiting" : "paused";
      this.list.update((list) => [...list, { ...fresh(saved), state, sent: saved.sent ? saved.bytes : (paused ?? 0) }]);
      if (saved.leaving) void this.#leave(job);
    }
    this.#follow();
    this.#next();
  }

  /**
   * Removes what was sent of one that is cancelled, once nothing more of it travels. Until then it is remembered, so that neither a
   * page that is closed nor a server that is away leaves anything of it there.
   */
  async #leave(job: Job): Promise<void> {
    const { saved } = job;
    if (this.#ending.has(saved.id)) return;
    this.#ending.add(saved.id);
    clearTimeout(job.resting);
    try {
      // Without its file that is done at once, also when the page is left at this moment.
      await keep(saved);
      // Only then the server has named what it makes, if it came to that.
      await job.run;
      await this.#clear(saved);
    } catch (error) {
      // What the server refuses stays, and its own row in the library can be deleted.
      if (toFailure(error).retryable) return this.#leaveLater(job);
    } finally {
      this.#ending.delete(saved.id);
    }
    this.dismiss(saved.id);
  }

  /** Tries it once more after a while, which is longer each time, or once the server is back. */
  #leaveLater(job: Job): void {
    if (this.link.socket.connection.get().phase !== "open") return;
    job.resting = setTimeout(() => this.#jobs.has(job.saved.id) && void this.#leave(job), job.rest);
    job.rest = Math.min(job.rest * 2, LATEST_MS);
  }

  /** Removes what was sent, unless the server has made something of it, or is about to, although that was not seen here. */
  async #clear(saved: Saved): Promise<void> {
    const { lectureId, documentId, sent } = saved;
    if (!(lectureId ?? documentId)) return;
    if (saved.leaving === "ask") {
      if (sent) return;
      const rest = await this.link.rest();
      const found = await rest.optional<{ state: string }>(() => (documentId ? getDocument(rest, documentId) : getLecture(rest, lectureId ?? "")));
      if (found && found.state !== "uploading" && found.state !== "failed") return;
    }
    await giveUp(this.link, saved);
    await (documentId ? this.documents.remove(documentId) : this.lectures.remove(lectureId ?? ""));
  }

  /** What cannot even be looked at is told of all the same. */
  #refuse(name: string, failure: Failure): void {
    const upload = nothing(crypto.randomUUID(), { name, size: 0 });
    this.list.update((list) => [...list, { ...upload, state: "failed", failure: failure.toDto() }]);
  }

  /** A file chosen again for an upload whose content the browser did not keep. */
  #found(file: File): boolean {
    const lost = this.list.get().find((upload) => upload.state === "lost" && upload.name === file.name && upload.bytes === file.size);
    const job = lost && this.#jobs.get(lost.id);
    if (!lost || !job) return false;
    job.saved.file = file;
    void keep(job.saved);
    this.resume(lost.id);
    return true;
  }

  #attach(captions: File): boolean {
    const upload = this.list.get().find((one) => isNamedAlike(stem(captions.name), stem(one.name)) && !isCalledDocument(one.name) && ["waiting", "paused", "lost", "checking"].includes(one.state));
    const job = upload && this.#jobs.get(upload.id);
    if (!upload || !job) return false;
    job.saved.captions = captions;
    void keep(job.saved);
    this.#change(upload.id, { captions: captions.name });
    return true;
  }

  /** Captions of a lecture that has arrived replace the words that were recognised. */
  async #hand(id: string, captions: File): Promise<void> {
    this.#captions.set(id, captions);
    this.list.update((list) => [...list.filter((one) => one.id !== id), nothing(id, captions)]);
    try {
      const [lecture, another] = namesakes(captions.name, this.lectures.state.get().list ?? []);
      // Words put below the wrong recording would be worse than a question.
      if (another) throw new Failure(code.captionsAlone, `several lectures are named like these captions; rename all but one “${another.title}” and drop them again`);
      if (!lecture) throw new Failure(code.captionsAlone, "no recording of this name is here; drop both together, or name the captions like their lecture");
      await sendCaptions(this.link, lecture.lectureId, captions);
      // From here on the lecture's own row tells what becomes of them.
      this.#change(id, { state: "processing", lectureId: lecture.lectureId });
      this.#captions.delete(id);
      await this.lectures.refresh();
    } catch (error) {
      this.#fail(id, toFailure(error));
    }
  }

  async #begin(file: File, captions: File | null): Promise<void> {
    const saved: Saved = {
      id: crypto.randomUUID(),
      server: location.origin,
      name: file.name,
      bytes: file.size,
      lectureId: null,
      documentId: null,
      key: null,
      contentType: "",
      multipart: null,
      captions,
      captionsSent: false,
      sent: false,
      paused: null,
      file,
      added: Date.now(),
      before: this.#unusable().map(({ id }) => id),
    };
    this.#jobs.set(saved.id, jobOf(saved));
    this.list.update((list) => [...list, fresh(saved)]);
    try {
      saved.kind = await check(file, (await this.link.discovery()).limits);
    } catch (error) {
      this.#change(saved.id, { state: "failed", failure: toFailure(error).toDto() });
      return;
    }
    // It may have been taken off the list meanwhile.
    if (!this.#jobs.has(saved.id)) return;
    this.#change(saved.id, { state: "waiting" });
    void keep(saved);
    this.#next();
  }

  #next(): void {
    const list = this.list.get();
    const free = AT_ONCE - list.filter((upload) => upload.state === "sending").length;
    for (const upload of list.filter((one) => one.state === "waiting").slice(0, Math.max(0, free))) {
      const job = this.#jobs.get(upload.id);
      if (job) job.run = this.#run(job, job.run);
    }
  }

  async #run(job: Job, former: Promise<void> | null): Promise<void> {
    const { saved } = job;
    // One that is cancelled has none any more, though it is still looked at here.
    const file = saved.file as File;
    const stop = new AbortController();
    job.stop = stop;
    job.expected = false;
    this.#change(saved.id, { state: "sending", failure: null });
    try {
      // One that was stopped a moment ago comes to its end first; it may be asking for a place.
      await former;
      stop.signal.throwIfAborted();
      if ((saved.lectureId ?? saved.documentId) && !(await this.#expects(saved))) {
        Object.assign(saved, { lectureId: null, documentId: null, key: null, multipart: null, captionsSent: false, sent: false });
      }
      stop.signal.throwIfAborted();
      job.expected = true;
      if (!saved.sent) {
        // It could not be looked at while the server, which says what it takes, was away.
        saved.kind ??= await check(file, (await this.link.discovery()).limits);
        stop.signal.throwIfAborted();
        await sendFile(this.link, saved, file, stop.signal, (progress) => {
          if (!stop.signal.aborted) this.#change(saved.id, { ...progress, ...names(saved) });
        });
      }
      // It was cancelled as its last bytes arrived.
      if (saved.leaving) return;
      this.#change(saved.id, { state: "processing", sent: saved.bytes, speed: 0, secondsLeft: null, ...names(saved) });
      // The file is on the server, so the browser need not hold it.
      saved.file = null;
      void keep(saved);
      await this.#makeWay(saved);
      await (saved.documentId ? this.documents : this.lectures).refresh();
      this.#follow();
    } catch (error) {
      if (!stop.signal.aborted) this.#fail(saved.id, toFailure(error));
    } finally {
      // One that was paused as it was given a name has it all the same.
      this.#change(saved.id, names(saved));
      if (job.stop === stop) job.stop = job.run = null;
      this.#next();
    }
  }

  #unusable() {
    return unusable(this.lectures.state.get().list, this.documents.state.get().list);
  }

  /** Takes what could not be used off the shelf, now that its file is there once more. Where that fails it stays, and can be deleted. */
  async #makeWay(saved: Saved): Promise<void> {
    const shelf = saved.documentId ? this.documents : this.lectures;
    const former = this.#unusable().filter(({ id, s3Key }) => saved.before?.includes(id) && saved.key && sameFile(s3Key, saved.key));
    await Promise.allSettled(former.map(({ id }) => shelf.remove(id)));
  }

  #fail(id: string, failure: Failure): void {
    this.#change(id, { state: "failed", speed: 0, secondsLeft: null, failure: failure.toDto() });
    if (failure.code !== code.diskFull) return;
    setTimeout(() => {
      if (this.list.get().some((upload) => upload.id === id && upload.failure?.code === code.diskFull)) this.resume(id);
    }, ROOM_MS);
  }

  /** Whether the server still waits for this file; when it is there already, that is noted. */
  async #expects(saved: Saved): Promise<boolean> {
    try {
      const rest = await this.link.rest();
      const { state } = saved.documentId ? await getDocument(rest, saved.documentId) : await getLecture(rest, saved.lectureId ?? "");
      if (state === "failed") return false;
      if (state !== "uploading") saved.sent = true;
      return true;
    } catch (error) {
      if (toFailure(error).code === code.unreachable) throw error;
      return false;
    }
  }

  /** Uploads end when what they become is ready or refused. */
  #follow(): void {
    const over = (state: string | undefined) => state === "ready" || state === "failed";
    const lectures = this.lectures.state.get().list?.filter(({ state }) => over(state)).map(({ lectureId }) => lectureId);
    const documents = this.documents.state.get().list?.filter(({ state }) => over(state)).map(({ documentId }) => documentId);
    for (const upload of this.list.get()) {
      if (upload.state !== "processing") continue;
      const ended = upload.documentId ? documents?.includes(upload.documentId) : lectures?.includes(upload.lectureId ?? "");
      if (ended && !this.#ending.has(upload.id)) void this.#end(upload);
    }
  }

  /** Until it has ended it is remembered, so that a page that is closed meanwhile leaves it to the next visit. */
  async #end({ id, documentId }: Upload): Promise<void> {
    this.#ending.add(id);
    try {
      // What its file took the place of is told by the library as it is now, not by the one that the drop found.
      const kept = documentId && (await giveWay(documentId, await getDocuments(await this.link.rest()), this.documents, this.classes));
      void forget(id);
      this.#jobs.delete(id);
      // Its own row in the library says how it stands; the upload has nothing to add but what it left beside that.
      if (kept) this.#change(id, { state: "ready", failure: kept.toDto() });
      else this.list.update((list) => list.filter((one) => one.id !== id));
    } catch {
      // The library is asked again when the server answers, and then this is tried once more.
    } finally {
      this.#ending.delete(id);
    }
  }

  #change(id: string, change: Partial<Upload>): void {
    this.list.update((list) => list.map((upload) => (upload.id === id ? { ...upload, ...change } : upload)));
  }
}

function jobOf(saved: Saved): Job {
  return { saved, stop: null, run: null, expected: false, rest: SOONEST_MS, resting: undefined };
}

function nothing(id: string, { name, size }: { name: string; size: number }): Upload {
  return { id, name, bytes: size, state: "checking", sent: 0, speed: 0, secondsLeft: null, captions: null, lectureId: null, documentId: null, failure: null };
}

function fresh(saved: Saved): Upload {
  return { ...nothing(saved.id, { name: saved.name, size: saved.bytes }), captions: saved.captions?.name ?? null, ...names(saved) };
}

/** What a file becomes; nothing until the server has named it. */
function names({ lectureId, documentId }: Saved) {
  return { lectureId, documentId: documentId ?? null };
}
