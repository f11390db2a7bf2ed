/** The account: getting in for a guest, and for whoever is in what belongs to it. */
import { useState } from "react";
import type { AccountDto } from "@/shared/bridge/bridge";
import { useBridge } from "@/shared/bridge/context";
import { toFailure } from "@/shared/failure";
import { inWords } from "@/shared/format/sentence";
import { day } from "@/shared/format/time";
import { useLoaded, useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { Button } from "@/shared/ui/button";
import { Calm } from "@/shared/ui/calm";
import { Dialog } from "@/shared/ui/dialog";
import { announce } from "@/shared/ui/live";
import { Entering } from "./entering";
import { Field } from "./form";
import "./account.css";

export function Account() {
  const { accounts, server } = useBridge();
  const standing = useWatch(accounts.standing);
  const { value: discovery, failure, again } = useLoaded("discovery", () => server.discovery());
  if (failure && !discovery) return <Calm icon="offline" title={inWords(failure)} action={<Button onClick={again}>{t("retry")}</Button>} />;
  if (!discovery) return <div className="account" role="status" aria-label={t("loading")} />;
  if (!discovery.accounts) return <Calm icon="library" title={t("account.none")} />;
  return (
    <div className="account">
      <h1>{t("account.title")}</h1>
      {discovery.features.includes("classes") && (
        <p>
          <a href="#/classes">{t("classes.go")}</a>
        </p>
      )}
      {standing.state === "signed_in" ? (
        <Own key={standing.account.accountId} account={standing.account} />
      ) : (
        <>
          <p className="dim">{t("account.guest")}</p>
          <Entering key={standing.state} email={standing.state === "ended" ? standing.account.email : ""} />
        </>
      )}
    </div>
  );
}

function Own({ account }: { account: AccountDto }) {
  const { accounts, sessions } = useBridge();
  const { value: resting } = useLoaded("resting", () => accounts.resting());
  const [asking, setAsking] = useState<"everywhere" | "delete" | null>(null);
  const [trouble, setTrouble] = useState("");
  const attempt = async (work: () => Promise<void>) => {
    setTrouble("");
    await work().catch((error: unknown) => setTrouble(inWords(toFailure(error))));
  };
  const keep = async () => {
    if (await sessions.save("synapscribe.json", await accounts.export())) announce(t("account.export.done"));
  };
  return (
    <>
      <section aria-labelledby="account-who">
        <h2 id="account-who" data-testid="account">
          {account.name || account.email}
        </h2>
        <p className="dim">{[account.name && account.email, t(ROLES[account.role] ?? "account.role.student")].filter(Boolean).join(" · ")}</p>
        {resting && <p className="dim" data-testid="resting">{t(`account.rests.${resting}`)}</p>}
        <div className="account-ways">
          <Button onClick={() => void attempt(() => accounts.signOut(false))}>{t("account.signOut")}</Button>
          <Button onClick={() => setAsking("everywhere")}>{t("account.everywhere")}</Button>
        </div>
      </section>
      <Devices />
      <section aria-labelledby="account-data">
        <h2 id="account-data">{t("account.data")}</h2>
        <p className="dim">{t("account.data.text")}</p>
        <div className="account-ways">
          <Button icon="download" onClick={() => void attempt(keep)}>{t("account.export")}</Button>
          <Button icon="trash" look="danger" onClick={() => setAsking("delete")}>{t("account.delete")}</Button>
        </div>
      </section>
      {trouble && (
        <p className="account-trouble" role="alert">
          {trouble}
        </p>
      )}
      {asking === "everywhere" && (
        <Dialog title={t("account.everywhere.title")} confirm={t("account.everywhere")} onConfirm={() => accounts.signOut(true)} onClose={() => setAsking(null)}>
          <p>{t("account.everywhere.text")}</p>
        </Dialog>
      )}
      {asking === "delete" && <Leaving onClose={() => setAsking(null)} />}
    </>
  );
}

const ROLES = { student: "account.role.student", lecturer: "account.role.lecturer", operator: "account.role.operator" } as Record<string, "account.role.student" | "account.role.lecturer" | "account.role.operator">;

function Devices() {
  const { accounts } = useBridge();
  const { value: list, failure, again } = useLoaded("sign-ins", () => accounts.signIns());
  const [trouble, setTrouble] = useState("");
  const end = async (id: string) => {
    setTrouble("");
    try {
      await accounts.endSignIn(id);
      announce(t("account.device.done"));
      again();
    } catch (error) {
      setTrouble(inWords(toFailure(error)));
    }
  };
  return (
    <section aria-labelledby="account-devices">
      <h2 id="account-devices">{t("account.devices")}</h2>
      {failure && !list && <Calm small icon="offline" title={inWords(failure)} action={<Button onClick={again}>{t("retry")}</Button>} />}
      <ul className="account-devices">
        {list?.map(({ sessionId, device, place, lastUsed, current }) => (
          <li key={sessionId} data-testid="device">
            <div>
              <strong>{device || t("account.device.unnamed")}</strong>
              <p className="dim">{[place, current ? t("account.device.this") : t("account.device.used", { when: day(lastUsed) })].filter(Boolean).join(" · ")}</p>
            </div>
            {!current && (
              <Button onClick={() => void end(sessionId)} aria-label={t("account.device.end.named", { device })}>
                {t("account.device.end")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {trouble && (
        <p className="account-trouble" role="alert">
          {trouble}
        </p>
      )}
    </section>
  );
}

function Leaving({ onClose }: { onClose: () => void }) {
  const { accounts } = useBridge();
  const [password, setPassword] = useState("");
  return (
    <Dialog title={t("account.delete.title")} confirm={t("account.delete")} danger onConfirm={() => accounts.remove(password)} onClose={onClose}>
      <p>{t("account.delete.text")}</p>
      <Field label={t("account.password")} type="password" autoComplete="current-password" maxLength={128} value={password} onChange={(event) => setPassword(event.target.value)} />
    </Dialog>
  );
}
