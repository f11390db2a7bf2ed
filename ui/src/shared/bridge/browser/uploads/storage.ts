/** The multipart calls of object storage, signed as the guest. Knows no lecture. */
import type { Discovery } from "@/shared/protocol";
import { unreachable } from "../discovery";
import type { Guest } from "../guest";
import { objectAddress, signedRequest } from "../sign";
import { refusal } from "./put";

export interface StoredPart {
  number: number;
  etag: string;
  bytes: number;
}

export class Storage {
  constructor(
    private readonly discovery: Discovery,
    private readonly guest: Guest,
  ) {}

  async begin(key: string, contentType: string): Promise<string> {
    const document = await this.#call("POST", this.#url(key, { uploads: "" }), undefined, { "content-type": contentType });
    return text(document, "UploadId");
  }

  /** An address for one part; made for each attempt, because it expires. */
  async partAddress(key: string, uploadId: string, number: number): Promise<string> {
    const url = this.#url(key, { partNumber: String(number), uploadId });
    return objectAddress(await this.guest.keys(), this.guest.time, this.discovery.region, url);
  }

  /** An address for the whole object. */
  async wholeAddress(key: string): Promise<string> {
    return objectAddress(await this.guest.keys(), this.guest.time, this.discovery.region, this.#url(key, {}));
  }

  async parts(key: string, uploadId: string): Promise<StoredPart[]> {
    const found: StoredPart[] = [];
    for (let marker = ""; ; ) {
      const query: Record<string, string> = marker ? { uploadId, "part-number-marker": marker } : { uploadId };
      const page = await this.#call("GET", this.#url(key, query));
      for (const part of page.getElementsByTagName("Part")) {
        found.push({ number: Number(text(part, "PartNumber")), etag: text(part, "ETag"), bytes: Number(text(part, "Size")) });
      }
      const next = text(page, "NextPartNumberMarker");
      if (text(page, "IsTruncated") !== "true" || !next || next === marker) return found;
      marker = next;
    }
  }

  async complete(key: string, uploadId: string, parts: StoredPart[]): Promise<void> {
    const list = [...parts].sort((a, b) => a.number - b.number);
    const body = `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${list
      .map((part) => `<Part><PartNumber>${part.number}</PartNumber><ETag>${escape(part.etag)}</ETag></Part>`)
      .join("")}</CompleteMultipartUpload>`;
    await this.#call("POST", this.#url(key, { uploadId }), body);
  }

  async abort(key: string, uploadId: string): Promise<void> {
    await this.#call("DELETE", this.#url(key, { uploadId }));
  }

  #url(key: string, query: Record<string, string>): URL {
    const { s3Endpoint, bucket, region } = this.discovery;
    const base = s3Endpoint ? `${s3Endpoint.replace(/\/$/, "")}/${bucket}` : `https://${bucket}.s3.${region}.amazonaws.com`;
    const url = new URL(`${base}/${key.split("/").map(encodeURIComponent).join("/")}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url;
  }

  async #call(method: string, url: URL, body?: string, headers: Record<string, string> = {}): Promise<Document> {
    const request = await signedRequest(await this.guest.keys(), this.guest.time, this.discovery.region, "s3", method, url.toString(), body);
    for (const [name, value] of Object.entries(headers)) request.headers.set(name, value);
    let answer: Response;
    try {
      answer = await fetch(request, { signal: AbortSignal.timeout(60_000) });
    } catch {
      throw unreachable();
    }
    const said = await answer.text();
    // Storage may find out that it cannot complete an upload after it began to answer.
    if (!answer.ok || said.includes("<Error>")) throw refusal(answer.status, said);
    return new DOMParser().parseFromString(said || "<Nothing/>", "application/xml");
  }
}

function text(node: Document | Element, tag: string): string {
  return node.getElementsByTagName(tag)[0]?.textContent ?? "";
}

function escape(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
