/** The classes one teaches and is in: coming in by a code, and for lecturers making one. */
import { useState } from "react";
import { useBridge } from "@/shared/bridge/context";
import { useWhose } from "@/shared/bridge/use-whose";
import { inWords } from "@/shared/format/sentence";
import type { ClassDto } from "@/shared/protocol";
import { useLoaded, useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { Button } from "@/shared/ui/button";
import { Calm } from "@/shared/ui/calm";
import { AskText } from "@/shared/ui/dialog";
import { announce } from "@/shared/ui/live";
import { Join } from "./join";
import "./classes.css";

export function Classes() {
  const { classes, accounts } = useBridge();
  const standing = useWatch(accounts.standing);
  const { value: list, failure, again } = useLoaded(`classes:${useWhose()}`, () => classes.list());
  const [making, setMaking] = useState(false);
  if (failure && list === undefined) return <Calm icon="offline" title={inWords(failure)} action={<Button onClick={again}>{t("retry")}</Button>} />;
  if (list === undefined) return <div className="classes" role="status" aria-label={t("loading")} />;
  if (list === null) return <Calm icon="library" title={t("classes.none.here")} />;
  const teaches = standing.state !== "guest" && standing.account.role !== "student";
  return (
    <div className="classes">
      <h1>{t("classes.title")}</h1>
      {list.length === 0 && <p className="dim">{t("classes.none")}</p>}
      <ul className="classes-list">
        {list.map((one) => (
          <Row key={one.classId} one={one} />
        ))}
      </ul>
      <Join onJoined={again} />
      {teaches && (
        <section aria-labelledby="classes-teach">
          <h2 id="classes-teach">{t("classes.teach")}</h2>
          <p className="dim">{t("classes.teach.text")}</p>
          <Button icon="plus" onClick={() => setMaking(true)}>
            {t("classes.make")}
          </Button>
        </section>
      )}
      {making && (
        <AskText
          title={t("classes.make")}
          label={t("classes.name")}
          value=""
          confirm={t("classes.make.done")}
          onConfirm={async (name) => {
            await classes.create(name);
            announce(t("classes.made"));
            again();
          }}
          onClose={() => setMaking(false)}
        />
      )}
    </div>
  );
}

function Row({ one }: { one: ClassDto }) {
  const facts = [
    one.teaching ? t("classes.teaching") : one.teacher && t("classes.taught", { name: one.teacher }),
    t("classes.members", { count: one.members }),
    t("classes.shown", { count: one.sources }),
  ];
  return (
    <li data-testid="class">
      <a href={`#/classes/${encodeURIComponent(one.classId)}`}>{one.name}</a>
      <p className="dim">{facts.filter(Boolean).join(" · ")}</p>
    </li>
  );
}
