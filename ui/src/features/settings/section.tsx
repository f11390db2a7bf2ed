/** One part of the settings: what it is about, and what can be chosen in it. */
import { type ReactNode, useId } from "react";
import { type Key, t } from "@/shared/text";

export function Section({ title, text, children }: { title: Key; text?: string; children: ReactNode }) {
  const id = useId();
  return (
    <section className="settings-section" aria-labelledby={id}>
      <div className="settings-about">
        <h2 id={id}>{t(title)}</h2>
        {text && <p>{text}</p>}
      </div>
      <div className="settings-fields">{children}</div>
    </section>
  );
}
