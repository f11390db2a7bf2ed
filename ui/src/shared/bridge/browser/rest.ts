/** Signed REST calls in, typed answers or failures out. Keeps no state. */
import { Failure, code } from "@/shared/failure";
import type { Discovery, ErrorBody } from "@/shared/protocol";
import { unreachable } from "./discovery";
import type { Guest } from "./guest";
import { called } from "./called";
import { signedRequest } from "./sign";

/** Lists and documents are small; whatever takes longer is not coming. */
const PATIENCE_MS = 30_000;
/** An access token beside a signature, which takes `Authorization` for itself. */
const ACCESS_TOKEN = "x-synapscribe-token";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export class Rest {
  readonly #base: string;
  readonly #region: string;

  constructor(
    discovery: Discovery,
    private readonly guest: Guest,
  ) {
    this.#base = discovery.restUrl.replace(/\/$/, "");
    this.#region = discovery.region;
  }

  async json<T>(path: string): Promise<T> {
    return (await this.call("GET", path)).json() as Promise<T>;
  }

  async text(path: string): Promise<string> {
    return (await this.call("GET", path)).text();
  }

  /** An answer, or `null` where the server does not know the path. */
  async optional<T>(read: () => Promise<T>): Promise<T | null> {
    try {
      return await read();
    } catch (error) {
      if (error instanceof Failure && error.code === code.notFound) return null;
      throw error;
    }
  }

  async call(method: Method, path: string, body?: object): Promise<Response> {
    const url = `${this.#base}/${path}`;
    const name = called();
    let keys = await this.guest.keys();
    for (let again = true; ; again = false) {
      const request = await signedRequest(keys, this.guest.time, this.#region, "execute-api", method, url, body && JSON.stringify(body));
      const token = await this.guest.token();
      if (token) request.headers.set(ACCESS_TOKEN, token);
      request.headers.set(...name);
      let answer: Response;
      try {
        // What is to be gone is gone, also when the page is left at that moment.
        answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS), keepalive: method === "DELETE" });
      } catch {
        throw unreachable();
      }
      if (answer.ok) return answer;
      const refused = await refusal(answer);
      // Keys may have been revoked, for instance when the server was set up anew; what one's role does not allow no others open.
      if ((answer.status === 401 || answer.status === 403) && refused.code !== code.forbidden && again) {
        keys = await this.guest.renewed({ keys, why: refused });
        continue;
      }
      throw refused;
    }
  }
}

async function refusal(answer: Response): Promise<Failure> {
  const body = (await answer.json().catch(() => null)) as Partial<ErrorBody> | null;
  if (body?.error) return Failure.of(body.error);
  if (answer.status === 404 || answer.status === 405) return new Failure(code.notFound, "the server has nothing of that name");
  if (answer.status >= 500 || answer.status === 429) return unreachable();
  return new Failure(code.foreign, `the server answered ${answer.status}`);
}

/** A text as one segment of a path. */
export function segment(text: string): string {
  const safe = encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return /^\.+$/.test(safe) ? safe.replaceAll(".", "_") : safe;
}
