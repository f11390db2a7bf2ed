/** The list of lectures, kept true by the server's news. */
import { toFailure } from "@/shared/failure";
import type { CorrectionDto, LectureDto, ServerMessage } from "@/shared/protocol";
import { Cell } from "@/shared/store/watch";
import type { Lectures, LecturesState } from "../bridge";
import { keepFresh } from "./fresh";
import type { Link } from "./link";
import { correctPhrase } from "./requests/correct-phrase";
import { deleteLecture } from "./requests/delete-lecture";
import { getAudio } from "./requests/get-audio";
import { getLectures } from "./requests/get-lectures";
import { getReport } from "./requests/get-report";
import { getTranscript } from "./requests/get-transcript";
import { getWaveform } from "./requests/get-waveform";
import { renameLecture } from "./requests/rename-lecture";

export class BrowserLectures implements Lectures {
  readonly state = new Cell<LecturesState>({ list: undefined, windows: {}, corrected: {} });

  constructor(private readonly link: Link) {
    link.socket.onNews((message) => this.#hear(message));
    keepFresh(link, this.state, () => this.refresh());
  }

  async refresh(): Promise<void> {
    try {
      const list = await getLectures(await this.link.rest());
      this.state.update((was) => ({ ...was, list, failure: undefined }));
    } catch (error) {
      this.state.update((was) => ({ ...was, failure: toFailure(error) }));
    }
  }

  async rename(id: string, title: string): Promise<void> {
    await renameLecture(await this.link.rest(), id, title);
    this.#change(id, (lecture) => ({ ...lecture, title }));
  }

  async remove(id: string): Promise<void> {
    await deleteLecture(await this.link.rest(), id);
    this.#drop(id);
  }

  transcript = async (id: string) => getTranscript(await this.link.rest(), id);
  report = async (id: string) => getReport(await this.link.rest(), id);
  waveform = async (id: string, points: number) => getWaveform(await this.link.rest(), id, points);
  audio = async (id: string) => getAudio(await this.link.rest(), id);
  correct = async (id: string, correction: CorrectionDto) => correctPhrase(await this.link.rest(), id, correction);

  #hear(message: ServerMessage): void {
    if (!("lectureId" in message)) return;
    if (message.type === "lecture_deleted") return this.#drop(message.lectureId);
    const known = this.state.get().list?.some((lecture) => lecture.lectureId === message.lectureId);
    if (!known || message.type === "lecture_ready") void this.refresh();
    if (message.type === "lecture_progress") {
      this.#change(message.lectureId, (lecture) => ({ ...lecture, state: message.state, progress: message.progress }));
      const { lectureId, done, total } = message;
      this.state.update((was) => {
        const { [lectureId]: _, ...windows } = was.windows;
        return { ...was, windows: done != null && total ? { ...windows, [lectureId]: { done, total } } : windows };
      });
    } else if (message.type === "lecture_ready") {
      const { title, duration, tokensUsed } = message;
      this.#change(message.lectureId, (lecture) => ({ ...lecture, state: "ready", progress: 1, title, duration, tokensUsed, error: null }));
    } else if (message.type === "lecture_error") {
      this.#change(message.lectureId, (lecture) => ({ ...lecture, state: "failed", error: message.error }));
    } else if (message.type === "lecture_renamed") {
      this.#change(message.lectureId, (lecture) => ({ ...lecture, title: message.title }));
    } else if (message.type === "lecture_corrected") {
      const times = (this.state.get().corrected[message.lectureId] ?? 0) + 1;
      this.state.update((was) => ({ ...was, corrected: { ...was.corrected, [message.lectureId]: times } }));
    }
  }

  #drop(id: string): void {
    this.state.update((was) => ({ ...was, list: was.list?.filter((lecture) => lecture.lectureId !== id) }));
  }

  #change(id: string, change: (lecture: LectureDto) => LectureDto): void {
    this.state.update((was) => ({ ...was, list: was.list?.map((lecture) => (lecture.lectureId === id ? change(lecture) : lecture)) }));
  }
}
