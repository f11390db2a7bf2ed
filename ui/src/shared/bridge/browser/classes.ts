/** Classes over REST. */
import type { ClassDto, ClassesDto, ClassNameDto, JoinDto, RoomDto, SourceChangeDto, SourceDto } from "@/shared/protocol";
import type { Classes } from "../classes";
import type { Link } from "./link";
import { type Method, segment } from "./rest";

export class BrowserClasses implements Classes {
  constructor(private readonly link: Link) {}

  async list(): Promise<ClassDto[] | null> {
    const rest = await this.link.rest();
    const found = await rest.optional(() => rest.json<ClassesDto>("classes"));
    return found && found.classes;
  }

  get = async (id: string) => (await this.link.rest()).json<RoomDto>(at(id));
  join = (code: string, name: string) => this.send<RoomDto>("POST", "classes/join", { code, ...(name && { name }) } satisfies JoinDto);
  create = (name: string) => this.send<ClassDto>("POST", "classes", { name } satisfies ClassNameDto);
  rename = (id: string, name: string) => this.send<RoomDto>("PATCH", at(id), { name } satisfies ClassNameDto);
  renew = (id: string) => this.send<RoomDto>("POST", `${at(id)}/code`);
  leave = (id: string) => this.done("DELETE", `${at(id)}/membership`);
  dismiss = (id: string, member: string) => this.done("DELETE", `${at(id)}/members/${segment(member)}`);
  remove = (id: string) => this.done("DELETE", at(id));
  share = (id: string, source: SourceDto) => this.done("PUT", at(id) + below(source));
  unshare = (id: string, source: SourceDto) => this.done("DELETE", at(id) + below(source));
  publish = (source: SourceDto, shown: boolean) =>
    this.done("PATCH", below(source).slice(1), { visibility: shown ? "public" : "private" } satisfies SourceChangeDto);

  private async send<T>(method: Method, path: string, body?: object): Promise<T> {
    return (await (await this.link.rest()).call(method, path, body)).json() as Promise<T>;
  }

  private async done(method: Method, path: string, body?: object): Promise<void> {
    await (await this.link.rest()).call(method, path, body);
  }
}

const at = (id: string) => `classes/${segment(id)}`;
const below = ({ lectureId, documentId }: SourceDto) => (documentId ? `/documents/${segment(documentId)}` : `/lectures/${segment(lectureId ?? "")}`);
