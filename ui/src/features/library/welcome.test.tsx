/** The way to the first answer, as far as the sample lecture goes. */
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import type { LectureDto } from "@/shared/protocol";
import { Welcome } from "./welcome";

const sample = { lectureId: "sample", question: "Why?" };
const lecture = (state: string): LectureDto => ({ lectureId: "sample", title: "Sample", state, progress: 0, created: 1, own: false, addedBy: "sample", s3Key: "k" });

afterEach(cleanup);

test("the question leads to the sample once it is ready, and to nothing where none can be made", () => {
  const { rerender } = render(<Welcome sample={sample} lecture={lecture("making")} places={[]} local />);
  expect(screen.getByRole("status").textContent).toMatch(/being made ready/);
  rerender(<Welcome sample={sample} lecture={lecture("ready")} places={[]} local />);
  expect(screen.getByRole("link", { name: "Why?" }).getAttribute("href")).toBe("#/lecture/sample?ask=Why%3F");
  rerender(<Welcome sample={sample} lecture={lecture("failed")} places={[]} local />);
  expect(screen.queryByRole("status")).toBeNull();
  expect(screen.queryByRole("link")).toBeNull();
  expect(screen.getByText(/could not be made here/)).toBeTruthy();
});
