/** Hands the one bridge to components. */
import { createContext, type ReactNode, useContext } from "react";
import type { Bridge } from "./bridge";

const Context = createContext<Bridge | null>(null);

export function BridgeProvider({ bridge, children }: { bridge: Bridge; children: ReactNode }) {
  return <Context value={bridge}>{children}</Context>;
}

export function useBridge(): Bridge {
  const bridge = useContext(Context);
  if (!bridge) throw new Error("a component that needs the bridge is outside its provider");
  return bridge;
}
