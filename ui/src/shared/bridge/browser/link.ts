/** One server as the browser reaches it: discovered once, a person's keys, a socket, REST. */
import { Failure, code } from "@/shared/failure";
import type { Discovery } from "@/shared/protocol";
import { BrowserAccounts } from "./accounts";
import { discover } from "./discovery";
import { Guest } from "./guest";
import { Rest } from "./rest";
import { ServerTime } from "./server-time";
import { signedRequest, socketAddress } from "./sign";
import { Socket } from "./socket";

interface Reached {
  discovery: Discovery;
  guest: Guest;
  rest: Rest;
}

export class Link {
  readonly socket: Socket;
  readonly accounts: BrowserAccounts;
  #reached: Promise<Reached> | null = null;

  constructor(private readonly origin: string) {
    this.accounts = new BrowserAccounts(
      () => this.discovery(),
      async (url, body) => {
        const { discovery, guest } = await this.#reach();
        const keys = await guest.visitor();
        return keys && signedRequest(keys, guest.time, discovery.region, "execute-api", "POST", url, body);
      },
    );
    this.accounts.standing.subscribe(() => void this.#changed());
    this.socket = new Socket(async (stale) => {
      const { discovery, guest, rest } = await this.#reach();
      const keys = await guest.toConnect(stale, () => rest.call("GET", "lectures"));
      return socketAddress(keys, await guest.token(), guest.time, discovery.region, discovery.websocketUrl);
    });
  }

  async discovery(): Promise<Discovery> {
    return (await this.#reach()).discovery;
  }

  async guest(): Promise<Guest> {
    return (await this.#reach()).guest;
  }

  async rest(): Promise<Rest> {
    return (await this.#reach()).rest;
  }

  /** From here on everything is asked in somebody else's name. */
  async #changed(): Promise<void> {
    (await this.guest().catch(() => null))?.change();
    this.socket.renew();
  }

  #reach(): Promise<Reached> {
    this.#reached ??= this.#begin().catch((error: unknown) => {
      // The next caller tries again.
      this.#reached = null;
      throw error;
    });
    return this.#reached;
  }

  async #begin(): Promise<Reached> {
    if (!window.isSecureContext) {
      throw new Failure(code.insecure, "browsers sign requests and record only on secure pages; open this page over https or on this machine");
    }
    const time = new ServerTime();
    const discovery = await discover(this.origin, time);
    const guest = new Guest(discovery, this.accounts, time, () => discover(this.origin, time));
    return { discovery, guest, rest: new Rest(discovery, guest) };
  }
}
