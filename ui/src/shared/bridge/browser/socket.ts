/** The one WebSocket: connects, hands out what is heard, pings, renews, connects again. Knows no meaning of a question. */
import { Failure, code, toFailure } from "@/shared/failure";
import type { ClientMessage, ServerMessage } from "@/shared/protocol";
import { Cell } from "@/shared/store/watch";
import { type Connection, ends } from "../bridge";
import { unreachable } from "./discovery";

/** The gateway closes what is silent for ten minutes; while something is awaited, a dead line is noticed sooner. */
const PING_MS = 240_000;
const BUSY_PING_MS = 20_000;
const PONG_MS = 15_000;
/** The gateway closes after two hours; a new connection is made before. */
const RENEW_MS = 110 * 60_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** The server closes with this whoever is not let in any more. */
const TURNED_AWAY = 1008;
/** A request for a place is answered at once or not at all. */
const PLACE_MS = 20_000;
/** An answer that says nothing for this long is not coming. */
const SILENCE_MS = 90_000;

/** Why the keys at hand may open nothing any more: they were refused, or perhaps were. */
export type Stale = "turned_away" | "unopened";

type Place = Extract<ServerMessage, { type: "upload_url" }>;
type Request = Extract<ClientMessage, { type: "request_upload" }>;
type Query = Extract<ClientMessage, { type: "query" }>;

interface WaitingPlace {
  message: Request;
  resolve: (place: Place) => void;
  reject: (failure: Failure) => void;
  since: number;
}

interface WaitingAnswer {
  message: Query;
  on: (message: ServerMessage) => void;
  accepted: boolean;
  news: number;
}

export class Socket {
  readonly connection = new Cell<Connection>({ phase: "connecting" });
  readonly #listeners = new Set<(message: ServerMessage) => void>();
  readonly #places: WaitingPlace[] = [];
  readonly #answers = new Map<string, WaitingAnswer>();
  #socket: WebSocket | null = null;
  #pause = FIRST_PAUSE_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #opened = 0;
  #heard = 0;
  #pinged = 0;
  #attempt = 0;
  #stale: Stale | null = null;

  constructor(private readonly address: (stale: Stale | null) => Promise<string>) {
    setInterval(() => this.#tick(), 1000);
    globalThis.addEventListener?.("online", () => this.reconnect());
    void this.#connect();
  }

  /** Tries again at once. */
  reconnect(): void {
    if (this.connection.get().phase === "open") return;
    this.#pause = FIRST_PAUSE_MS;
    void this.#connect();
  }

  /** Another connection, because somebody else goes on. */
  renew(): void {
    this.#pause = FIRST_PAUSE_MS;
    void this.#connect();
  }

  /** News of lectures and documents. */
  onNews(listener: (message: ServerMessage) => void): void {
    this.#listeners.add(listener);
  }

  /** Asks where to put a recording. */
  place(message: Request): Promise<Place> {
    return new Promise((resolve, reject) => {
      this.#places.push({ message, resolve, reject, since: Date.now() });
      this.#say(message);
    });
  }

  /** Sends a question; it is sent again after a reconnect, and answered once because of its name. */
  query(message: Query, on: (message: ServerMessage) => void): void {
    this.#answers.set(message.queryId, { message, on, accepted: false, news: Date.now() });
    this.#say(message);
  }

  cancel(queryId: string): void {
    if (this.#answers.delete(queryId)) this.#say({ type: "cancel", queryId });
  }

  #say(message: ClientMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  async #connect(): Promise<void> {
    clearTimeout(this.#timer);
    const attempt = ++this.#attempt;
    this.connection.set({ phase: "connecting", failure: this.connection.get().failure });
    let socket: WebSocket;
    try {
      socket = new WebSocket(await this.address(this.#stale));
    } catch (error) {
      if (attempt === this.#attempt) this.#wait(toFailure(error));
      return;
    }
    if (attempt !== this.#attempt) return socket.close();
    this.#drop();
    this.#socket = socket;
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.#stale = null;
      this.#opened = this.#heard = Date.now();
      this.#pinged = 0;
      this.#pause = FIRST_PAUSE_MS;
      this.connection.set({ phase: "open" });
      for (const { message } of this.#places) this.#say(message);
      for (const { message } of this.#answers.values()) this.#say(message);
    };
    socket.onmessage = (event) => this.#hear(String(event.data));
    socket.onclose = ({ code: why }) => {
      if (this.#socket !== socket) return;
      // A page is not told why it was not let in; drawing new keys tells.
      this.#stale = why === TURNED_AWAY ? "turned_away" : opened ? null : "unopened";
      this.#wait(unreachable());
    };
  }

  #drop(): void {
    const old = this.#socket;
    this.#socket = null;
    if (!old) return;
    old.onclose = old.onmessage = old.onopen = null;
    old.close();
  }

  #wait(failure: Failure): void {
    this.#drop();
    const final = !failure.retryable;
    this.connection.set({ phase: final ? "refused" : "waiting", failure });
    if (final) this.#failAll(failure);
    this.#timer = setTimeout(() => void this.#connect(), this.#pause * (0.5 + Math.random() / 2));
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
  }

  #tick(): void {
    const now = Date.now();
    for (const waiting of this.#places.filter((place) => now - place.since > PLACE_MS)) {
      this.#places.splice(this.#places.indexOf(waiting), 1);
      waiting.reject(unreachable());
    }
    for (const [id, answer] of this.#answers) {
      if (now - answer.news > SILENCE_MS) this.#endWith(id, answer, unreachable());
    }
    if (this.connection.get().phase !== "open") return;
    if (this.#pinged && now - this.#pinged > PONG_MS) return this.#wait(unreachable());
    const busy = this.#places.length + this.#answers.size > 0;
    if (now - this.#opened > RENEW_MS && !busy) return void this.#connect();
    if (!this.#pinged && now - this.#heard > (busy ? BUSY_PING_MS : PING_MS)) {
      this.#pinged = now;
      this.#say({ type: "ping" });
    }
  }

  #hear(text: string): void {
    this.#heard = Date.now();
    this.#pinged = 0;
    let message: ServerMessage;
    try {
      message = JSON.parse(text) as ServerMessage;
    } catch {
      return;
    }
    // What is no message is passed over here, and what only a newer server says below.
    if (typeof message?.type !== "string") return;
    switch (message.type) {
      case "upload_url":
        return this.#placed(message);
      case "lecture_progress":
      case "lecture_ready":
      case "lecture_error":
      case "lecture_renamed":
      case "lecture_corrected":
      case "lecture_deleted":
      case "document_progress":
      case "document_ready":
      case "document_error":
      case "document_deleted":
        for (const listener of this.#listeners) listener(message);
        return;
      case "error":
        return this.#blame(message);
      default:
        if ("queryId" in message) this.#tell(message.queryId, message);
    }
  }

  #placed(place: Place): void {
    const at = this.#places.findIndex(({ message }) => message.fileName === place.fileName);
    if (at >= 0) this.#places.splice(at, 1)[0]?.resolve(place);
  }

  #tell(id: string, message: ServerMessage): void {
    const answer = this.#answers.get(id);
    if (!answer) return;
    answer.accepted = true;
    answer.news = Date.now();
    if (ends(message)) this.#answers.delete(id);
    answer.on(message);
  }

  /** An error without a name belongs to the request that was not taken yet. */
  #blame(message: Extract<ServerMessage, { type: "error" }>): void {
    // An answer that is not spoken goes on in writing.
    if (message.about != null) return this.#tell(message.about, message);
    const about = this.#places.findIndex(
      (place) => message.queryId == null || place.message.queryId === message.queryId,
    );
    if (about >= 0) {
      this.#places.splice(about, 1)[0]?.reject(Failure.of(message));
    } else if (message.queryId != null) {
      this.#tell(message.queryId, message);
    } else {
      const fresh = [...this.#answers].filter(([, answer]) => !answer.accepted);
      const [only] = fresh;
      if (fresh.length === 1 && only) this.#endWith(only[0], only[1], Failure.of(message));
    }
  }

  #endWith(id: string, answer: WaitingAnswer, failure: Failure): void {
    this.#answers.delete(id);
    answer.on({ type: "error", queryId: id, ...failure.toDto() });
  }

  #failAll(failure: Failure): void {
    for (const place of this.#places.splice(0)) place.reject(failure);
    for (const [id, answer] of [...this.#answers]) this.#endWith(id, answer, failure);
  }
}

export function stopped(): Failure {
  return new Failure(code.stopped, "it was stopped");
}
