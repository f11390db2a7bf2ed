/** Coming into a class by the code its teacher gave out. */
import { type FormEvent, useId, useState } from "react";
import { useBridge } from "@/shared/bridge/context";
import { toFailure } from "@/shared/failure";
import { inWords } from "@/shared/format/sentence";
import { useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { Button } from "@/shared/ui/button";
import { announce } from "@/shared/ui/live";

export function Join({ onJoined }: { onJoined: () => void }) {
  const { classes, accounts, lectures, documents } = useBridge();
  const guest = useWatch(accounts.standing).state === "guest";
  const id = useId();
  const [code, setCode] = useState("");
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState("");
  const join = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setTrouble("");
    try {
      const room = await classes.join(code, name);
      setCode("");
      // What the class is shown belongs to the library from now on.
      void Promise.all([lectures.refresh(), documents.refresh()]);
      announce(t("classes.joined", { name: room.class.name }));
      onJoined();
    } catch (error) {
      setTrouble(inWords(toFailure(error)));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="classes-join" aria-labelledby={id} onSubmit={(event) => void join(event)}>
      <h2 id={id}>{t("classes.join")}</h2>
      <p className="dim">{t("classes.join.text")}</p>
      <label className="field" htmlFor={`${id}-code`}>
        <span>{t("classes.code")}</span>
        <input id={`${id}-code`} required autoComplete="off" autoCapitalize="characters" spellCheck={false} maxLength={40} value={code} onChange={(event) => setCode(event.target.value)} />
      </label>
      {guest && (
        <label className="field" htmlFor={`${id}-name`}>
          <span>{t("classes.join.name")}</span>
          <input id={`${id}-name`} autoComplete="name" maxLength={80} value={name} onChange={(event) => setName(event.target.value)} />
        </label>
      )}
      {trouble && (
        <p className="classes-trouble" role="alert">
          {trouble}
        </p>
      )}
      <Button look="primary" type="submit" disabled={busy}>
        {t("classes.join.send")}
      </Button>
    </form>
  );
}
