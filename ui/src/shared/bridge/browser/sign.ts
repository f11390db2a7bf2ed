/** Signature Version 4 for REST, the WebSocket's address and object storage. Knows no message. */
import { AwsV4Signer } from "aws4fetch";
import type { Keys } from "./guest";
import type { ServerTime } from "./server-time";

/** The gateway's name in signatures, for REST and WebSocket alike. */
const GATEWAY = "execute-api";
const SOCKET_SECONDS = 300;
const OBJECT_SECONDS = 3600;

export async function signedRequest(
  keys: Keys,
  time: ServerTime,
  region: string,
  service: "execute-api" | "s3",
  method: string,
  url: string,
  body?: string,
): Promise<Request> {
  const headers: Record<string, string> = body === undefined ? {} : { "content-type": service === "s3" ? "application/xml" : "application/json" };
  const signer = new AwsV4Signer({ ...part(keys, time), region, service, method, url, headers, body });
  const signed = await signer.sign();
  return new Request(signed.url, { method, headers: signed.headers, body: body ?? null });
}

/** The WebSocket's address with its authorisation in the query, and the access token of whoever has signed in. */
export async function socketAddress(keys: Keys, token: string | null, time: ServerTime, region: string, url: string): Promise<string> {
  // A WebSocket begins as a plain request, and as such it is signed.
  const plain = new URL(url.replace(/^ws/, "http"));
  if (token) plain.searchParams.set("access_token", token);
  plain.searchParams.set("X-Amz-Expires", String(SOCKET_SECONDS));
  const signed = await presign(keys, time, region, GATEWAY, "GET", plain);
  return signed.replace(/^http/, "ws");
}

/** An address that accepts one PUT of an object or a part of it. */
export async function objectAddress(keys: Keys, time: ServerTime, region: string, url: URL): Promise<string> {
  url.searchParams.set("X-Amz-Expires", String(OBJECT_SECONDS));
  return presign(keys, time, region, "s3", "PUT", url);
}

async function presign(keys: Keys, time: ServerTime, region: string, service: string, method: string, url: URL): Promise<string> {
  const signer = new AwsV4Signer({ ...part(keys, time), region, service, method, url: url.toString(), signQuery: true });
  return (await signer.sign()).url.toString();
}

function part({ accessKeyId, secretAccessKey, sessionToken }: Keys, time: ServerTime) {
  return { accessKeyId, secretAccessKey, sessionToken, datetime: time.stamp() };
}
