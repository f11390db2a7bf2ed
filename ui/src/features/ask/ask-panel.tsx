/** The conversation beside a lecture or a document: what was asked, what is answered, and the way to ask. */
import { type FormEvent, type KeyboardEvent, type ReactNode, type RefObject, useCallback, useEffect, useRef, useState } from "react";
import type { Recorder } from "@/shared/bridge/bridge";
import { useBridge } from "@/shared/bridge/context";
import { preferences } from "@/shared/preferences";
import type { CitationDto, SourceDto } from "@/shared/protocol";
import { useMedia } from "@/shared/store/use-media";
import { useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { IconButton } from "@/shared/ui/button";
import { Icon } from "@/shared/ui/icon";
import { Level } from "@/shared/ui/level";
import type { Conversation, Turn } from "./conversation";
import { Notice } from "./notice";
import { type Matter, matterOf } from "./scope";
import { ScopeChoice } from "./scope-choice";
import { TurnView } from "./turn";
import { useSpoken } from "./use-spoken";
import "./ask.css";

interface Props {
  conversation: Conversation;
  /** What is open on the screen. */
  own: SourceDto;
  suggestion: string | undefined;
  // These stay the same from one drawing to the next, so that earlier turns are not drawn again.
  onPlay: (citation: CitationDto) => void;
  onShow: (citation: CitationDto) => void;
  /** What is shown with an answer beside its words, such as figures of the pages it rests on. */
  beside?: (citations: CitationDto[]) => ReactNode;
  /** What can be done with an answer that was given to its end, such as keeping it. */
  keep?: (turn: Turn) => ReactNode;
  onContinue: (() => void) | null;
}

export function AskPanel({ conversation, own, suggestion, onPlay, onShow, onContinue, beside, keep }: Props) {
  const { recorder } = useBridge();
  const { phase, scope, turns, notice, latched } = useWatch(conversation.state);
  const matter = matterOf(scope);
  const list = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const edit = useCallback((question: string) => {
    setText(question);
    input.current?.focus();
  }, []);
  const again = useCallback((turn: Turn) => void conversation.again(turn), [conversation]);
  useSpoken(conversation);
  // What is new is seen, unless the person looks at something earlier.
  const last = turns.at(-1);
  const tall = useRef(0);
  useEffect(() => {
    // Measured when it is drawn, however much came until then: what is pressed meanwhile does not wait for it.
    const frame = requestAnimationFrame(() => {
      const box = list.current;
      if (!box) return;
      const before = Math.min(tall.current, box.scrollHeight);
      if (before - box.scrollTop - box.clientHeight < 260) box.scrollTop = box.scrollHeight;
      tall.current = box.scrollHeight;
    });
    return () => cancelAnimationFrame(frame);
  }, [last]);
  const listening = phase === "listening" || phase === "opening";
  useEffect(() => {
    // Whoever asks is at the end of the conversation, wherever they were reading; in one column it has to be shown first.
    const frame = requestAnimationFrame(() => list.current?.scrollTo({ top: list.current.scrollHeight }));
    return () => cancelAnimationFrame(frame);
  }, [listening, last?.id]);
  return (
    <section className="ask" aria-label={t("ask.label")}>
      <div className="ask-turns" ref={list} tabIndex={0} role="log" aria-label={t("ask.turns")} aria-live="off">
        {turns.length === 0 && phase === "idle" && <Hint matter={matter} suggestion={suggestion} onAsk={(text) => void conversation.askText(text)} />}
        {turns.map((turn) => (
          <TurnView
            key={turn.id}
            turn={turn}
            matter={matter}
            beside={beside}
            keep={keep}
            speaking={turn === last && phase === "speaking"}
            onPlay={onPlay}
            onShow={onShow}
            onAgain={again}
            onEdit={edit}
          />
        ))}
        {/* The end of the last word is still being recorded. */}
        {phase === "sending" && (last?.done ?? true) && <p className="question understanding">{t("ask.understanding")}</p>}
        {listening && <Listening recorder={recorder} latched={latched} opening={phase === "opening"} onCancel={() => conversation.cancelListening()} />}
        {onContinue && phase === "idle" && turns.length > 0 && (
          <button type="button" className="button button-plain go-on" onClick={onContinue}>
            <Icon name="play" size={16} />
            <span>{t("ask.continue")}</span>
          </button>
        )}
      </div>
      {notice && <Notice failure={notice} onDismiss={() => conversation.dismissNotice()} onRetry={() => void recorder.open().catch(() => undefined)} />}
      <Asker conversation={conversation} own={own} text={text} onText={setText} input={input} />
    </section>
  );
}

function Hint({ matter, suggestion, onAsk }: { matter: Matter; suggestion: string | undefined; onAsk: (text: string) => void }) {
  const { talk } = useWatch(preferences);
  const touch = useMedia("(pointer: coarse)");
  const how = t(`ask.hint.${talk}.${touch ? "touch" : "key"}`);
  return (
    <div className="ask-hint">
      <p className="ask-hint-title">{t("ask.hint.title")}</p>
      <p>{t(`ask.hint.text.${matter}`, { how })}</p>
      {suggestion && (
        <button type="button" className="suggestion" onClick={() => onAsk(suggestion)}>
          <Icon name="quote" size={18} />
          <span>{suggestion}</span>
        </button>
      )}
    </div>
  );
}

function Listening({ recorder, latched, opening, onCancel }: { recorder: Recorder; latched: boolean; opening: boolean; onCancel: () => void }) {
  return (
    <div className="listening" data-testid="listening">
      <Level level={recorder.level} label={t("ask.level")} />
      <p>
        {opening ? t("ask.opening") : latched ? t("ask.listening.latched") : t("ask.listening")}
        {latched && <IconButton icon="close" label={t("ask.listening.cancel")} onClick={onCancel} />}
      </p>
    </div>
  );
}

interface AskerProps {
  conversation: Conversation;
  own: SourceDto;
  text: string;
  onText: (text: string) => void;
  input: RefObject<HTMLInputElement | null>;
}

function Asker({ conversation, own, text, onText, input }: AskerProps) {
  const { phase, latched } = useWatch(conversation.state);
  const { talk } = useWatch(preferences);
  const raise = t(talk === "handsFree" ? "hand.press" : "hand.raise");
  const busy = phase === "answering" || phase === "speaking" || phase === "sending";
  const listening = phase === "listening" || phase === "opening";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!text.trim()) return;
    void conversation.askText(text);
    onText("");
  };
  const label = listening ? (latched ? t("hand.send") : t("hand.release")) : busy ? t("hand.interrupt") : raise;
  const release = () => conversation.release(talk === "handsFree");
  const keys = (event: KeyboardEvent) => {
    // Space is the whole page's key; Enter works like a tap.
    if (event.key === "Enter" && !event.repeat) {
      event.preventDefault();
      conversation.press();
    }
  };
  return (
    <div className="asker">
      <ScopeChoice conversation={conversation} own={own} />
      <button
        type="button"
        className={`hand hand-${listening ? "listening" : busy ? "busy" : "idle"}`}
        aria-pressed={listening}
        aria-keyshortcuts="Space"
        data-testid="hand"
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          conversation.press();
        }}
        onPointerUp={release}
        onPointerCancel={release}
        onKeyDown={keys}
        onKeyUp={(event) => event.key === "Enter" && release()}
        onClick={(event) => {
          // A click without a pointer comes from a screen reader: it is a tap.
          if (event.detail !== 0) return;
          conversation.press();
          release();
        }}
        onContextMenu={(event) => event.preventDefault()}
      >
        <Icon name={listening ? "mic" : busy ? "stop" : "hand"} size={26} />
        <span>{label}</span>
        <kbd>{t("hand.key")}</kbd>
      </button>
      <form className="type" onSubmit={submit}>
        <input ref={input} data-question="" value={text} onChange={(event) => onText(event.target.value)} placeholder={t("ask.type")} aria-label={t("ask.type")} maxLength={2000} autoComplete="off" />
        <IconButton type="submit" icon="send" label={t("ask.send")} disabled={!text.trim()} />
      </form>
    </div>
  );
}
