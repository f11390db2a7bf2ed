/** Signature Version 4 for REST, the WebSocket's address and object storage. Knows no message. */
import { AwsV4Signer } from "aws4fetch";
import type { Keys } from "./guest";

/** The gateway's name in signatures, for REST and WebSocket alike. */
const GATEWAY = "execute-api";
const SOCKET_SECONDS = 300;
const OBJECT_SECONDS = 3600;

export async function signedRequest(
  keys: Keys,
  region: string,
  service: "execute-api" | "s3",
  method: string,
  url: string,
  body?: string,
): Promise<Request> {
  const headers: Record<string, string> = body === undefined ? {} : { "content-type": service === "s3" ? "application/xml" : "application/json" };
  const signer = new AwsV4Signer({ ...part(keys), region, service, method, url, headers, body });
  const signed = await signer.sign();
  return new Request(signed.url, { method, headers: signed.headers, body: body ?? null });
}

/** The WebSocket's address with its authorisation in the query. */
export async function socketAddress(keys: Keys, region: string, url: string): Promise<string> {
  // A WebSocket begins as a plain request, and as such it is signed.
  const plain = new URL(url.replace(/^ws/, "http"));
  plain.searchParams.set("X-Amz-Expires", String(SOCKET_SECONDS));
  const signed = await presign(keys, region, GATEWAY, "GET", plain);
  return signed.replace(/^http/, "ws");
}

/** An address that accepts one PUT of an object or a part of it. */
export async function objectAddress(keys: Keys, region: string, url: URL): Promise<string> {
  url.searchParams.set("X-Amz-Expires", String(OBJECT_SECONDS));
  return presign(keys, region, "s3", "PUT", url);
}

async function presign(keys: Keys, region: string, service: string, method: string, url: URL): Promise<string> {
  const signer = new AwsV4Signer({ ...part(keys), region, service, method, url: url.toString(), signQuery: true });
  return (await signer.sign()).url.toString();
}

function part({ accessKeyId, secretAccessKey, sessionToken }: Keys) {
  return { accessKeyId, secretAccessKey, sessionToken };
}
