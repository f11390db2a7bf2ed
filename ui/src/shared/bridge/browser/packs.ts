/** Packs over REST. */
import type { CardChangeDto, CardDto, NewCardDto, OpenPackDto, PackDto, PacksDto, PackTitleDto, SourceChangeDto } from "@/shared/protocol";
import type { CardWords, KeptTurn, Packs } from "../packs";
import type { Link } from "./link";
import { type Method, segment } from "./rest";

export class BrowserPacks implements Packs {
  constructor(private readonly link: Link) {}

  async list(): Promise<PackDto[] | null> {
    const rest = await this.link.rest();
    const found = await rest.optional(() => rest.json<PacksDto>("packs"));
    return found && found.packs;
  }

  get = async (id: string) => (await this.link.rest()).json<OpenPackDto>(at(id));
  make = (title: string) => this.send<PackDto>("POST", "packs", { title } satisfies PackTitleDto);
  rename = (id: string, title: string) => this.done("PATCH", at(id), { title } satisfies SourceChangeDto);
  remove = (id: string) => this.done("DELETE", at(id));
  publish = (id: string, shown: boolean) => this.done("PATCH", at(id), { visibility: shown ? "public" : "private" } satisfies SourceChangeDto);
  share = (classId: string, id: string) => this.done("PUT", `classes/${segment(classId)}/${at(id)}`);
  unshare = (classId: string, id: string) => this.done("DELETE", `classes/${segment(classId)}/${at(id)}`);
  keep = (id: string, { sessionId, queryId }: KeptTurn) => this.send<CardDto>("POST", `${at(id)}/cards`, { sessionId, queryId } satisfies NewCardDto);
  write = (id: string, { question, answer }: CardWords) => this.send<CardDto>("POST", `${at(id)}/cards`, { question, answer } satisfies NewCardDto);
  correct = (id: string, cardId: string, { question, answer }: CardWords) =>
    this.send<CardDto>("PATCH", card(id, cardId), { question, answer } satisfies CardChangeDto);
  discard = (id: string, cardId: string) => this.done("DELETE", card(id, cardId));
  anki = async (id: string) => (await this.link.rest()).text(`${at(id)}/anki`);

  private async send<T>(method: Method, path: string, body: object): Promise<T> {
    return (await (await this.link.rest()).call(method, path, body)).json() as Promise<T>;
  }

  private async done(method: Method, path: string, body?: object): Promise<void> {
    await (await this.link.rest()).call(method, path, body);
  }
}

const at = (id: string) => `packs/${segment(id)}`;
const card = (id: string, cardId: string) => `${at(id)}/cards/${segment(cardId)}`;
