/** A book is fetched as it is read. */
import { expect, test, vi } from "vitest";
import { Failure } from "@/shared/failure";
import type { PageDto } from "@/shared/protocol";
import { soon } from "@/shared/soon";
import { Book } from "./book";

const page = (number: number): PageDto => ({ number, blocks: [{ kind: "paragraph", text: `page ${number}` }], figures: [] });

function shelf(count: number) {
  const pages = vi.fn(async (_: string, from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => page(from + i)).filter(({ number }) => number !== 7));
  const picture = vi.fn(async () => new Blob(["png"]));
  return { pages, picture, book: new Book("d", count, { pages, picture }) };
}

test("text is fetched in stretches, each once", async () => {
  const { book, pages } = shelf(95);
  await Promise.all([book.want(4), book.want(9)]);
  await book.want(95);
  expect(pages.mock.calls).toEqual([["d", 1, 10], ["d", 91, 95]]);
  expect(book.texts.get().pages.get(7), "a page of which nothing is told").toEqual({ number: 7, blocks: [], figures: [] });
});

test("all of it is fetched for a search, unless nobody waits for it any more", async () => {
  const { book, pages } = shelf(120);
  const stop = new AbortController();
  await book.wantAll(stop.signal);
  expect(pages.mock.calls.map(([, from, to]) => [from, to])).toEqual([[1, 50], [51, 100], [101, 120]]);
  await book.wantAll(stop.signal);
  expect(pages.mock.calls.length).toBe(3);
  const other = shelf(500);
  stop.abort();
  await other.book.wantAll(stop.signal);
  expect(other.pages).not.toHaveBeenCalled();
});

test("what could not be fetched is told and tried again", async () => {
  const { book, pages } = shelf(5);
  pages.mockRejectedValueOnce(new Failure("server_unreachable", "away", true));
  await book.want(1);
  expect(book.texts.get().failure?.code).toBe("server_unreachable");
  book.again(1);
  await soon(() => expect(book.texts.get()).toMatchObject({ failure: null }));
  expect(book.texts.get().pages.size).toBe(5);
});

test("what failed while the server was away is asked for again once it is back", async () => {
  const { book, pages, picture } = shelf(5);
  const away = new Failure("server_unreachable", "away", true);
  pages.mockRejectedValueOnce(away);
  picture.mockRejectedValueOnce(away);
  await book.want(1);
  await expect(book.picture(1, 800)).rejects.toBe(away);
  book.recover();
  expect([book.texts.get().failure, book.returns.get()]).toEqual([null, 1]);
  await book.want(1);
  await book.picture(1, 800);
  expect([book.texts.get().pages.size, picture.mock.calls.length]).toEqual([5, 2]);
});

test("a few pictures are kept, the one used last the longest", async () => {
  const { book, picture } = shelf(100);
  for (let number = 1; number <= 24; number++) await book.picture(number, 800);
  await book.picture(1, 900);
  expect(picture).toHaveBeenCalledTimes(24);
  await book.picture(25, 800);
  await book.picture(1, 800);
  expect(picture, "the first is still there").toHaveBeenCalledTimes(25);
  await book.picture(2, 800);
  expect(picture).toHaveBeenCalledTimes(26);
});

test("a page that was not seen is taken to be like the last one that was", () => {
  const { book } = shelf(9);
  book.seen(1, 1000, 750);
  book.seen(2, 0, 0);
  expect([book.shape(1), book.shape(2)]).toEqual([0.75, 0.75]);
});

test("quoted words are found on whichever of their pages they stand, and not beyond the book", async () => {
  const { book, pages } = shelf(12);
  expect((await book.quoted(9, 11, "page 11")).map(({ page }) => page)).toEqual([11]);
  expect(pages.mock.calls.map(([, from, to]) => [from, to])).toEqual([[1, 10], [11, 12]]);
  expect((await book.quoted(10, 10, "page 11")).map(({ page }) => page)).toEqual([]);
  expect((await book.quoted(12, 30, "page 12")).map(({ page }) => page)).toEqual([12]);
});
