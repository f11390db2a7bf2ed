/** Classes: who teaches and learns together, and what they are shown. A part of the bridge. */
import type { ClassDto, RoomDto, SourceDto } from "@/shared/protocol";

export interface Classes {
  /** Those that one teaches or is in; `null` where the server has none. */
  list(): Promise<ClassDto[] | null>;
  get(id: string): Promise<RoomDto>;
  join(code: string, name: string): Promise<RoomDto>;
  create(name: string): Promise<ClassDto>;
  rename(id: string, name: string): Promise<RoomDto>;
  /** Gives it another code; the one before lets nobody in any more. */
  renew(id: string): Promise<RoomDto>;
  leave(id: string): Promise<void>;
  /** Removes a member. */
  dismiss(id: string, member: string): Promise<void>;
  remove(id: string): Promise<void>;
  share(id: string, source: SourceDto): Promise<void>;
  unshare(id: string, source: SourceDto): Promise<void>;
  /** Shows something to everybody on the server, or to nobody but oneself and one's classes. */
  publish(source: SourceDto, shown: boolean): Promise<void>;
}
