/** What is said of a document whose server was away in between. */
import { act, cleanup, fireEvent, render, renderHook, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { Failure } from "@/shared/failure";
import type { PageDto } from "@/shared/protocol";
import { Book } from "./book";
import { Contents } from "./contents";
import { PageView } from "./page";
import { useSearch } from "./use-search";

afterEach(cleanup);

const away = new Failure("server_unreachable", "the server does not answer", true);
const page = (number: number): PageDto => ({ number, blocks: [{ kind: "paragraph", text: `tide ${number}` }], figures: [] });

function shelf() {
  const pages = vi.fn(async (_: string, from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => page(from + i)));
  const picture = vi.fn(async () => new Blob(["png"]));
  return { pages, picture, book: new Book("d", 60, { pages, picture }) };
}

test("words are not said to be nowhere while pages could not be searched, and are found once the server is back", async () => {
  const { book, pages } = shelf();
  pages.mockRejectedValueOnce(away);
  const { result } = renderHook(() => useSearch(book));
  act(() => result.current.set("tide 55"));
  await waitFor(() => expect(result.current.none).toBe("reader.partly"));
  expect(result.current.more).toBe(true);
  act(() => book.recover());
  await waitFor(() => expect(result.current.hits?.map((hit) => hit.page)).toEqual([55]));
  expect([result.current.more, result.current.none]).toEqual([false, "reader.none"]);
});

test("a page whose picture failed is read as words, and its picture is tried again once the server is back", async () => {
  const { book, picture } = shelf();
  picture.mockRejectedValueOnce(away);
  render(<PageView book={book} number={3} picture width={400} zoom={1} marks={[]} />);
  const shown = () => screen.getByRole("region", { name: "Page 3" }).className;
  await waitFor(() => expect(shown()).toContain("page-text"));
  act(() => book.recover());
  expect(shown()).toContain("page-picture");
  await waitFor(() => expect(picture).toHaveBeenCalledTimes(2));
});

test("a table of contents is missing only once that is known", () => {
  const again = vi.fn();
  const show = (more: object) => {
    cleanup();
    render(<Contents outline={undefined} failure={undefined} onAgain={again} page={1} onPage={vi.fn()} hits={null} hit={0} none="reader.none" onHit={vi.fn()} {...more} />);
  };
  show({});
  expect(screen.queryByText(/no table of contents/)).toBeNull();
  show({ failure: away });
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(again).toHaveBeenCalled();
  expect(screen.queryByText(/no table of contents/)).toBeNull();
  show({ outline: [] });
  expect(screen.getByText("This document has no table of contents.")).toBeTruthy();
  show({ outline: [], hits: [], none: "reader.looking" });
  expect(screen.getByText("Looking")).toBeTruthy();
});
