/** The bridge of the desktop: forwards to the shell's commands and listens to its events. Holds no logic. */
import { getCurrentWebview } from "@tauri-apps/api/webview";
import { Words } from "@/shared/audio/words";
import { Failure } from "@/shared/failure";
import { preferences } from "@/shared/preferences";
import { Cell } from "@/shared/store/watch";
import { type Asking, type Bridge, type Connection, type DeviceList, type Discovery, type DocumentsState, ends, type LecturesState, type RecorderState, type Standing, type Upload } from "../bridge";
import { call, follow, on } from "./call";
import { desktopClasses } from "./classes";
import type { Events } from "./commands";
import { desktopPacks } from "./packs";

export function desktopBridge(): Bridge {
  return {
    kind: "desktop",
    connection: connection(),
    server: server(),
    accounts: accounts(),
    lectures: lectures(),
    classes: desktopClasses(),
    packs: desktopPacks(),
    documents: documents(),
    uploads: uploads(),
    asking: asking(),
    sessions: {
      list: (of) => call("sessions", { of: of ?? null }),
      get: (id) => call("session", { id }),
      rename: (id, title) => call("rename_session", { id, title }),
      remove: (id) => call("delete_session", { id }),
      markdown: (id) => call("session_markdown", { id }),
      save: (fileName, text) => call("save_text", { fileName, text }),
    },
    recorder: recorder(),
    speaker: speaker(),
    devices: devices(),
    opened: opened(),
  };
}

function connection(): Cell<Connection> {
  const cell = new Cell<Connection>({ phase: "connecting" });
  follow("connection", ({ phase, failure }) => cell.set({ phase, failure: failure ? Failure.of(failure) : undefined }));
  return cell;
}

function server(): Bridge["server"] {
  const address = new Cell("");
  void call("server_address").then(address.set);
  return {
    address,
    discovery: () => call("discovery") as Promise<Discovery>,
    reconnect: () => void call("reconnect"),
    use: async (to) => {
      await call("use_server", { address: to });
      address.set(to);
    },
    storage: () => call("storage"),
    engines: () => call("engines"),
    voices: () => call("voices"),
    retention: { days: () => call("retention"), keepFor: (days) => call("keep_for", { days }) },
  };
}

/** No token comes to the page: the shell holds them. */
function accounts(): Bridge["accounts"] {
  const standing = new Cell<Standing>({ state: "guest" });
  follow("account", standing.set);
  return {
    standing,
    resting: () => call("account_resting"),
    register: (form) => call("register", { form: { ...form, name: form.name || null, invitation: form.invitation || null } }),
    verify: (email, code) => call("verify_email", { email, code }),
    verifyAgain: (email) => call("verify_email_again", { email }),
    forgotten: (email) => call("forgotten_password", { email }),
    reset: (email, code, password) => call("reset_password", { email, code, password }),
    signIn: (email, password, answer) => call("sign_in", { email, password, answer: answer ?? null }),
    signOut: (everywhere) => call("sign_out", { everywhere }),
    signIns: () => call("sign_ins"),
    endSignIn: (id) => call("end_sign_in", { id }),
    export: () => call("export_account"),
    remove: (password) => call("delete_account", { password }),
  };
}

function lectures(): Bridge["lectures"] {
  const state = new Cell<LecturesState>({ list: undefined, windows: {}, corrected: {} });
  void on("lectures", ({ list, windows, corrected, failure }) => state.set({ list, windows, corrected, failure: failure ? Failure.of(failure) : undefined }));
  const refresh = async () => {
    try {
      const list = await call("lectures");
      state.update((was) => ({ ...was, list, failure: undefined }));
    } catch (error) {
      state.update((was) => ({ ...was, failure: error as Failure }));
    }
  };
  void refresh();
  return {
    state,
    refresh,
    rename: async (id, title) => (await call("rename_lecture", { id, title }), refresh()),
    remove: async (id) => (await call("delete_lecture", { id }), refresh()),
    transcript: (id) => call("transcript", { id }),
    report: (id) => call("report", { id }),
    waveform: (id, points) => call("waveform", { id, points }),
    audio: (id) => call("audio", { id }),
    correct: (id, correction) => call("correct_phrase", { id, correction }),
  };
}

function documents(): Bridge["documents"] {
  const state = new Cell<DocumentsState>({ list: undefined, steps: {} });
  void on("documents", ({ list, steps, failure }) => state.set({ list, steps, failure: failure ? Failure.of(failure) : undefined }));
  const refresh = async () => {
    try {
      const list = await call("documents");
      state.update((was) => ({ ...was, list, failure: undefined }));
    } catch (error) {
      state.update((was) => ({ ...was, failure: error as Failure }));
    }
  };
  void refresh();
  return {
    state,
    refresh,
    rename: async (id, title) => (await call("rename_document", { id, title }), refresh()),
    remove: async (id) => (await call("delete_document", { id }), refresh()),
    outline: (id) => call("outline", { id }),
    pages: (id, from, to) => call("pages", { id, from, to }),
    unread: (id) => call("unread_pages", { id }),
    picture: async (id, page, width, part) => new Blob([await call("page_picture", { id, page, width, part: part ?? null })], { type: "image/png" }),
    cover: async (id, width) => new Blob([await call("cover", { id, width })], { type: "image/png" }),
  };
}

function uploads(): Bridge["uploads"] {
  const list = new Cell<Upload[]>([]);
  follow("uploads", list.set);
  const resume = (id: string) => void call("resume_upload", { id });
  return {
    list,
    pick: (what) => call("pick_uploads", { what }),
    receive: (over) => {
      // The shell looks for files: a webview does not show the page where copied ones are.
      const pasted = ({ target }: ClipboardEvent) => {
        if (!(target instanceof Element && target.matches("input, textarea"))) void call("paste_uploads");
      };
      window.addEventListener("paste", pasted);
      const ending = getCurrentWebview().onDragDropEvent(({ payload }) => {
        if (payload.type === "enter") over(true);
        if (payload.type === "leave") over(false);
        if (payload.type === "drop") {
          over(false);
          void call("add_uploads", { paths: payload.paths });
        }
      });
      return () => {
        window.removeEventListener("paste", pasted);
        void ending.then((end) => end());
      };
    },
    pause: (id) => void call("pause_upload", { id }),
    resume,
    retry: resume,
    cancel: (id) => void call("cancel_upload", { id }),
    dismiss: (id) => void call("dismiss_upload", { id }),
  };
}

function asking(): Asking {
  const waiting = new Map<string, (event: Events["answer"]) => void>();
  /** Events that came before the answer to `ask` told the question's name. */
  const early = new Map<string, Events["answer"][]>();
  /** How many such answers are waited for. */
  let unnamed = 0;
  void on("answer", (event) => {
    const id = event.type === "error" ? (event.about ?? event.queryId) : "queryId" in event ? event.queryId : null;
    if (!id) return;
    const listener = waiting.get(id);
    if (!listener) {
      early.set(id, [...(early.get(id) ?? []), event]);
      return;
    }
    if (ends(event)) waiting.delete(id);
    listener(event);
  });
  return {
    ask: async ({ question, scope, ...rest }, listener) => {
      const text = "text" in question ? question.text : null;
      const recording = "text" in question ? null : (question.recording.content as string);
      unnamed++;
      try {
        const { queryId, sessionId } = await call("ask", { ...rest, sources: scope === "everything" ? [] : scope, text, recording });
        const words = new Words(({ from, to }) => listener({ type: "word", from, to }));
        const hear = (event: Events["answer"]) => {
          if (event.type === "stretch") return words.stretch(event.index, event.ms);
          if (event.type === "spoken_words") return words.told(event.index, event.words);
          listener(event);
        };
        waiting.set(queryId, hear);
        for (const event of early.get(queryId) ?? []) {
          if (ends(event)) waiting.delete(queryId);
          hear(event);
        }
        early.delete(queryId);
        const cancel = () => {
          words.stop();
          waiting.delete(queryId);
          void call("cancel_question", { queryId });
        };
        return { queryId, sessionId, cancel };
      } finally {
        // What is left then is of questions that were given up.
        if (--unnamed === 0) early.clear();
      }
    },
  };
}

function recorder(): Bridge["recorder"] {
  const state = new Cell<RecorderState>({ phase: "closed" });
  const level = new Cell(0);
  void on("level", level.set);
  void on("recorder", ({ phase, failure }) => {
    if (phase === "failed") state.set({ phase, failure: Failure.of(failure ?? { code: "no_microphone", message: "no microphone was found", retryable: true }) });
    else state.set(phase === "recording" ? { phase, since: Date.now() } : { phase });
  });
  return {
    state,
    level,
    allowed: async () => true,
    open: () => call("open_microphone"),
    close: () => void call("close_microphone"),
    start: () => call("start_recording"),
    finish: async () => {
      const done = await call("finish_recording");
      return done && { seconds: done.seconds, content: done.id };
    },
    discard: () => void call("discard_recording"),
  };
}

function speaker(): Bridge["speaker"] {
  const speaking = new Cell(false);
  void on("speaking", speaking.set);
  return { speaking, hush: () => void call("hush"), test: () => call("test_speaker") };
}

function devices(): Bridge["devices"] {
  const list = new Cell<DeviceList>({ inputs: [], outputs: [] });
  void on("devices", list.set);
  const refresh = async () => list.set(await call("devices"));
  const follows = new Cell(true);
  let choices = 0;
  const use = async (input: string, output: string) => {
    const choice = ++choices;
    const led = await call("use_devices", { input, output });
    // What became of an earlier choice may be heard after the last one.
    if (choice === choices) follows.set(led);
  };
  const { input, output } = preferences.get();
  void use(input, output);
  void refresh();
  // Where the webview's own sound can be led anywhere, the shell leads all of it.
  return { list, follows, refresh, use, route: () => undefined };
}

function opened(): Bridge["opened"] {
  const cell = new Cell<{ address: string } | null>(null);
  // Opening the same address once more is news too.
  follow("opened", (address) => cell.set({ address }));
  return cell;
}
