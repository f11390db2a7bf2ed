/** Sends a question and hands out its answer; the speech goes to the speaker, each stretch once. */
import { Failure, code } from "@/shared/failure";
import type { ClientMessage } from "@/shared/protocol";
import type { Asked, Asking, AskEvent, AskRequest, Scope } from "../bridge";
import { resampleMono } from "@/shared/audio/resample";
import { normalised, trimmed } from "@/shared/audio/level";
import { Stretches } from "@/shared/audio/stretches";
import { encodeWav } from "@/shared/audio/wav";
import { Words } from "@/shared/audio/words";
import { fresh } from "./called";
import type { Captured } from "./recorder";
import type { Link } from "./link";
import { putOnce } from "./uploads/put";
import type { StreamPlayer } from "./speaker";

/** What recognisers listen at. */
const WIRE_RATE = 16_000;
const LONGEST_TEXT = 2_000;

export class BrowserAsking implements Asking {
  constructor(
    private readonly link: Link,
    private readonly speaker: StreamPlayer,
  ) {}

  async ask(request: AskRequest, on: (event: AskEvent) => void): Promise<Asked> {
    const queryId = `q-${fresh()}`;
    const sessionId = request.sessionId ?? `s-${fresh()}`;
    const { question } = request;
    const text = "text" in question ? checked(question.text) : undefined;
    const s3Key = "text" in question ? undefined : await this.#send(queryId, question.recording.content as Captured);
    const speech = this.speaker.begin();
    const words = new Words(({ from, to }) => on({ type: "word", from, to }));
    const stretches = new Stretches();
    let heard = false;
    this.link.socket.query(
      {
        type: "query",
        queryId,
        sessionId,
        ...named(request.scope),
        playhead: request.playhead,
        page: request.page,
        speech: request.speech,
        ...(text === undefined ? { s3Key } : { text }),
      },
      (message) => {
        if (message.type === "spoken_words") return words.told(message.index, message.words);
        if (message.type !== "audio_chunk") {
          if (message.type === "answer_done" || message.type === "error" || message.type === "cancelled") speech.end();
          return on(message);
        }
        if (message.format !== "pcm_s16le") return;
        // What came before comes again after an interruption: the speech goes on where it was.
        const samples = decodePcm(message.data);
        const known = stretches.take(message.index, samples.length);
        if (known === samples.length) return;
        const ms = speech.push(samples.slice(known), message.sampleRate);
        if (ms !== null) words.stretch(message.index, ms - (known / message.sampleRate) * 1_000);
        if (!heard) {
          heard = true;
          on({ type: "first_sound" });
        }
      },
    );
    const cancel = () => {
      speech.stop();
      words.stop();
      this.link.socket.cancel(queryId);
    };
    return { queryId, sessionId, cancel };
  }

  async #send(queryId: string, { samples, rate }: Captured): Promise<string> {
    const { limits } = await this.link.discovery();
    if (samples.length / rate > limits.querySeconds) {
      throw new Failure(code.tooLong, `a spoken question may take ${limits.querySeconds} seconds; ask shorter`);
    }
    const wav = encodeWav(normalised(resampleMono(trimmed(samples, rate), rate, WIRE_RATE)), WIRE_RATE);
    const place = await this.link.socket.place({
      type: "request_upload",
      fileName: `question-${queryId}.wav`,
      bytes: wav.size,
      purpose: "query",
      queryId,
    });
    await putOnce(place.uploadUrl, wav, place.contentType);
    return place.s3Key;
  }
}

type Named = Pick<Extract<ClientMessage, { type: "query" }>, "lectureId" | "documentId" | "sources" | "everything">;

/** What is asked, in the one field of the message that says it. */
export function named(scope: Scope): Named {
  if (scope === "everything") return { lectureId: "", everything: true };
  const [only, another] = scope;
  if (another || !only) return { lectureId: "", sources: scope };
  return only.documentId ? { lectureId: "", documentId: only.documentId } : { lectureId: only.lectureId ?? "" };
}

/** Little-endian 16-bit samples from base64, as numbers from -1 to 1. */
export function decodePcm(data: string): Float32Array<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const samples = new Float32Array(bytes.length >> 1);
  for (let i = 0; i < samples.length; i++) samples[i] = view.getInt16(i * 2, true) / 32768;
  return samples;
}

function checked(text: string): string {
  const trimmed = text.trim();
  if (!trimmed) throw new Failure(code.emptyQuestion, "the question is empty");
  if ([...trimmed].length > LONGEST_TEXT) throw new Failure(code.longQuestion, `a question may have ${LONGEST_TEXT} characters; ask shorter`);
  return trimmed;
}
