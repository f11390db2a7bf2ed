/** Which microphone is open, whenever it was chosen, and how much of it is recorded. */
import { afterEach, expect, test, vi } from "vitest";
import { soon } from "@/shared/soon";
import { MicrophoneRecorder } from "./recorder";

interface Request {
  device: string;
  open(): void;
  fail(): void;
}

/** A browser in which every device opens, or fails to, when it is told. */
function stage() {
  const requests: Request[] = [];
  const listened = new Set<string>();
  let plugIn: () => void = () => undefined;
  const ports: { onmessage?: (heard: { data: Float32Array }) => void }[] = [];
  const getUserMedia = ({ audio }: { audio: { deviceId?: { ideal: string } } }) =>
    new Promise((resolve, reject) => {
      const device = audio.deviceId?.ideal ?? "";
      const open = () => {
        listened.add(device);
        const track = { stop: () => listened.delete(device), getSettings: () => ({}), addEventListener: () => undefined };
        resolve({ getTracks: () => [track], getAudioTracks: () => [track] });
      };
      requests.push({ device, open, fail: () => reject(new DOMException("it is not there", "NotFoundError")) });
    });
  vi.stubGlobal("navigator", { mediaDevices: { getUserMedia, addEventListener: (_: string, changed: () => void) => (plugIn = changed) } });
  vi.stubGlobal(
    "AudioContext",
    class {
      sampleRate = 48_000;
      audioWorklet = { addModule: async () => undefined };
      createMediaStreamSource = () => ({ connect: () => undefined });
      close = async () => undefined;
    },
  );
  vi.stubGlobal(
    "AudioWorkletNode",
    class {
      port = {};
      constructor() {
        ports.push(this.port);
      }
    },
  );
  const request = async (number: number) => {
    await soon(() => expect(requests.length).toBe(number));
    return requests[number - 1] as Request;
  };
  const recorder = new MicrophoneRecorder(async () => 2);
  const say = (seconds: number) => ports.at(-1)?.onmessage?.({ data: new Float32Array(seconds * 48_000).fill(0.5) });
  return { recorder, listened, request, say, plugIn: () => plugIn() };
}

afterEach(() => vi.unstubAllGlobals());

test.each([
  { chosen: ["second"], last: "second" },
  { chosen: ["second", "third"], last: "third" },
])("of $chosen chosen while another is being opened the last one is kept", async ({ chosen, last }) => {
  for (const found of [true, false]) {
    const { recorder, listened, request } = stage();
    await recorder.use("first");
    const opening = recorder.open();
    const first = await request(1);
    const choices = chosen.map((device) => recorder.use(device));
    if (found) first.open();
    else first.fail();
    const second = await request(2);
    expect(second.device).toBe(last);
    second.open();
    await Promise.all([opening, ...choices]);
    expect([...listened], "nothing else listens").toEqual([last]);
    expect(recorder.state.get().phase).toBe("ready");
  }
});

test("whoever comes back to the first choice meanwhile has it without another opening", async () => {
  const { recorder, listened, request } = stage();
  await recorder.use("first");
  const opening = recorder.open();
  const first = await request(1);
  const choices = ["second", "first"].map((device) => recorder.use(device));
  first.open();
  await Promise.all([opening, ...choices]);
  expect([...listened]).toEqual(["first"]);
});

test("a choice made where a microphone failed opens at once", async () => {
  const { recorder, listened, request } = stage();
  await recorder.use("first");
  const opening = recorder.open();
  (await request(1)).fail();
  await expect(opening).rejects.toMatchObject({ code: "no_microphone" });
  expect(recorder.state.get().phase).toBe("failed");
  const choice = recorder.use("second");
  (await request(2)).open();
  await choice;
  expect([...listened]).toEqual(["second"]);
  expect(recorder.state.get().phase).toBe("ready");
});

test("one that is not needed any more when it is open is closed, and a choice opens nothing", async () => {
  const { recorder, listened, request } = stage();
  const opening = recorder.open();
  const first = await request(1);
  recorder.close();
  await recorder.use("second");
  first.open();
  await expect(opening).rejects.toMatchObject({ code: "stopped" });
  expect([...listened]).toEqual([]);
  expect(recorder.state.get().phase).toBe("closed");
});

test("a microphone that is plugged in while it is looked for is found", async () => {
  const { recorder, request, plugIn } = stage();
  const opening = recorder.open();
  const before = await request(1);
  plugIn();
  before.fail();
  (await request(2)).open();
  await opening;
  expect(recorder.state.get().phase).toBe("ready");
});

test("a recording that is as long as it may be waits to be finished, and is no longer than that", async () => {
  for (const givenUp of [true, false]) {
    const { recorder, request, say } = stage();
    const starting = recorder.start();
    (await request(1)).open();
    await starting;
    say(1.5);
    expect(recorder.state.get().phase).toBe("recording");
    say(1);
    expect(recorder.state.get().phase).toBe("full");
    say(1);
    if (givenUp) {
      recorder.discard();
      expect(await recorder.finish()).toBeNull();
    } else {
      expect((await recorder.finish())?.seconds).toBe(2);
    }
    expect(recorder.state.get().phase).toBe("ready");
  }
});
