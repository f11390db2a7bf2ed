/** Asks for one thing at a time, and keeps why it was refused until the next is asked for. */
import { createContext, useContext, useState } from "react";
import { toFailure } from "@/shared/failure";
import { inWords } from "@/shared/format/sentence";

/** Whether something is on its way, of all that is asked for inside; without it each form and button is on its own. */
export const Together = createContext<[busy: boolean, setBusy: (busy: boolean) => void] | null>(null);

/** `before` is why something else was refused, which stands until then. */
export function useAttempt(before = "") {
  const own = useState(false);
  const [busy, setBusy] = useContext(Together) ?? own;
  const [trouble, setTrouble] = useState(before);
  const attempt = async (work: () => Promise<void>) => {
    if (busy) return;
    setBusy(true);
    setTrouble("");
    try {
      await work();
    } catch (error) {
      setTrouble(inWords(toFailure(error)));
    } finally {
      setBusy(false);
    }
  };
  return { busy, trouble, attempt };
}
