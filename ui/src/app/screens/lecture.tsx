/** A lecture with its conversation: the one place where listening and asking meet. */
import { type KeyboardEvent, useEffect, useMemo, useState } from "react";
import { AskPanel } from "@/features/ask/ask-panel";
import { useConversation } from "@/features/ask/use-conversation";
import { Conversations } from "@/features/conversations/conversations";
import { chaptersOf } from "@/features/lecture/chapters";
import { HardToHear } from "@/features/lecture/hard-to-hear";
import { useLectureKeys } from "@/features/lecture/keys";
import { Player, PlayerNote } from "@/features/lecture/player";
import { Transcript } from "@/features/lecture/transcript";
import { usePlayback } from "@/features/lecture/use-playback";
import { sketch } from "@/features/lecture/waveform";
import "@/features/lecture/lecture.css";
import "@/features/lecture/player.css";
import "@/features/lecture/transcript.css";
// The one column overrides what is above it.
import "@/features/lecture/column.css";
import { useBridge } from "@/shared/bridge/context";
import { sentence } from "@/shared/format/sentence";
import { prefer, preferences } from "@/shared/preferences";
import type { CitationDto, LectureDto, SessionDto, TranscriptDto } from "@/shared/protocol";
import { useMedia } from "@/shared/store/use-media";
import { useLoaded, useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { Button, IconButton } from "@/shared/ui/button";
import { Calm } from "@/shared/ui/calm";
import { Icon } from "@/shared/ui/icon";

interface Props {
  id: string;
  at: number | null;
  session: string | null;
  ask: string | null;
  /** Another one for each arrival, also at the same place. */
  visit: unknown;
}

export function LectureScreen({ id, at, session, ask, visit }: Props) {
  const { lectures } = useBridge();
  const { list, corrected, failure: listFailure } = useWatch(lectures.state);
  const lecture = list?.find(({ lectureId }) => lectureId === id);
  const { value: transcript, failure, again, set } = useLoaded(`transcript:${id}:${lecture?.state ?? "ready"}`, () => lectures.transcript(id));
  const times = corrected[id];
  useEffect(() => {
    // Somebody put words right, perhaps in another window.
    if (times) again();
  }, [times, again]);
  if (list && !lecture) {
    return (
      <Calm icon="search" title={t("lecture.gone.title")} action={<a className="button button-primary" href="#/">{t("lecture.gone.back")}</a>}>
        {t("lecture.gone.text")}
      </Calm>
    );
  }
  if (lecture && lecture.state !== "ready") {
    return (
      <Calm icon="file" title={lecture.title} action={<a className="button button-plain" href="#/">{t("lecture.gone.back")}</a>}>
        {lecture.error ? sentence(lecture.error.message) : t("lecture.notReady")}
      </Calm>
    );
  }
  const problem = failure ?? (list ? undefined : listFailure);
  if (problem) return <Calm icon="offline" title={sentence(problem.message)} action={<Button onClick={again}>{t("retry")}</Button>} />;
  if (!lecture || !transcript) return <div className="screen-wait" role="status" aria-label={t("loading")} />;
  return <Open lecture={lecture} transcript={transcript} onTranscript={set} at={at} session={session} ask={ask} visit={visit} />;
}

interface OpenProps {
  lecture: LectureDto;
  transcript: TranscriptDto;
  onTranscript: (transcript: TranscriptDto) => void;
  at: number | null;
  session: string | null;
  ask: string | null;
  visit: unknown;
}

const POINTS = 600;
/** The room that two columns need, in lines of text: larger text needs more. */
const TWO_COLUMNS = 60;

type View = "transcript" | "ask" | "talks";
const VIEWS = { transcript: "transcript.title", ask: "ask.tab", talks: "talks.tab" } as const;

function Open({ lecture, transcript, onTranscript, at, session, ask, visit }: OpenProps) {
  const { lectures, server, sessions } = useBridge();
  const { lectureId: id, title } = lecture;
  const { phrases } = transcript;
  const length = lecture.duration ?? phrases.at(-1)?.to ?? 0;
  const { value: report } = useLoaded(`report:${id}`, () => lectures.report(id));
  const { value: wave } = useLoaded(`waveform:${id}`, () => lectures.waveform(id, POINTS));
  const { value: discovery } = useLoaded("discovery", () => server.discovery());
  const playback = usePlayback(id, length, report?.silences);
  const conversation = useConversation(id, playback);
  const { turns, sessionId, phase } = useWatch(conversation.state);
  const { playing } = useWatch(playback.state);
  const [show, setShow] = useState<{ time: number } | null>(null);
  const { textSize } = useWatch(preferences);
  const narrow = useMedia(`(max-width: ${TWO_COLUMNS * textSize}rem)`);
  const [view, setView] = useState<View>("transcript");
  // Beside the transcript there is always something to see; in one column it is a view of its own.
  const side = view === "talks" ? "talks" : "ask";
  const chapters = useMemo(() => chaptersOf(phrases, length), [phrases, length]);
  const points = useMemo(() => wave ?? sketch(phrases, Math.max(1, length)), [wave, phrases, length]);
  const cited = useMemo(() => (turns.at(-1)?.citations ?? []).map(({ from, to }) => ({ from, to })), [turns]);
  useLectureKeys(playback, phrases);
  const asking = phase !== "idle";
  useEffect(() => {
    // Whoever asks sees that they are heard, and the answer.
    if (asking) setView("ask");
  }, [asking]);

  useEffect(() => {
    document.title = `${title} · SynapScribe`;
    prefer({ welcomed: true });
  }, [title]);
  useEffect(() => {
    if (at !== null) playback.seek(at);
  }, [at, playback, visit]);
  useEffect(() => {
    if (!session) return;
    setView("ask");
    sessions.get(session).then(
      (found) => conversation.load(found),
      () => undefined,
    );
  }, [session, sessions, conversation]);
  useEffect(() => {
    if (!ask) return;
    // The question is asked once, not again when the page is loaded again.
    history.replaceState(null, "", `#/lecture/${encodeURIComponent(id)}`);
    void conversation.askText(ask);
  }, [ask, id, conversation]);
  useEffect(() => {
    // The address remembers the thread, so that loading the page again finds it.
    if (sessionId) history.replaceState(null, "", `#/lecture/${encodeURIComponent(id)}?session=${encodeURIComponent(sessionId)}`);
  }, [sessionId, id]);

  const play = (citation: CitationDto) => {
    conversation.hush();
    setShow({ time: citation.from });
    void playback.playClip(citation);
  };
  const correct = async (index: number, text: string) => {
    const phrase = phrases[index];
    if (!phrase) return;
    await lectures.correct(id, { from: phrase.from, expected: phrase.text, text });
    onTranscript({ ...transcript, phrases: phrases.map((one, n) => (n === index ? { ...one, text, confidence: 1, corrected: true } : one)) });
  };
  const open = (found: SessionDto) => {
    conversation.load(found);
    setView("ask");
  };
  const reveal = ({ from }: CitationDto) => {
    setShow({ time: from });
    setView("transcript");
  };
  return (
    <div className={narrow ? "lecture lecture-column" : "lecture"} data-view={view}>
      <div className="lecture-main">
        <header className="lecture-head">
          <a className="icon-button" href="#/" aria-label={t("lecture.back")} title={t("lecture.back")}>
            <Icon name="back" size={22} />
          </a>
          <h1>{title}</h1>
          {report?.hardToHear && <HardToHear own={lecture.own} />}
          <PlayerNote playback={playback} />
        </header>
        <Player playback={playback} points={points} phrases={phrases} chapters={chapters} cited={cited} />
        <Transcript playback={playback} phrases={phrases} cited={cited} show={show} own={lecture.own} onCorrect={correct} />
      </div>
      <aside className="lecture-side" aria-label={t("ask.label")}>
        <header className="side-head">
          <Tabs views={narrow ? ["transcript", "ask", "talks"] : ["ask", "talks"]} now={narrow ? view : side} onChange={setView} />
          {sessionId && <IconButton icon="plus" label={t("talks.new")} onClick={() => {
            conversation.begin();
            history.replaceState(null, "", `#/lecture/${encodeURIComponent(id)}`);
            setView("ask");
          }} />}
        </header>
        {side === "ask" ? (
          <AskPanel
            conversation={conversation}
            suggestion={discovery?.sample?.lectureId === id ? discovery.sample.question : undefined}
            onPlay={play}
            onShow={reveal}
            onContinue={playing || playback.time.get() === 0 ? null : () => void playback.play()}
          />
        ) : (
          <Conversations lectureId={id} current={sessionId} onOpen={open} onDeleted={(gone) => gone === sessionId && conversation.begin()} />
        )}
      </aside>
    </div>
  );
}

function Tabs({ views, now, onChange }: { views: View[]; now: View; onChange: (view: View) => void }) {
  const keys = (event: KeyboardEvent<HTMLElement>) => {
    const step = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    if (!step) return;
    const next = (views.indexOf(now) + step + views.length) % views.length;
    onChange(views[next] as View);
    (event.currentTarget.children[next] as HTMLElement).focus();
  };
  return (
    <div className="tabs" role="tablist" aria-label={t("ask.label")} onKeyDown={keys}>
      {views.map((view) => (
        <button key={view} type="button" role="tab" aria-selected={view === now} tabIndex={view === now ? 0 : -1} className="tab" onClick={() => onChange(view)}>
          {t(VIEWS[view])}
        </button>
      ))}
    </div>
  );
}
