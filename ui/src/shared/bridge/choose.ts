/** Picks the bridge for where the page runs. Each is loaded only where it is used. */
import type { Bridge } from "./bridge";

export async function chooseBridge(): Promise<Bridge> {
  if ("__TAURI_INTERNALS__" in window) return (await import("./tauri")).desktopBridge();
  return (await import("./browser")).browserBridge(window.location.origin);
}
