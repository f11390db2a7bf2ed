/** Keeps unfinished uploads in the browser's database, so that they go on after the page was closed. */

export type Kind = "lecture" | "document";

export interface Saved {
  id: string;
  /** Several servers may share a browser; each sees its own. */
  server: string;
  name: string;
  bytes: number;
  /** What it becomes, told by its first bytes; left out by those kept before there were documents. */
  kind?: Kind;
  /** The name of the lecture. */
  lectureId: string | null;
  documentId?: string | null;
  key: string | null;
  contentType: string;
  multipart: string | null;
  captions: File | null;
  captionsSent: boolean;
  sent: boolean;
  /** Bytes that had left when it was paused; it stays paused until the person goes on. */
  paused: number | null;
  /** Told of one that is cancelled and whose bytes are still on the server: removed at once, or after asking what became of them. */
  leaving?: "ask" | "remove";
  /** Left out when the browser would not keep it. */
  file: File | null;
  added: number;
  /** What could not be used when the file was chosen; that of the same name gives way to this one. */
  before?: string[];
}

const STORE = "uploads";

let database: Promise<IDBDatabase> | undefined;

export async function keep(saved: Saved): Promise<boolean> {
  try {
    await write((store) => store.put(saved));
    return true;
  } catch {
    // Without room for the file itself, what is known of it is kept: it goes on once it is chosen again.
    await write((store) => store.put({ ...saved, file: null })).catch(() => undefined);
    return false;
  }
}

export async function forget(id: string): Promise<void> {
  await write((store) => store.delete(id)).catch(() => undefined);
}

export async function remembered(server: string): Promise<Saved[]> {
  try {
    const db = await open();
    const all = await done<Saved[]>(db.transaction(STORE, "readonly").objectStore(STORE).getAll());
    return all.filter((saved) => saved.server === server).sort((a, b) => a.added - b.added);
  } catch {
    return [];
  }
}

async function write(act: (store: IDBObjectStore) => IDBRequest): Promise<void> {
  const db = await open();
  const transaction = db.transaction(STORE, "readwrite");
  act(transaction.objectStore(STORE));
  // Nothing follows, so it need not wait for the page, which may be left now.
  transaction.commit();
  await new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

function open(): Promise<IDBDatabase> {
  database ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open("synapscribe", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  }).catch((error: unknown) => {
    database = undefined;
    throw error;
  });
  return database;
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
