/** Which microphones and loudspeakers there are, and which are used. */
import { Cell } from "@/shared/store/watch";
import type { Device, DeviceList, Devices } from "../bridge";
import type { MicrophoneRecorder } from "./recorder";
import type { StreamPlayer } from "./speaker";

export class BrowserDevices implements Devices {
  readonly list = new Cell<DeviceList>({ inputs: [], outputs: [] });
  readonly follows = new Cell("setSinkId" in HTMLMediaElement.prototype);
  #output = "";
  readonly #elements = new Set<WeakRef<HTMLMediaElement>>();

  constructor(
    private readonly recorder: MicrophoneRecorder,
    private readonly speaker: StreamPlayer,
  ) {
    navigator.mediaDevices?.addEventListener("devicechange", () => void this.refresh());
    void this.refresh();
  }

  async refresh(): Promise<void> {
    const found = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    const of = (kind: MediaDeviceKind): Device[] =>
      found
        .filter((device) => device.kind === kind && device.deviceId && device.deviceId !== "default" && device.deviceId !== "communications")
        .map((device, index) => ({ id: device.deviceId, name: device.label || `${index + 1}` }));
    this.list.set({ inputs: of("audioinput"), outputs: of("audiooutput") });
  }

  async use(input: string, output: string): Promise<void> {
    this.#output = output;
    for (const element of this.#elements) {
      const alive = element.deref();
      if (alive) this.#apply(alive);
    }
    await this.speaker.use(output);
    await this.recorder.use(input).catch(() => undefined);
  }

  route(element: HTMLMediaElement): void {
    this.#elements.add(new WeakRef(element));
    if (this.#output) this.#apply(element);
  }

  #apply(element: HTMLMediaElement): void {
    element.setSinkId?.(this.#output).catch(() => element.setSinkId("").catch(() => undefined));
  }
}
