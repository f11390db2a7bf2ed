/** The list of documents, kept true by the server's news. */
import { toFailure } from "@/shared/failure";
import type { AreaDto, DocumentDto, ServerMessage } from "@/shared/protocol";
import { Cell } from "@/shared/store/watch";
import type { Documents, DocumentsState } from "../bridge";
import { keepFresh } from "./fresh";
import type { Link } from "./link";
import { deleteDocument } from "./requests/delete-document";
import { getCover } from "./requests/get-cover";
import { getDocuments } from "./requests/get-documents";
import { getOutline } from "./requests/get-outline";
import { getPages } from "./requests/get-pages";
import { getPicture } from "./requests/get-picture";
import { getUnreadPages } from "./requests/get-unread-pages";
import { renameDocument } from "./requests/rename-document";

export class BrowserDocuments implements Documents {
  readonly state = new Cell<DocumentsState>({ list: undefined, steps: {} });

  constructor(private readonly link: Link) {
    link.socket.onNews((message) => this.#hear(message));
    keepFresh(link, this.state, () => this.refresh());
  }

  async refresh(): Promise<void> {
    try {
      const list = await getDocuments(await this.link.rest());
      this.state.update((was) => ({ ...was, list, failure: undefined }));
    } catch (error) {
      this.state.update((was) => ({ ...was, failure: toFailure(error) }));
    }
  }

  async rename(id: string, title: string): Promise<void> {
    await renameDocument(await this.link.rest(), id, title);
    this.#change(id, (one) => ({ ...one, title }));
  }

  async remove(id: string): Promise<void> {
    await deleteDocument(await this.link.rest(), id);
    this.#drop(id);
  }

  outline = async (id: string) => getOutline(await this.link.rest(), id);
  pages = async (id: string, from: number, to: number) => getPages(await this.link.rest(), id, from, to);
  unread = async (id: string) => getUnreadPages(await this.link.rest(), id);
  picture = async (id: string, page: number, width: number, part?: AreaDto) => getPicture(await this.link.rest(), id, page, width, part);
  cover = async (id: string, width: number) => getCover(await this.link.rest(), id, width);

  #hear(message: ServerMessage): void {
    if (!message.type.startsWith("document_") || !("documentId" in message) || !message.documentId) return;
    const id = message.documentId;
    if (message.type === "document_deleted") return this.#drop(id);
    const known = this.state.get().list?.find(({ documentId }) => documentId === id);
    // Kind, pages and notes are told by the list only.
    const askable = message.type === "document_ready" || (message.type === "document_progress" && message.canBeAsked && !known?.canBeAsked);
    if (!known || askable) void this.refresh();
    if (message.type === "document_progress") {
      const { title, state, progress, canBeAsked, done, total } = message;
      this.#change(id, (one) => ({ ...one, title, state, progress, canBeAsked }));
      this.state.update((was) => {
        const { [id]: _, ...steps } = was.steps;
        return { ...was, steps: done != null && total ? { ...steps, [id]: { done, total } } : steps };
      });
    } else if (message.type === "document_ready") {
      const { title, pages, failedPages, passages, tokensUsed } = message;
      this.#change(id, (one) => ({ ...one, state: "ready", progress: 1, canBeAsked: true, title, pages, failedPages, passages, tokensUsed, error: null }));
    } else if (message.type === "document_error") {
      this.#change(id, (one) => ({ ...one, state: "failed", canBeAsked: false, error: message.error }));
    }
  }

  #drop(id: string): void {
    this.state.update((was) => ({ ...was, list: was.list?.filter(({ documentId }) => documentId !== id) }));
  }

  #change(id: string, change: (one: DocumentDto) => DocumentDto): void {
    this.state.update((was) => ({ ...was, list: was.list?.map((one) => (one.documentId === id ? change(one) : one)) }));
  }
}
