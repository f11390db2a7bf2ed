/** Asks a server what it is, and refuses what is not this product or speaks a newer wire. */
import { Failure, code } from "@/shared/failure";
import type { Discovery } from "@/shared/protocol";
import type { ServerTime } from "./server-time";

/** The greatest major version of the wire this page understands. */
const PROTOCOL_MAJOR = 1;

export async function discover(origin: string, time: ServerTime): Promise<Discovery> {
  let answer: Response;
  try {
    answer = await fetch(`${origin}/.well-known/synapscribe.json`, { signal: AbortSignal.timeout(15_000), cache: "no-store" });
  } catch {
    throw unreachable();
  }
  time.learn(answer);
  if (answer.status >= 500) throw unreachable();
  return check(await answer.json().catch(() => null));
}

export function check(found: unknown): Discovery {
  const document = found as Partial<Discovery> | null;
  if (document?.product !== "synapscribe") throw foreign();
  const major = Number.parseInt(String(document.protocol ?? ""), 10);
  if (Number.isNaN(major)) throw foreign();
  if (major > PROTOCOL_MAJOR) {
    throw new Failure(code.tooNew, "the server speaks a newer version than this page; load the page again");
  }
  return document as Discovery;
}

export function unreachable(): Failure {
  return new Failure(code.unreachable, "the server does not answer; it is tried again by itself", true);
}

function foreign(): Failure {
  return new Failure(code.foreign, "this address answers, but it is not a SynapScribe server");
}
