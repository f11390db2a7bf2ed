/** A dialog above everything for as long as it is there; whoever had the keyboard before has it again afterwards. */
import { type RefObject, useLayoutEffect, useRef } from "react";

export function useModal(): RefObject<HTMLDialogElement | null> {
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    if (dialog && !dialog.open) dialog.showModal();
    return () => {
      // As long as it is open nothing below it takes the keyboard.
      if (dialog?.open) dialog.close();
      if (before instanceof HTMLElement && before !== document.body) before.focus();
    };
  }, []);
  return ref;
}
