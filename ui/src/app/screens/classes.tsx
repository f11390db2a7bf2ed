/** Classes, as a screen. */
import { Classes } from "@/features/classes/classes";
import { Room } from "@/features/classes/room";
import { go } from "../route";

export function ClassesScreen({ id }: { id: string | null }) {
  return id === null ? <Classes /> : <Room key={id} id={id} onGone={() => go("#/classes")} />;
}
