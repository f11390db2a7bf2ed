/** The library as it is seen. */
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { Bridge, LecturesState, Upload } from "@/shared/bridge/bridge";
import { BridgeProvider } from "@/shared/bridge/context";
import type { LectureDto, ReportDto } from "@/shared/protocol";
import { Cell } from "@/shared/store/watch";
import { arrange } from "./arrange";
import { Library } from "./library";
import { Report } from "./report";

const lecture = (lectureId: string, title: string, more: Partial<LectureDto> = {}): LectureDto => ({
  lectureId, title, state: "ready", progress: 1, duration: 60, created: 1, own: true, addedBy: "you", s3Key: "k", ...more,
});

afterEach(cleanup);

function show(list: LectureDto[] | undefined, extra: Partial<LecturesState> = {}, sending: Partial<Upload>[] = []) {
  const state = new Cell<LecturesState>({ list, windows: {}, corrected: {}, ...extra });
  const rename = vi.fn(async () => undefined);
  const uploads = { list: new Cell(sending) };
  const bridge = { uploads, lectures: { state, rename, refresh: async () => undefined } } as unknown as Bridge;
  const add = vi.fn();
  render(
    <BridgeProvider bridge={bridge}>
      <Library onAdd={add} welcome={null} />
    </BridgeProvider>,
  );
  return { state, add, rename };
}

test("an empty library teaches how to fill it", () => {
  const { add } = show([]);
  fireEvent.click(screen.getByText(/Drop a lecture anywhere/));
  expect(add).toHaveBeenCalled();
});

test("a lecture being worked on shows its stage, one that failed says why, a ready one opens", () => {
  show(
    [
      lecture("1", "Working", { state: "transcribing", progress: 0.4 }),
      lecture("2", "Broken", { state: "failed", error: { code: "audio_silent", message: "it is silent; record it again", retryable: false } }),
      lecture("a b", "Ready"),
    ],
    { windows: { "1": { done: 2, total: 5 } } },
  );
  expect(screen.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("40");
  expect(screen.getByText("2 of 5")).toBeTruthy();
  expect(screen.getByText(/It is silent; record it again\./)).toBeTruthy();
  expect(screen.getByRole("link", { name: "Ready" }).getAttribute("href")).toBe("#/lecture/a%20b");
});

test("a lecture that is read from captions counts no parts", () => {
  show([lecture("1", "Read", { state: "transcribing", progress: 0.1 })], { windows: { "1": { done: 0, total: 0 } } });
  expect(screen.getByText("10%")).toBeTruthy();
  expect(screen.queryByText(/0 of 0/)).toBeNull();
});

test("a recording that was hard to hear is said to be", async () => {
  const report = (hardToHear: boolean): ReportDto => ({
    lectureId: "1", source: "recognised", duration: 45, speechShare: 0.9, silences: [], doubtful: [{ from: 1, to: 40 }], hardToHear,
    missing: [], skipped: [], notes: [], words: 100, passages: 2,
  });
  const see = (hard: boolean) => {
    const bridge = { lectures: { report: async () => report(hard) } } as unknown as Bridge;
    render(<BridgeProvider bridge={bridge}><Report lectureId={`hard-${hard}`} own={hard} /></BridgeProvider>);
  };
  see(true);
  await screen.findByText(/hard to hear; captions would help\. Drop a caption file/);
  cleanup();
  see(false);
  await screen.findByText(/100 words/);
  expect(screen.queryByText(/hard to hear/)).toBeNull();
});

test("the sample is not said to be uploaded while it is made", () => {
  show([lecture("s", "Sample", { state: "making", progress: 0.02, addedBy: "sample" })], { windows: { s: { done: 12, total: 60 } } });
  expect(screen.getByText("Speaking the sample")).toBeTruthy();
  expect(screen.getByText("12 of 60")).toBeTruthy();
  expect(screen.queryByText("Uploading")).toBeNull();
});

test("what this page is sending is not listed twice", () => {
  const uploading = lecture("1", "Week 3", { state: "uploading" });
  show([uploading, lecture("2", "Elsewhere", { state: "uploading" })], {}, [{ lectureId: "1", state: "sending" }]);
  expect(screen.queryByText("Week 3")).toBeNull();
  expect(screen.getByText("Elsewhere")).toBeTruthy();
});

test("the menu is worked by keyboard and renames", () => {
  const { rename } = show([lecture("1", "Old name")]);
  fireEvent.click(screen.getByRole("button", { name: "More for Old name" }));
  fireEvent.keyDown(screen.getByRole("menu"), { key: "ArrowDown" });
  expect(document.activeElement?.textContent).toBe("Rename");
  fireEvent.click(document.activeElement as Element);
  fireEvent.change(screen.getByLabelText("Title"), { target: { value: " New name " } });
  fireEvent.submit(screen.getByLabelText("Title").closest("form") as HTMLFormElement);
  expect(rename).toHaveBeenCalledWith("1", "New name");
});

test("a rename that is refused says why and can be tried again", async () => {
  const { rename } = show([lecture("1", "Old name")]);
  rename.mockRejectedValueOnce({ code: "server_unreachable", message: "the server does not answer", retryable: true });
  fireEvent.click(screen.getByRole("button", { name: "More for Old name" }));
  fireEvent.click(screen.getByRole("menuitem", { name: "Rename" }));
  fireEvent.submit(screen.getByLabelText("Title").closest("form") as HTMLFormElement);
  expect((await screen.findByRole("alert")).textContent).toBe("The server does not answer.");
  fireEvent.submit(screen.getByLabelText("Title").closest("form") as HTMLFormElement);
  await waitFor(() => expect(screen.queryByLabelText("Title")).toBeNull());
});

test("search finds beginnings of words without accents, in the order asked for", () => {
  const list = [lecture("1", "Théorie 2", { created: 1, duration: 9 }), lecture("2", "Theory 10", { created: 2, duration: 99 }), lecture("3", "Other", { created: 3 })];
  expect(arrange(list, "theo", "title").map(({ lectureId }) => lectureId)).toEqual(["1", "2"]);
  expect(arrange(list, "", "newest")[0]?.lectureId).toBe("3");
  expect(arrange(list, "", "longest")[0]?.lectureId).toBe("2");
  expect(arrange(list, "eory", "title")).toEqual([]);
});
