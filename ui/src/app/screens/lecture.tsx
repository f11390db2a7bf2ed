/** A lecture with its conversation: the one place where listening and asking meet. */
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { AskPanel } from "@/features/ask/ask-panel";
import type { Turn } from "@/features/ask/conversation";
import { isOnly } from "@/features/ask/scope";
import { useConversation } from "@/features/ask/use-conversation";
import { useThread } from "@/features/ask/use-thread";
import { Conversations } from "@/features/conversations/conversations";
import { chaptersOf } from "@/features/lecture/chapters";
import { HardToHear } from "@/features/lecture/hard-to-hear";
import { useLectureKeys } from "@/features/lecture/keys";
import { Player, PlayerNote } from "@/features/lecture/player";
import { Transcript } from "@/features/lecture/transcript";
import { usePlayback } from "@/features/lecture/use-playback";
import { sketch } from "@/features/lecture/waveform";
import { Keep } from "@/features/packs/keep";
import "@/features/lecture/lecture.css";
import "@/features/lecture/player.css";
import "@/features/lecture/transcript.css";
import { useBridge } from "@/shared/bridge/context";
import { inWords } from "@/shared/format/sentence";
import { prefer } from "@/shared/preferences";
import type { CitationDto, LectureDto, SessionDto, TranscriptDto } from "@/shared/protocol";
import { useLoaded, useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { Button, IconButton } from "@/shared/ui/button";
import { Calm } from "@/shared/ui/calm";
import { Icon } from "@/shared/ui/icon";
import { Wait } from "@/shared/ui/wait";
import { addressOf, go, quoting } from "../route";
import { Beside, useViews } from "./beside";
// The one column overrides what is above it.
import "@/features/lecture/column.css";

// Answers from documents are rare beside a lecture.
const CitedFigures = lazy(() => import("@/features/document/figures").then(({ CitedFigures }) => ({ default: CitedFigures })));

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
        {lecture.error ? inWords(lecture.error) : t("lecture.notReady")}
      </Calm>
    );
  }
  const problem = failure ?? (list ? undefined : listFailure);
  if (problem) return <Calm icon="offline" title={inWords(problem)} action={<Button onClick={again}>{t("retry")}</Button>} />;
  if (!lecture || !transcript) return <Wait title={lecture?.title} />;
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
function Open({ lecture, transcript, onTranscript, at, session, ask, visit }: OpenProps) {
  const { lectures, server } = useBridge();
  const { lectureId: id, title } = lecture;
  const { phrases } = transcript;
  const length = lecture.duration ?? phrases.at(-1)?.to ?? 0;
  const { value: report } = useLoaded(`report:${id}`, () => lectures.report(id));
  const { value: wave } = useLoaded(`waveform:${id}`, () => lectures.waveform(id, POINTS));
  const { value: discovery } = useLoaded("discovery", () => server.discovery());
  const playback = usePlayback(id, length, report?.silences);
  const own = useMemo(() => ({ lectureId: id }), [id]);
  const conversation = useConversation({
    scope: [own],
    lecture: {
      playing: () => playback.state.get().playing,
      pause: () => {
        playback.stopClip();
        playback.pause();
      },
      resume: () => void playback.play(),
    },
    place: (scope) => ({ playhead: isOnly(scope, id) ? playback.position() : null, page: null }),
  });
  const { turns, sessionId, phase } = useWatch(conversation.state);
  const { playing } = useWatch(playback.state);
  const [show, setShow] = useState<{ time: number } | null>(null);
  const views = useViews("transcript");
  const { show: setView } = views;
  const chapters = useMemo(() => chaptersOf(phrases, length), [phrases, length]);
  const points = useMemo(() => wave ?? sketch(phrases, Math.max(1, length)), [wave, phrases, length]);
  const citations = turns.at(-1)?.citations;
  const cited = useMemo(() => (citations ?? []).filter(({ lectureId }) => lectureId === id).map(({ from, to }) => ({ from, to })), [citations, id]);
  useLectureKeys(playback, phrases, () => {
    const field = document.querySelector<HTMLInputElement>(".transcript-head input");
    field?.focus();
    if (document.activeElement === field) return;
    // In one column it has to be shown first.
    setView("transcript");
    requestAnimationFrame(() => field?.focus());
  });
  const asking = phase !== "idle";
  useEffect(() => {
    // Whoever asks sees that they are heard, and the answer.
    if (asking) setView("ask");
  }, [asking, setView]);

  useEffect(() => {
    if (playing) conversation.played();
  }, [playing, conversation]);
  useEffect(() => {
    document.title = `${title} · SynapScribe`;
    prefer({ welcomed: true });
  }, [title]);
  useEffect(() => {
    if (at !== null) playback.seek(at);
  }, [at, playback, visit]);
  useThread(session, conversation);
  useEffect(() => {
    if (session) setView("ask");
  }, [session, setView]);
  useEffect(() => {
    if (!ask) return;
    // The question is asked once, not again when the page is loaded again.
    history.replaceState(null, "", addressOf({ lectureId: id }));
    void conversation.askText(ask);
  }, [ask, id, conversation]);
  useEffect(() => {
    // The address remembers the thread, so that loading the page again finds it.
    if (sessionId) history.replaceState(null, "", addressOf({ lectureId: id }, { session: sessionId }));
  }, [sessionId, id]);

  // What is drawn of the lecture and of earlier turns stays as it is while a question is asked, so these do, too.
  /** What is cited from elsewhere is opened there, and the conversation goes along. */
  const elsewhere = useCallback(
    (citation: CitationDto): boolean => {
      const { documentId, lectureId, from } = citation;
      if (documentId) go(addressOf(citation, { ...quoting(citation), session: sessionId }));
      else if (lectureId !== id) go(addressOf(citation, { at: from, session: sessionId }));
      else return false;
      return true;
    },
    [id, sessionId],
  );
  const play = useCallback(
    (citation: CitationDto) => {
      if (elsewhere(citation)) return;
      conversation.hush();
      setShow({ time: citation.from });
      void playback.playClip(citation);
    },
    [elsewhere, conversation, playback],
  );
  const reveal = useCallback(
    (citation: CitationDto) => {
      if (elsewhere(citation)) return;
      setShow({ time: citation.from });
      setView("transcript");
    },
    [elsewhere, setView],
  );
  const figures = useCallback(
    (citations: CitationDto[]) =>
      citations.some(({ documentId }) => documentId) && (
        <Suspense>
          <CitedFigures citations={citations} onOpen={elsewhere} />
        </Suspense>
      ),
    [elsewhere],
  );
  const keep = useCallback(({ queryId }: Turn) => sessionId && queryId && <Keep turn={{ sessionId, queryId }} title={title} />, [sessionId, title]);
  const correct = useCallback(
    async (index: number, text: string) => {
      const phrase = transcript.phrases[index];
      if (!phrase) return;
      await lectures.correct(id, { from: phrase.from, expected: phrase.text, text });
      onTranscript({ ...transcript, phrases: transcript.phrases.map((one, n) => (n === index ? { ...one, text, confidence: 1, corrected: true } : one)) });
    },
    [lectures, id, transcript, onTranscript],
  );
  const begin = () => {
    conversation.begin();
    history.replaceState(null, "", addressOf({ lectureId: id }));
  };
  const open = (found: SessionDto) => {
    conversation.load(found);
    setView("ask");
  };
  return (
    <Beside
      views={views}
      all={[
        { name: "transcript", label: t("transcript.title"), main: true },
        { name: "ask", label: t("ask.tab") },
        { name: "talks", label: t("talks.tab") },
      ]}
      action={
        sessionId && (
          <IconButton
            icon="plus"
            label={t("talks.new")}
            onClick={() => {
              begin();
              setView("ask");
            }}
          />
        )
      }
      main={
        <>
          <header className="beside-head">
            <a className="icon-button" href="#/" aria-label={t("lecture.back")} title={t("lecture.back")}>
              <Icon name="back" size={22} />
            </a>
            <h1 title={title}>{title}</h1>
            {report?.hardToHear && <HardToHear own={lecture.own} />}
            <PlayerNote playback={playback} />
          </header>
          <Player playback={playback} points={points} phrases={phrases} chapters={chapters} cited={cited} />
          <Transcript playback={playback} phrases={phrases} cited={cited} show={show} own={lecture.own} onCorrect={correct} />
        </>
      }
      side={
        views.talks ? (
          <Conversations of={own} current={sessionId} onOpen={open} onDeleted={(gone) => gone === sessionId && begin()} />
        ) : (
          <AskPanel
            conversation={conversation}
            own={own}
            suggestion={discovery?.sample?.lectureId === id ? discovery.sample.question : undefined}
            onPlay={play}
            onShow={reveal}
            onContinue={playing || playback.time.get() === 0 ? null : () => void playback.play()}
            beside={figures}
            keep={discovery?.features.includes("packs") ? keep : undefined}
          />
        )
      }
    />
  );
}
