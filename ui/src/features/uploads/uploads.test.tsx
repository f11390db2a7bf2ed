/** What a person sees of an upload and can do about it. */
import { act, cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { Bridge, Upload } from "@/shared/bridge/bridge";
import { BridgeProvider } from "@/shared/bridge/context";
import { Cell } from "@/shared/store/watch";
import { LiveRegion } from "@/shared/ui/live";
import { UploadList, UploadNews, UploadPill } from "./uploads";

const upload = (more: Partial<Upload>): Upload => ({
  id: "1", name: "week 3.mp3", bytes: 10_000_000, state: "sending", sent: 2_500_000, speed: 500_000, secondsLeft: 15,
  captions: null, lectureId: null, documentId: null, failure: null, ...more,
});

afterEach(cleanup);

function show(...list: Upload[]) {
  const acts = { pause: vi.fn(), resume: vi.fn(), retry: vi.fn(), cancel: vi.fn(), dismiss: vi.fn() };
  const uploads = { list: new Cell(list), ...acts };
  render(
    <BridgeProvider bridge={{ uploads } as unknown as Bridge}>
      <UploadList />
    </BridgeProvider>,
  );
  return acts;
}

test("progress, speed and time left are shown, and it can be paused", () => {
  const { pause } = show(upload({ captions: "week 3.vtt" }));
  expect(screen.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("25");
  expect(screen.getByText(/2\.5 MB of 10 MB · 500 kB a second · 15 sec left/)).toBeTruthy();
  expect(screen.getByText(/with captions/)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Pause week 3.mp3" }));
  expect(pause).toHaveBeenCalledWith("1");
});

test("one that waits for its turn can be paused, so that another goes first", () => {
  const { pause } = show(upload({ state: "waiting", sent: 0 }));
  fireEvent.click(screen.getByRole("button", { name: "Pause week 3.mp3" }));
  expect(pause).toHaveBeenCalledWith("1");
});

test("what was sent is given up only after a question, and what was not at once", async () => {
  const { cancel } = show(upload({}), upload({ id: "2", name: "b.wav", state: "waiting", sent: 0 }));
  fireEvent.click(screen.getByRole("button", { name: "Cancel b.wav" }));
  expect(cancel).toHaveBeenCalledWith("2");
  fireEvent.click(screen.getByRole("button", { name: "Cancel week 3.mp3" }));
  expect(cancel).toHaveBeenCalledTimes(1);
  expect(screen.getByText(/The 2\.5 MB of 10 MB that were sent are removed/)).toBeTruthy();
  fireEvent.submit(screen.getByRole("button", { name: "Stop and remove" }).closest("form") as HTMLFormElement);
  await waitFor(() => expect(cancel).toHaveBeenCalledWith("1"));
});

test("what arrived of an upload that failed is given up only after a question, too", () => {
  const failure = { code: "server_unreachable", message: "the server does not answer", retryable: true };
  const { cancel } = show(upload({ state: "failed", lectureId: "l", failure }));
  fireEvent.click(screen.getByRole("button", { name: "Take week 3.mp3 off the list" }));
  expect(cancel).not.toHaveBeenCalled();
  expect(screen.getByText(/If all of it has arrived .* it stays in the library\. Otherwise the 2\.5 MB of 10 MB that were sent are removed/)).toBeTruthy();
  expect(screen.getByRole("button", { name: "Take off the list" })).toBeTruthy();
});

test("an upload whose file is not at hand is given up only after a question where something may have come of it", async () => {
  const { cancel } = show(upload({ state: "lost", sent: 0, lectureId: "l" }), upload({ id: "2", name: "b.wav", state: "lost", sent: 0 }));
  fireEvent.click(screen.getByRole("button", { name: "Take b.wav off the list" }));
  expect(cancel.mock.calls).toEqual([["2"]]);
  fireEvent.click(screen.getByRole("button", { name: "Take week 3.mp3 off the list" }));
  expect(cancel).toHaveBeenCalledTimes(1);
  expect(screen.getByText(/it stays in the library\. Otherwise whatever was sent of it is removed/)).toBeTruthy();
  fireEvent.submit(screen.getByRole("button", { name: "Take off the list" }).closest("form") as HTMLFormElement);
  await waitFor(() => expect(cancel).toHaveBeenCalledWith("1"));
});

test("a failure says what to do, and only one that may pass can be tried again", () => {
  const failure = { code: "upload_failed", message: "the upload was interrupted", retryable: true };
  const { retry } = show(upload({ state: "failed", failure }), upload({ id: "2", name: "notes.txt", state: "failed", failure: { ...failure, retryable: false } }));
  expect(screen.getAllByText("The upload was interrupted.").length).toBe(2);
  const again = screen.getAllByRole("button", { name: /Try .* again/ });
  expect(again.length).toBe(1);
  fireEvent.click(again[0] as Element);
  expect(retry).toHaveBeenCalledWith("1");
});

test("what stays beside a document that is ready is said, and taken off the list without a question", () => {
  const failure = { code: "forbidden", message: "“Tides” as it was read before stays beside it", retryable: false };
  const { dismiss } = show(upload({ state: "ready", sent: 10_000_000, documentId: "d", failure }), upload({ id: "2", name: "b.wav", state: "ready" }));
  expect(screen.getAllByTestId("upload")).toHaveLength(1);
  expect(screen.getByRole("heading").textContent).toBe("Uploads");
  expect(screen.getByText(/as it was read before stays beside it\./)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Take week 3.mp3 off the list" }));
  expect(dismiss).toHaveBeenCalledWith("1");
});

test("a file the browser did not keep is asked for again", () => {
  show(upload({ state: "lost" }));
  expect(screen.getByText(/Drop it here again/)).toBeTruthy();
});

test("a file that is not where it was is named, and looked for again", () => {
  const failure = { code: "file_unreadable", message: "/media/week 3.mp3 is not there any more; bring it back", retryable: false };
  const { retry } = show(upload({ state: "lost", failure }));
  expect(screen.getByText(/is not there any more; bring it back\./)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: /Try .* again/ }));
  expect(retry).toHaveBeenCalledWith("1");
});

test("what has arrived is left to the library", () => {
  show(upload({ state: "processing" }));
  expect(screen.queryByTestId("upload")).toBeNull();
});

test("what becomes of uploads is said once, on every screen, and all of it", () => {
  const list = new Cell([upload({}), upload({ id: "2", name: "b.wav" })]);
  render(
    <BridgeProvider bridge={{ uploads: { list } } as unknown as Bridge}>
      <UploadNews />
      <LiveRegion />
    </BridgeProvider>,
  );
  const said = () => screen.getByTestId("live").textContent;
  expect(said()).toBe("week 3.mp3 is being sent. b.wav is being sent.");
  const failure = { code: "upload_failed", message: "the upload was interrupted", retryable: true };
  act(() => list.set([upload({ sent: 3_000_000 }), upload({ id: "2", name: "b.wav", state: "failed", failure })]));
  expect(said()).toBe("b.wav: The upload was interrupted.");
  act(() => list.set([upload({ state: "processing" })]));
  expect(said()).toBe("week 3.mp3 has arrived and is being worked on.");
});

test("a wait is shown and said once, however often it is tried again, until something comes of it", () => {
  const failure = { code: "disk_full", message: "the server's disk is full; it goes on by itself when there is room", retryable: true };
  const waits = upload({ state: "failed", sent: 2_500_000, failure });
  const list = new Cell([waits]);
  render(
    <BridgeProvider bridge={{ uploads: { list } } as unknown as Bridge}>
      <UploadList />
      <UploadNews />
      <LiveRegion />
    </BridgeProvider>,
  );
  const said = () => screen.getByTestId("live").textContent;
  const words = () => screen.getByTestId("upload").querySelector(".upload-words")?.textContent;
  const full = "week 3.mp3: The server's disk is full; it goes on by itself when there is room.";
  expect(said()).toBe(full);
  const tries = [upload({ state: "waiting", sent: 0 }), upload({ state: "sending", sent: 0 }), upload({ state: "sending", sent: 2_500_000 }), waits];
  for (const now of [...tries, ...tries]) {
    act(() => list.set([now]));
    expect([said(), `week 3.mp3: ${words()}`]).toEqual([full, full]);
  }
  act(() => list.set([upload({ sent: 2_600_000 })]));
  expect([said(), words()]).toEqual(["week 3.mp3 is being sent.", expect.stringContaining("2.6 MB of 10 MB")]);
  act(() => list.set([waits]));
  expect(said()).toBe(full);
});

test("whoever tries a waiting upload again themselves sees and hears what comes of it, though the shell takes a moment and others go on", () => {
  const failure = { code: "disk_full", message: "the server's disk is full", retryable: true };
  const waits = upload({ state: "failed", failure });
  const other = upload({ id: "2", name: "b.wav" });
  const [list, retry] = [new Cell([waits, other]), vi.fn()];
  render(
    <BridgeProvider bridge={{ uploads: { list, retry } } as unknown as Bridge}>
      <UploadList />
      <UploadNews />
      <UploadPill />
      <LiveRegion />
    </BridgeProvider>,
  );
  const said = () => screen.getByTestId("live").textContent;
  const pill = () => screen.getByRole("link").textContent;
  for (let time = 1; time <= 2; time++) {
    expect([said(), pill()]).toEqual([expect.stringContaining("week 3.mp3: The server's disk is full."), "An upload needs you"]);
    fireEvent.click(screen.getByRole("button", { name: "Try week 3.mp3 again" }));
    expect(retry).toHaveBeenCalledTimes(time);
    act(() => list.set([waits, { ...other, sent: 3_000_000 }]));
    for (const state of ["waiting", "sending"] as const) act(() => list.set([upload({ state, sent: 0 }), other]));
    expect([said(), pill()]).toEqual(["week 3.mp3 is being sent.", "Uploading, 13%"]);
    expect(screen.getByText(/0 bytes of 10 MB/)).toBeTruthy();
    act(() => list.set([waits, other]));
  }
});

test("on other screens one line says how far everything is, or that somebody is needed", () => {
  const list = new Cell([upload({}), upload({ id: "2", sent: 7_500_000 })]);
  render(
    <BridgeProvider bridge={{ uploads: { list } } as unknown as Bridge}>
      <UploadPill />
    </BridgeProvider>,
  );
  expect(screen.getByRole("link").textContent).toBe("Uploading, 50%");
  act(() => list.set([upload({ state: "failed" })]));
  expect(screen.getByRole("link").textContent).toBe("An upload needs you");
});
