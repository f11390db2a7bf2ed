/**
 * Accounts of a web page. The access token is held in memory; what renews it rests in the tab's own storage, and ends with it.
 * Tabs that share a sign-in take turns to renew it and tell each other the next tokens.
 */
import { Failure, code, toFailure } from "@/shared/failure";
import type { AccountDto, AnsweredDto, Discovery, LoginDto, RefusedDto, SignInsDto, TokensDto } from "@/shared/protocol";
import { Cell } from "@/shared/store/watch";
import type { Accounts, Challenge, Standing } from "../bridge";
import { called } from "./called";
import { deviceName } from "./device-name";
import { unreachable } from "./discovery";
import { segment } from "./rest";

const NAME = "synapscribe.account";
/** A token is renewed this long before it dies. */
const AHEAD_MS = 60_000;
/** A password is hashed for a while, and others may wait in front. */
const PATIENCE_MS = 60_000;
/** A server repeats the answer to a renewal for half a minute, as long as it may have been lost: so often it is asked, and how long each time. */
const TURNS = 3;
const TURN_MS = 8_000;
const PAUSE_MS = 500;
/** So often it is begun to take everything along, when something changes on the way. */
const BEGINNINGS = 3;

interface Kept {
  account: AccountDto;
  signIn: string;
  /** Nothing once the server ended the sign-in. */
  refresh: string | null;
}

interface Access {
  signIn: string;
  token: string;
  until: number;
}

/** What the identity pool is shown. */
export interface Shown {
  identity: string;
  signIn: string;
  issuer: string;
  token: string;
}

interface Request {
  token?: string;
  body?: object;
  signed?: (url: string, body: string) => Promise<globalThis.Request | null>;
  patience?: number;
}

export class BrowserAccounts implements Accounts {
  readonly standing: Cell<Standing>;
  #kept: Kept | null;
  #access: Access | null = null;
  #underway: Promise<Access> | null = null;
  readonly #tabs = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(NAME);

  constructor(
    private readonly discovery: () => Promise<Discovery>,
    /** Signs a request as the guest, whose things the account takes along; nothing for a guest who never came. */
    private readonly asGuest: (url: string, body: string) => Promise<globalThis.Request | null>,
  ) {
    this.#kept = stored();
    this.standing = new Cell<Standing>(standingOf(this.#kept));
    if (this.#tabs) this.#tabs.onmessage = ({ data }: MessageEvent<{ signIn: string; refresh: string; access: Access }>) => this.#adopt(data);
  }

  resting = async () => "page" as const;

  async register({ name, invitation, ...rest }: { email: string; password: string; name: string; invitation: string }): Promise<void> {
    const body = { ...rest, ...(name && { name }), ...(invitation && { invitation }) };
    await this.#call("POST", "register", { body, signed: this.#kept ? async () => null : this.asGuest });
  }

  async verify(email: string, typed: string): Promise<void> {
    await this.#call("GET", `verify-email?email=${segment(email)}&code=${segment(typed)}`);
  }

  async verifyAgain(email: string): Promise<void> {
    await this.#call("POST", "resend-verification", { body: { email } });
  }

  async forgotten(email: string): Promise<void> {
    await this.#call("POST", "forgot-password", { body: { email } });
  }

  async reset(email: string, typed: string, password: string): Promise<void> {
    await this.#call("POST", "reset-password", { body: { email, code: typed, password } });
  }

  async signIn(email: string, password: string, answer?: Challenge & { answer: string }): Promise<Challenge | null> {
    const device = deviceName(navigator.userAgent);
    const body = { email, password: answer ? "" : password, ...(device && { device }), ...(answer && { challenge: answer }) };
    const came = await this.#call<LoginDto>("POST", "login", { body });
    if (came.outcome === "challenge") return { kind: came.kind, session: came.session };
    const old = this.#kept?.refresh;
    // A server that does not hear of it ends it in time by itself.
    if (old) void this.#call("POST", "logout", { body: { refreshToken: old, everywhere: false } }).catch(() => undefined);
    this.#keep({ account: came.account, signIn: came.tokens.sessionId, refresh: came.tokens.refreshToken });
    this.#access = accessOf(came.tokens);
    this.standing.set(standingOf(this.#kept));
    return null;
  }

  async signOut(everywhere: boolean): Promise<void> {
    const kept = this.#kept;
    if (kept?.refresh) {
      try {
        await this.#call("POST", "logout", { body: { refreshToken: kept.refresh, everywhere } });
      } catch (error) {
        // Here it works without a server as well; everywhere is for the server to do.
        if (everywhere && toFailure(error).code === code.signedOut) this.#end(kept);
        if (everywhere) throw error;
      }
    } else if (everywhere) throw ended();
    this.#forget();
  }

  signIns = async () => (await this.#known<SignInsDto>("GET", "sessions")).sessions;

  async endSignIn(id: string): Promise<void> {
    await this.#known("DELETE", `sessions/${segment(id)}`);
    if (this.#kept?.signIn === id) this.#forget();
  }

  export = async () => {
    for (let beginning = 1; ; beginning++) {
      try {
        return JSON.stringify(await this.#parts(), null, 2);
      } catch (error) {
        // Something changed between two parts.
        if (beginning === BEGINNINGS || toFailure(error).code !== code.conflict) throw error;
      }
    }
  };

  async #parts(): Promise<Record<string, unknown>> {
    const all: Record<string, unknown> = {};
    // Older servers name a number.
    let from: string | number | undefined = 0;
    while (from !== undefined) {
      const { next, ...part }: { next?: string | number } = await this.#known<{ next?: string | number }>("GET", `me/export?from=${segment(String(from))}`);
      for (const [name, value] of Object.entries<unknown>(part)) {
        const before = all[name];
        all[name] = Array.isArray(before) && Array.isArray(value) ? before.concat(value) : value;
      }
      // A server that gives everything at once names nothing further.
      from = next;
    }
    return all;
  }

  async remove(password: string): Promise<void> {
    await this.#known("DELETE", "me", { password });
    this.#forget();
  }

  /** Whether requests are made in somebody's name, or were until it ended. */
  get somebodys(): boolean {
    return this.#kept !== null;
  }

  /** What the identity pool is shown; `fresh` when it refused what it was shown before. */
  async shown(fresh = false): Promise<Shown> {
    // The one at hand stays until another came: on a bad network it may be all there is for a while.
    const refused = fresh ? this.#access : null;
    const access = this.#lasting(refused) ?? (await this.#renew(refused));
    const { accounts } = await this.discovery();
    if (!this.#kept || !accounts) throw ended();
    return { identity: this.#kept.account.identityId, signIn: this.#kept.signIn, issuer: accounts.issuer, token: access.token };
  }

  /** The token at hand, if it lasts a while yet and is not the one that was refused. */
  #lasting(refused: Access | null): Access | null {
    const access = this.#access;
    return access && access !== refused && access.until - AHEAD_MS > Date.now() ? access : null;
  }

  /** Concurrent callers share one renewal. */
  #renew(refused: Access | null): Promise<Access> {
    this.#underway ??= this.#turn(() => this.#next(refused)).finally(() => {
      this.#underway = null;
    });
    return this.#underway;
  }

  #turn<T>(work: () => Promise<T>): Promise<T> {
    return navigator.locks ? (navigator.locks.request(NAME, work) as Promise<T>) : work();
  }

  async #next(refused: Access | null): Promise<Access> {
    // Another tab may have renewed meanwhile.
    const lasting = this.#lasting(refused);
    if (lasting) return lasting;
    const kept = this.#kept;
    if (!kept?.refresh) throw ended();
    let tokens: TokensDto;
    try {
      tokens = await this.#exchange(kept.refresh);
    } catch (error) {
      if (toFailure(error).code !== code.signedOut) throw error;
      this.#end(kept);
      throw ended();
    }
    const access = accessOf(tokens);
    // Who signed in meanwhile is not disturbed.
    if (this.#kept !== kept) throw ended();
    this.#keep({ ...kept, refresh: tokens.refreshToken });
    this.#access = access;
    this.#tabs?.postMessage({ signIn: kept.signIn, refresh: tokens.refreshToken, access });
    return access;
  }

  /** The server ended the sign-in; whoever signed in meanwhile is not disturbed. */
  #end(kept: Kept): void {
    if (this.#kept !== kept) return;
    this.#access = null;
    this.#keep({ ...kept, refresh: null });
    this.standing.set(standingOf(this.#kept));
  }

  /** The server takes a token once, so the same is sent again while its answer may have been lost on the way. */
  async #exchange(refreshToken: string): Promise<TokensDto> {
    for (let turn = 1; ; turn++) {
      try {
        return await this.#call<TokensDto>("POST", "refresh", { body: { refreshToken }, patience: TURN_MS });
      } catch (error) {
        if (turn === TURNS || toFailure(error).code !== code.unreachable) throw error;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  }

  #adopt({ signIn, refresh, access }: { signIn: string; refresh: string; access: Access }): void {
    if (this.#kept?.signIn !== signIn || this.#kept.refresh === null) return;
    this.#keep({ ...this.#kept, refresh });
    this.#access = access;
  }

  #keep(kept: Kept): void {
    this.#kept = kept;
    try {
      sessionStorage.setItem(NAME, JSON.stringify(kept));
    } catch {
      // Everything works without it until the page is loaded again.
    }
  }

  #forget(): void {
    this.#kept = null;
    this.#access = null;
    try {
      sessionStorage.removeItem(NAME);
    } catch {
      // Nothing was kept then.
    }
    this.standing.set({ state: "guest" });
  }

  /** A request in the name of whoever is signed in; a token that is not taken is renewed once. */
  async #known<T>(method: string, path: string, body?: object): Promise<T> {
    const { token } = await this.shown();
    try {
      return await this.#call<T>(method, path, { token, ...(body && { body }) });
    } catch (error) {
      const why = toFailure(error).code;
      if (why !== code.signedOut && why !== "unauthorised") throw error;
      return this.#call<T>(method, path, { token: (await this.shown(true)).token, ...(body && { body }) });
    }
  }

  async #call<T>(method: string, path: string, { token, body, signed, patience = PATIENCE_MS }: Request = {}): Promise<T> {
    const { accounts } = await this.discovery();
    if (!accounts) throw new Failure("no_accounts", "this server has no accounts; everybody is a guest");
    const url = `${accounts.url.replace(/\/$/, "")}/${path}`;
    const text = body && JSON.stringify(body);
    const headers: Record<string, string> = { ...(text && { "content-type": "application/json" }), ...(token && { authorization: `Bearer ${token}` }) };
    const request = (await signed?.(url, text ?? "")) ?? new Request(url, { method, headers, body: text ?? null });
    request.headers.set(...called());
    let answer: Response;
    try {
      answer = await fetch(request, { signal: AbortSignal.timeout(patience) });
    } catch {
      throw unreachable();
    }
    const said = (await answer.json().catch(() => null)) as AnsweredDto<T> | RefusedDto | null;
    if (answer.ok && said?.success) return (said as AnsweredDto<T>).data;
    throw refusal(answer.status, said as RefusedDto | null);
  }
}

function refusal(status: number, said: RefusedDto | null): Failure {
  if (!said?.error_code) return status >= 500 || status === 429 ? unreachable() : new Failure(code.foreign, `the server answered ${status}`);
  const fields = Object.values(said.details.fields ?? {});
  return new Failure(said.error_code, fields.length > 0 ? fields.join("; ") : said.error, said.details.retryable, said.details.correlation);
}

function ended(): Failure {
  return new Failure(code.signedOut, "the sign-in has ended; sign in again");
}

function accessOf({ sessionId, accessToken, expiresIn }: TokensDto): Access {
  return { signIn: sessionId, token: accessToken, until: Date.now() + expiresIn * 1000 };
}

function standingOf(kept: Kept | null): Standing {
  return kept ? { state: kept.refresh ? "signed_in" : "ended", account: kept.account } : { state: "guest" };
}

function stored(): Kept | null {
  try {
    return JSON.parse(sessionStorage.getItem(NAME) ?? "null") as Kept | null;
  } catch {
    return null;
  }
}
