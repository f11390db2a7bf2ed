/** Typed `invoke` and `listen`: the names and shapes of commands.ts and no others. */
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import { toFailure } from "@/shared/failure";
import type { Commands, Events } from "./commands";

type Arguments<K extends keyof Commands> = Commands[K][0] extends void ? [] : [Commands[K][0]];

export async function call<K extends keyof Commands>(name: K, ...args: Arguments<K>): Promise<Commands[K][1]> {
  try {
    return await invoke<Commands[K][1]>(name, args[0] as Record<string, unknown> | undefined);
  } catch (error) {
    throw toFailure(error);
  }
}

export function on<K extends keyof Events>(name: K, listener: (event: Events[K]) => void): Promise<unknown> {
  return listen<Events[K]>(name, ({ payload }) => listener(payload));
}

/** Names that are both: an event for each change, and a command for what was before the page listened. */
type Followed = { [K in keyof Events & keyof Commands]: Commands[K][1] extends Events[K] | null ? K : never }[keyof Events & keyof Commands];

/** Listens, and asks once for what came too early to be heard. */
export function follow<K extends Followed>(name: K, listener: (event: Events[K]) => void): void {
  let heard = false;
  const hear = (event: Events[K]) => {
    heard = true;
    listener(event);
  };
  void on(name, hear)
    .then(() => invoke<Events[K] | null>(name))
    .then((now) => {
      // What was heard meanwhile is newer.
      if (now !== null && !heard) listener(now);
    });
}
