/** A recording that cannot be reached for a while. */
import { expect, test, vi } from "vitest";
import { Failure } from "@/shared/failure";
import { soon } from "@/shared/soon";
import { Playback } from "./playback";

const away = new Failure("server_unreachable", "the server does not answer", true);

function recording(address: () => Promise<string>) {
  const element = document.createElement("audio");
  Object.defineProperty(element, "readyState", { value: HTMLMediaElement.HAVE_METADATA, writable: true });
  const play = vi.spyOn(element, "play").mockResolvedValue(undefined);
  vi.spyOn(element, "pause").mockImplementation(() => undefined);
  return { playback: new Playback(element, address, 60, 1), play };
}

test("what was to be heard while the server was away is heard when it is back, from the same place", async () => {
  const address = vi.fn().mockRejectedValueOnce(away).mockResolvedValue("http://here/a.wav");
  const { playback, play } = recording(address);
  playback.seek(42);
  await playback.play();
  expect(playback.state.get().failure?.code).toBe("server_unreachable");
  expect(play).not.toHaveBeenCalled();
  playback.recover();
  await soon(() => expect(play).toHaveBeenCalledOnce());
  expect([playback.state.get().failure, playback.element.currentTime]).toEqual([null, 42]);
});

test("what was paused stays paused when the server is back", async () => {
  const { playback, play } = recording(vi.fn().mockRejectedValueOnce(away).mockResolvedValue("http://here/a.wav"));
  await playback.play();
  playback.pause();
  playback.recover();
  await new Promise((resolve) => setTimeout(resolve));
  expect([playback.state.get().failure, play.mock.calls.length]).toEqual([null, 0]);
});

test("a clip plays once the player knows the recording and has found the place, and not when it was stopped meanwhile", async () => {
  const { playback, play } = recording(async () => "http://here/a.wav");
  Object.assign(playback.element, { readyState: HTMLMediaElement.HAVE_NOTHING });
  Object.defineProperty(playback.element, "seeking", { value: true, writable: true });
  const clip = playback.playClip({ from: 42, to: 45 });
  const settle = () => new Promise((resolve) => setTimeout(resolve));
  await settle();
  playback.element.dispatchEvent(new Event("loadedmetadata"));
  await settle();
  expect(play).not.toHaveBeenCalled();
  playback.element.dispatchEvent(new Event("seeked"));
  await clip;
  expect([play.mock.calls.length, playback.element.currentTime]).toEqual([1, 42]);

  const again = playback.playClip({ from: 12, to: 15 });
  await settle();
  playback.pause();
  playback.element.dispatchEvent(new Event("seeked"));
  await again;
  expect(play).toHaveBeenCalledOnce();
});

test("a player that does not move begins anew at its place, and one that moves is left alone", async () => {
  vi.useFakeTimers({ toFake: ["performance", "requestAnimationFrame", "cancelAnimationFrame"] });
  try {
    const { playback, play } = recording(async () => "http://here/a.wav");
    const { element } = playback;
    Object.defineProperty(element, "paused", { value: false });
    const load = vi.spyOn(element, "load").mockImplementation(() => undefined);
    playback.seek(42);
    await playback.play();
    vi.advanceTimersByTime(3_000);
    expect(load).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2_000);
    expect([load.mock.calls.length, play.mock.calls.length, element.currentTime]).toEqual([1, 2, 42]);
    for (let second = 43; second < 60; second++) {
      element.currentTime = second;
      vi.advanceTimersByTime(1_000);
    }
    expect(load).toHaveBeenCalledOnce();
    playback.pause();
  } finally {
    vi.useRealTimers();
  }
});
