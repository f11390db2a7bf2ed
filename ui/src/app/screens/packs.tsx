/** Packs, as a screen: all of them, or one to learn from. */
import { useCallback } from "react";
import { Pack } from "@/features/packs/pack";
import { Packs } from "@/features/packs/packs";
import type { CitationDto } from "@/shared/protocol";
import { addressOf, go, packAddress, quoting } from "../route";

export function PacksScreen({ id, card }: { id: string | null; card: string | null }) {
  // The address remembers the card, so that the way back from what it cites leads to it.
  const remember = useCallback((seen: string | null) => id !== null && history.replaceState(null, "", packAddress(id, seen)), [id]);
  if (id === null) return <Packs />;
  return <Pack key={`${id} ${card}`} id={id} card={card} onCard={remember} onOpen={open} onGone={() => go("#/packs")} />;
}

/** A lecture at the second, or a document with the words marked. */
function open(citation: CitationDto): void {
  go(addressOf(citation, citation.documentId ? quoting(citation) : { at: citation.from }));
}
