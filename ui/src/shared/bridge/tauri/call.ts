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

export function on<K extends keyof Events>(name: K, listener: (event: Events[K]) => void): void {
  void listen<Events[K]>(name, ({ payload }) => listener(payload));
}
