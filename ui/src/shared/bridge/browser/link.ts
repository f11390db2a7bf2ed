/** One server as the browser reaches it: discovered once, a guest's keys, a socket, REST. */
import { Failure, code } from "@/shared/failure";
import type { Discovery } from "@/shared/protocol";
import { discover } from "./discovery";
import { Guest } from "./guest";
import { Rest } from "./rest";
import { socketAddress } from "./sign";
import { Socket } from "./socket";

interface Reached {
  discovery: Discovery;
  guest: Guest;
  rest: Rest;
}

export class Link {
  readonly socket: Socket;
  #reached: Promise<Reached> | null = null;

  constructor(private readonly origin: string) {
    this.socket = new Socket(async () => {
      const { discovery, guest } = await this.#reach();
      return socketAddress(guest, discovery.region, discovery.websocketUrl);
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
    const discovery = await discover(this.origin);
    const guest = new Guest(discovery);
    return { discovery, guest, rest: new Rest(discovery, guest) };
  }
}
