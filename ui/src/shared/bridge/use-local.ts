/** Whether the server in use runs on this computer, so that nothing of what stays on it leaves. */
import { useWatch } from "@/shared/store/use-watch";
import { useBridge } from "./context";

export function useLocal(): boolean {
  const { kind, server } = useBridge();
  const address = useWatch(server.address);
  return (kind === "desktop" && address === "") || /^https?:\/\/(127\.|localhost[:/]|\[::1\])/.test(`${address}/`);
}
