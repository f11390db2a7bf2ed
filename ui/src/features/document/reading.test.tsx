/** How a document is gone through, and what is said of it when its server was away in between. */
import { act, cleanup, fireEvent, render, renderHook, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { Failure } from "@/shared/failure";
import type { PageDto } from "@/shared/protocol";
import { Bar, type Search } from "./bar";
import { Book } from "./book";
import { Contents } from "./contents";
import { useReaderKeys } from "./keys";
import { PageView } from "./page";
import { useSearch } from "./use-search";

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

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

test("the contents are one stop for Tab, and the arrows go through them, also to lines that are out of sight", () => {
  // The test browser lays nothing out.
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(360);
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(36);
  const outline = Array.from({ length: 400 }, (_, i) => ({ title: `Walk ${i + 1}`, page: i + 1, level: 1 }));
  const onPage = vi.fn();
  const acts = { leaf: vi.fn(), to: vi.fn(), last: vi.fn(), zoom: vi.fn(), contents: vi.fn(), search: vi.fn() };
  renderHook(() => useReaderKeys(acts, { current: null }));
  render(<Contents outline={outline} failure={undefined} onAgain={vi.fn()} page={3} onPage={onPage} hits={null} hit={0} none="reader.none" onHit={vi.fn()} />);
  const stops = () => [...document.querySelectorAll(".contents-line")].filter((line) => (line as HTMLElement).tabIndex === 0).map((line) => line.textContent);
  const at = () => document.activeElement?.textContent;
  const press = (key: string) => fireEvent.keyDown(document.activeElement as Element, { key });
  expect(stops(), "it begins where one reads").toEqual(["Walk 33"]);
  act(() => document.querySelector<HTMLElement>(".contents-line[tabindex='0']")?.focus());
  press("ArrowDown");
  expect([at(), stops()]).toEqual(["Walk 44", ["Walk 44"]]);
  press("End");
  expect([at(), stops()]).toEqual(["Walk 400400", ["Walk 400400"]]);
  const line = document.activeElement?.closest("li");
  expect([line?.getAttribute("aria-posinset"), line?.getAttribute("aria-setsize")], "which of how many").toEqual(["400", "400"]);
  press("ArrowDown");
  expect(at()).toBe("Walk 400400");
  press("Home");
  press("ArrowUp");
  expect(at()).toBe("Walk 11");
  expect([acts.to, acts.last].map((act) => act.mock.calls.length), "and the pages stay where they are").toEqual([0, 0]);
  fireEvent.keyDown(document.body, { key: "End" });
  expect(acts.last).toHaveBeenCalledTimes(1);
  fireEvent.click(document.activeElement as Element);
  expect(onPage).toHaveBeenCalledWith(1);
  act(() => (document.activeElement as HTMLElement).blur());
  expect(stops()).toEqual(["Walk 33"]);
});

test("Escape takes back what is looked for, and then gives the keys back to the pages", () => {
  const set = vi.fn();
  const bar = (query: string) => {
    const search: Search = { query, at: 0, hits: 0, more: false, none: "reader.none", set, step: vi.fn() };
    return <Bar page={1} count={9} onPage={vi.fn()} zoom={1} onZoom={vi.fn()} pictures={null} onPictures={vi.fn()} contents={null} onContents={vi.fn()} search={search} field={{ current: null }} />;
  };
  const { rerender } = render(bar("tide"));
  const field = screen.getByRole("searchbox");
  act(() => field.focus());
  fireEvent.keyDown(field, { key: "Escape" });
  expect(set).toHaveBeenCalledWith("");
  expect(document.activeElement).toBe(field);
  rerender(bar(""));
  fireEvent.keyDown(field, { key: "Escape" });
  expect(document.activeElement).toBe(document.body);
});
