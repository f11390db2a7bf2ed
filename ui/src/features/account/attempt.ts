/** Asks for one thing at a time, and keeps why it was refused until the next is asked for. */
import { useState } from "react";
import { toFailure } from "@/shared/failure";
import { inWords } from "@/shared/format/sentence";

/** `before` is why something else was refused, which stands until then. */
export function useAttempt(before = "") {
  const [busy, setBusy] = useState(false);
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
