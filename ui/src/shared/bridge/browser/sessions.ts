/** Conversations over REST. */
import type { SourceDto } from "@/shared/protocol";
import type { Sessions } from "../bridge";
import type { Link } from "./link";
import { deleteSession } from "./requests/delete-session";
import { getSession } from "./requests/get-session";
import { getSessionMarkdown } from "./requests/get-session-markdown";
import { getSessions } from "./requests/get-sessions";
import { renameSession } from "./requests/rename-session";

export class BrowserSessions implements Sessions {
  constructor(private readonly link: Link) {}

  list = async (of?: SourceDto) => getSessions(await this.link.rest(), of);
  get = async (id: string) => getSession(await this.link.rest(), id);
  rename = async (id: string, title: string) => renameSession(await this.link.rest(), id, title);
  remove = async (id: string) => deleteSession(await this.link.rest(), id);
  markdown = async (id: string) => getSessionMarkdown(await this.link.rest(), id);

  async save(fileName: string, text: string): Promise<boolean> {
    const url = URL.createObjectURL(new Blob([text], { type: `${fileName.endsWith(".md") ? "text/markdown" : "text/plain"};charset=utf-8` }));
    const anchor = document.createElement("a");
    anchor.href = url;
    anchor.download = fileName;
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    return true;
  }
}
