/** Temporary credentials from the identity pool, renewed before they expire. The identity is remembered, its keys are not. */
import { Failure, code, toFailure } from "@/shared/failure";
import type { Discovery } from "@/shared/protocol";
import { unreachable } from "./discovery";

export interface Keys {
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

  constructor(discovery: Discovery) {
    this.#endpoint = discovery.cognitoEndpoint ?? `https://cognito-identity.${discovery.region}.amazonaws.com`;
    this.#pool = discovery.identityPoolId;
  }

  /** Keys that last a while yet; concurrent callers share one request. */
  keys(): Promise<Keys> {
    if (this.#keys && this.#keys.expires - AHEAD_MS > Date.now()) return Promise.resolve(this.#keys);
    return this.#draw();
  }

  /** New keys, because the server refused those at hand. */
  renewed(): Promise<Keys> {
    this.#keys = null;
    return this.#draw();
  }

  #draw(): Promise<Keys> {
    this.#underway ??= this.#fetch().finally(() => {
      this.#underway = null;
    });
    return this.#underway;
  }

  async #fetch(): Promise<Keys> {
    const name = `synapscribe.guest.${this.#pool}`;
    const known = remembered(name);
    const identity = known ?? (await this.#join(name));
    try {
      this.#keys = await this.#credentials(identity);
    } catch (error) {
      // A server that was set up anew knows nobody; its guests begin again.
      if (!known || toFailure(error).code !== code.notFound) throw error;
      this.#keys = await this.#credentials(await this.#join(name));
    }
    return this.#keys;
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

  async #credentials(identity: string): Promise<Keys> {
    const { Credentials: given } = await this.#call("GetCredentialsForIdentity", { IdentityId: identity });
    if (!given?.AccessKeyId || !given.SecretKey || !given.SessionToken) throw refused("the credentials are incomplete");
    return {
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

function refused(why: string): Failure {
  return new Failure(code.credentials, `the server gave no guest credentials: ${why}`);
}
