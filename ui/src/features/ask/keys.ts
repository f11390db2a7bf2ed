/** The one key that raises a hand anywhere on the page, except where a space is a space. */
import { useEffect } from "react";
import { preferences } from "@/shared/preferences";
import type { Conversation } from "./conversation";

const OWN_SPACE = "input, textarea, select, [contenteditable]";

export function useHandKey(conversation: Conversation): void {
  useEffect(() => {
    const down = (event: KeyboardEvent) => {
      if (event.code === "Escape" && leaves(event.target)) return;
      if (event.code === "Escape" && conversation.state.get().phase === "listening") return conversation.cancelListening();
      if (event.code === "Escape" && ["sending", "answering", "speaking"].includes(conversation.state.get().phase)) return conversation.interrupt();
      if (event.code !== "Space" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      event.preventDefault();
      if (!event.repeat) conversation.press();
    };
    const up = (event: KeyboardEvent) => {
      if (event.code !== "Space") return;
      if (!typing(event.target)) event.preventDefault();
      conversation.release(preferences.get().talk === "handsFree");
    };
    // A window that loses the keyboard never hears the key come up.
    const away = () => conversation.release(false);
    window.addEventListener("keydown", down);
    window.addEventListener("keyup", up);
    window.addEventListener("blur", away);
    return () => {
      window.removeEventListener("keydown", down);
      window.removeEventListener("keyup", up);
      window.removeEventListener("blur", away);
    };
  }, [conversation]);
}

/** Whether Escape ends something else first: a dialog, a menu, or a search. */
function leaves(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement && target.type === "search") return target.value !== "";
  return target instanceof Element && target.closest("dialog[open], [role=menu]") !== null;
}

/** Buttons give their space to the hand, for they have Enter, and so does a question that is not begun. A dialog keeps all keys. */
function typing(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement && target.dataset.question !== undefined) return target.value !== "";
  return target instanceof Element && (target.matches(OWN_SPACE) || target.closest("dialog[open], [role=menu]") !== null);
}
