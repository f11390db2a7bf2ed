/** A tab on a machine whose clock is wrong goes by the server's. */
import { afterEach, expect, test, vi } from "vitest";
import { ServerTime } from "./server-time";

const answer = (date?: string, age?: string) => new Response(null, { headers: { ...(date && { date }), ...(age && { age }) } });

afterEach(() => {
  vi.useRealTimers();
});

test("a clock that is far off is put right, and one that was set is believed again", () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 21, 8, 40) });
  const time = new ServerTime();
  expect(time.stamp()).toBe("20261121T084000Z");
  time.learn(answer("Sat, 21 Nov 2026 12:00:00 GMT"));
  expect(time.stamp()).toBe("20261121T120000Z");
  vi.advanceTimersByTime(61_500);
  expect(time.stamp()).toBe("20261121T120101Z");
  vi.setSystemTime(Date.UTC(2026, 10, 21, 12, 2, 10));
  time.learn(answer("Sat, 21 Nov 2026 12:02:00 GMT"));
  expect(time.now()).toBe(Date.now());
});

test("an answer from a cache is as old as it says, and one without a date tells nothing", () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 21, 12, 0) });
  const time = new ServerTime();
  time.learn(answer("Sat, 21 Nov 2026 10:00:00 GMT", "7200"));
  expect(time.stamp()).toBe("20261121T120000Z");
  time.learn(answer("Sat, 21 Nov 2026 10:00:00 GMT"));
  time.learn(answer());
  time.learn(answer("some day"));
  time.learn(answer("Fri, 31 Dec 9999 23:59:59 GMT"));
  time.learn(answer("Sat, 21 Nov 2026 10:00:00 GMT", "99999999999999"));
  expect(time.stamp()).toBe("20261121T100000Z");
});
