/** Asks for the words of a card. */
import { useId, useState } from "react";
import type { CardWords } from "@/shared/bridge/packs";
import { t } from "@/shared/text";
import { Dialog } from "@/shared/ui/dialog";
import { MOST_OF_ANSWER, MOST_OF_QUESTION } from "./limits";

interface Props {
  title: string;
  /** What it says now. */
  words?: CardWords;
  confirm: string;
  onConfirm: (words: CardWords) => Promise<void>;
  onClose: () => void;
}

export function Words({ title, words, confirm, onConfirm, onClose }: Props) {
  const [question, setQuestion] = useState(words?.question ?? "");
  const [answer, setAnswer] = useState(words?.answer ?? "");
  const id = useId();
  return (
    <Dialog title={title} confirm={confirm} onConfirm={() => onConfirm({ question: question.trim(), answer: answer.trim() })} onClose={onClose}>
      <label className="field" htmlFor={`${id}-question`}>
        <span>{t("packs.question")}</span>
        <textarea id={`${id}-question`} required rows={2} maxLength={MOST_OF_QUESTION} value={question} onChange={({ target }) => setQuestion(target.value)} />
      </label>
      <label className="field" htmlFor={`${id}-answer`}>
        <span>{t("packs.answer")}</span>
        <textarea id={`${id}-answer`} required rows={6} maxLength={MOST_OF_ANSWER} value={answer} onChange={({ target }) => setAnswer(target.value)} />
      </label>
    </Dialog>
  );
}
