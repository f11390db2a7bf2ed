/**
 * Temporary credentials from the identity pool, renewed before they expire: a guest's, whose identity is remembered and its keys
 * are not, or those of whoever has signed in.
 */
import { Failure, code, toFailure } from "@/shared/failure";
import type { Discovery } from "@/shared/protocol";
import type { BrowserAccounts, Shown } from "./accounts";
import { unreachable } from "./discovery";
import type { Stale } from "./socket";
import type { ServerTime } from "./server-time";

export interface Keys {
  /** Whose they are. */
  identity: string;
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  expires: number;
}

/** Keys are renewed this long before they expire. */
const AHEAD_MS = 300_000;

interface Given {
  IdentityId?: string;
  Credentials?: { AccessKeyId?: string; SecretKey?: string; SessionToken?: string; Expiration?: number };
}

export class Guest {
  readonly #endpoint: string;
  readonly #pool: string;
  #keys: Keys | null = null;
  #underway: Promise<Keys> | null = null;
  /** The token that was renewed, or tried to be, because a connection did not open. */
  #doubted: string | null = null;
  /** Whether it is known why a guest's connection does not open, as far as the server says. */
  #asked = false;

  constructor(
    discovery: Discovery,
    private readonly accounts: BrowserAccounts,
    /** What time it is where the keys are honoured. */
    readonly time: ServerTime,
    /** Asks the server once more what it is, and thereby the time. */
    private readonly look: () => Promise<unknown>,
  ) {
    this.#endpoint = discovery.cognitoEndpoint ?? `https://cognito-identity.${discovery.region}.amazonaws.com`;
    this.#pool = discovery.identityPoolId;
  }

  /** Keys that last a while yet; concurrent callers share one request. */
  keys(): Promise<Keys> {
    if (this.#keys && this.#keys.expires - AHEAD_MS > this.time.now()) return Promise.resolve(this.#keys);
    return this.#draw();
  }

  /** The access token beside the signature of whoever has signed in, whose keys outlast their sign-in on some servers. */
  async token(): Promise<string | null> {
    return this.accounts.somebodys ? (await this.accounts.shown()).token : null;
  }

  /**
   * Keys to connect with: new ones after the server turned somebody away or a connection did not open, for which a page is told no
   * reason. `ask` asks anything over REST, which says why.
   */
  async toConnect(stale: Stale | null, ask: () => Promise<unknown>): Promise<Keys> {
    if (!stale) {
      this.#asked = false;
      return this.keys();
    }
    // Where nothing answers, nothing was refused.
    await this.look();
    if (this.accounts.somebodys) {
      const { token } = await this.accounts.shown();
      // Where no connection opens ever, a token is renewed once for that: each time is one more whose answer may be lost.
      if (stale === "turned_away" || token !== this.#doubted) {
        this.#doubted = token;
        this.#doubted = (await this.accounts.shown(true)).token;
      }
      return this.#draw();
    }
    const drawn = await this.#draw();
    if (stale === "unopened" && this.#asked) return drawn;
    // A guest whose identity became an account's may draw keys yet; only REST says so, and then `renewed` begins again. Who is not told so
    // keeps what is theirs.
    this.#asked = await ask().then(
      () => true,
      (error: unknown) => toFailure(error).code !== code.unreachable,
    );
    return this.keys();
  }

  /** New keys, because the server refused those at hand; perhaps for the time with which they signed. */
  async renewed(refused: { keys: Keys; why: Failure }): Promise<Keys> {
    this.#keys = null;
    await this.look().catch(() => undefined);
    // What was refused may be of a sign-in that has ended; renewing its token tells.
    if (this.accounts.somebodys) await this.accounts.shown(true);
    // The identity is an account's by now, and whoever has that signs in.
    else if (refused.why.code === code.signedOut && remembered(this.#name) === refused.keys.identity) forget(this.#name);
    return this.#draw();
  }

  /** The guest's own keys, to sign up with; nothing for a guest who never came. */
  async visitor(): Promise<Keys | null> {
    return remembered(this.#name) && !this.accounts.somebodys ? this.keys() : null;
  }

  /** Somebody signed in or out: the keys at hand are another's. */
  change(): void {
    this.#keys = null;
    this.#underway = null;
  }

  get #name(): string {
    return `synapscribe.guest.${this.#pool}`;
  }

  #draw(): Promise<Keys> {
    if (this.#underway) return this.#underway;
    const drawing = (this.accounts.somebodys ? this.#fetchSigned() : this.#fetch())
      .then((keys) => {
        // Who changed meanwhile draws their own.
        if (this.#underway === drawing) this.#keys = keys;
        return keys;
      })
      .finally(() => {
        if (this.#underway === drawing) this.#underway = null;
      });
    this.#underway = drawing;
    return drawing;
  }

  async #fetchSigned(): Promise<Keys> {
    const shown = await this.accounts.shown();
    // What the guest had is seen by whoever signs in, once it became an account's.
    if (remembered(this.#name) === shown.identity) forget(this.#name);
    try {
      return await this.#credentials(shown.identity, shown);
    } catch (error) {
      // The token may be of a sign-in that has ended; renewing it tells.
      if (toFailure(error).code !== code.credentials) throw error;
      const again = await this.accounts.shown(true);
      return this.#credentials(again.identity, again);
    }
  }

  async #fetch(): Promise<Keys> {
    const known = remembered(this.#name);
    const identity = known ?? (await this.#join(this.#name));
    try {
      return await this.#credentials(identity);
    } catch (error) {
      // A server that was set up anew knows nobody, and what became an account's is no guest's: its guests begin again.
      if (!known || ![code.notFound, code.credentials].some((one) => one === toFailure(error).code)) throw error;
      return this.#credentials(await this.#join(this.#name));
    }
  }

  async #join(name: string): Promise<string> {
    const { IdentityId } = await this.#call("GetId", { IdentityPoolId: this.#pool });
    if (!IdentityId) throw refused("no identity was given");
    try {
      localStorage.setItem(name, IdentityId);
    } catch {
      // Everything works without it; only the next visit will be a stranger's.
    }
    return IdentityId;
  }

  async #credentials(identity: string, shown?: Shown): Promise<Keys> {
    const logins = shown && { Logins: { [shown.issuer]: shown.token } };
    const { Credentials: given } = await this.#call("GetCredentialsForIdentity", { IdentityId: identity, ...logins });
    if (!given?.AccessKeyId || !given.SecretKey || !given.SessionToken) throw refused("the credentials are incomplete");
    return {
      identity,
      accessKeyId: given.AccessKeyId,
      secretAccessKey: given.SecretKey,
      sessionToken: given.SessionToken,
      expires: (given.Expiration ?? 0) * 1000,
    };
  }

  async #call(action: string, body: object): Promise<Given> {
    let answer: Response;
    try {
      answer = await fetch(`${this.#endpoint}/`, {
        method: "POST",
        headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": `AWSCognitoIdentityService.${action}` },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(15_000),
      });
    } catch {
      throw unreachable();
    }
    const said = (await answer.json().catch(() => ({}))) as Given & { __type?: string; message?: string };
    if (answer.ok) return said;
    if (answer.status >= 500) throw unreachable();
    if (said.__type?.includes("ResourceNotFoundException")) throw new Failure(code.notFound, "the server does not know this guest");
    throw refused(said.message ?? `the server answered ${answer.status}`);
  }
}

function remembered(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function forget(name: string): void {
  try {
    localStorage.removeItem(name);
  } catch {
    // Nothing was remembered then.
  }
}

function refused(why: string): Failure {
  return new Failure(code.credentials, `the server gave no guest credentials: ${why}`);
}
