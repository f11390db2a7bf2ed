/** For tests only: waits for what comes in a moment, also on a machine that is busy with something else. */
import { vi } from "vitest";

export function soon<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 10_000 });
}
