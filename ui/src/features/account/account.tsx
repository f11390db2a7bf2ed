/** The account: getting in for a guest, and for whoever is in what belongs to it. */
import { useEffect, useRef, useState } from "react";
import type { AccountDto } from "@/shared/bridge/bridge";
import { useBridge } from "@/shared/bridge/context";
import { useWhose } from "@/shared/bridge/use-whose";
import { inWords } from "@/shared/format/sentence";
import { day } from "@/shared/format/time";
import { useLoaded, useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { Button } from "@/shared/ui/button";
import { Calm } from "@/shared/ui/calm";
import { Dialog } from "@/shared/ui/dialog";
import { announce } from "@/shared/ui/live";
import { useAttempt } from "./attempt";
import { Entering } from "./entering";
import { Field, Trouble, Whose } from "./form";
import "./account.css";

export function Account() {
  const { accounts, server } = useBridge();
  const standing = useWatch(accounts.standing);
  useArrival();
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
      {standing.state === "guest" ? (
        <>
          <p id={WHO} className="dim" tabIndex={-1}>{t("account.guest")}</p>
          <Entering />
        </>
      ) : (
        // What is seen stays while they sign in again.
        <Own key={standing.account.accountId} account={standing.account} />
      )}
    </div>
  );
}

/** What says who one is here. */
const WHO = "account-who";

/** Whoever got in or out by a button that is gone goes on from what says who they are now. */
function useArrival(): void {
  const whose = useWhose();
  const before = useRef(whose);
  useEffect(() => {
    if (before.current !== whose && document.activeElement === document.body) document.getElementById(WHO)?.focus();
    before.current = whose;
  }, [whose]);
}

function Own({ account }: { account: AccountDto }) {
  const { accounts, sessions } = useBridge();
  const { value: resting } = useLoaded("resting", () => accounts.resting());
  const [asking, setAsking] = useState<"everywhere" | "delete" | null>(null);
  const leaving = useAttempt();
  const taking = useAttempt();
  const keep = async () => {
    if (await sessions.save("synapscribe.json", await accounts.export())) announce(t("account.export.done"));
  };
  return (
    <>
      <section aria-labelledby={WHO}>
        <h2 id={WHO} tabIndex={-1} data-testid="account">
          {account.name || account.email}
        </h2>
        <p className="dim">{[account.name && account.email, t(ROLES[account.role] ?? "account.role.student")].filter(Boolean).join(" · ")}</p>
        {resting && <p className="dim" data-testid="resting">{t(`account.rests.${resting}`)}</p>}
        <div className="account-ways">
          <Button aria-disabled={leaving.busy} onClick={() => void leaving.attempt(() => accounts.signOut(false))}>{t("account.signOut")}</Button>
          <Button onClick={() => setAsking("everywhere")}>{t("account.everywhere")}</Button>
        </div>
        <Trouble text={leaving.trouble} />
      </section>
      <Devices />
      <section aria-labelledby="account-data">
        <h2 id="account-data">{t("account.data")}</h2>
        <p className="dim">{t("account.data.text")}</p>
        <div className="account-ways">
          <Button icon="download" aria-disabled={taking.busy} onClick={() => void taking.attempt(keep)}>{t("account.export")}</Button>
          <Button icon="trash" look="danger" onClick={() => setAsking("delete")}>{t("account.delete")}</Button>
        </div>
        <Trouble text={taking.trouble} />
      </section>
      {asking === "everywhere" && (
        <Dialog title={t("account.everywhere.title")} confirm={t("account.everywhere")} onConfirm={() => accounts.signOut(true)} onClose={() => setAsking(null)}>
          <p>{t("account.everywhere.text")}</p>
        </Dialog>
      )}
      {asking === "delete" && <Leaving email={account.email} onClose={() => setAsking(null)} />}
    </>
  );
}

const ROLES = { student: "account.role.student", lecturer: "account.role.lecturer", operator: "account.role.operator" } as Record<string, "account.role.student" | "account.role.lecturer" | "account.role.operator">;

function Devices() {
  const { accounts } = useBridge();
  const { value: list, failure, again } = useLoaded("sign-ins", () => accounts.signIns());
  const { state } = useWatch(accounts.standing);
  const heading = useRef<HTMLHeadingElement>(null);
  const { busy, trouble, attempt } = useAttempt();
  const before = useRef(state);
  useEffect(() => {
    // Whoever signed in again did so by another sign-in.
    if (before.current === "ended" && state === "signed_in") again();
    before.current = state;
  }, [state, again]);
  const end = async (id: string, button: Element) => {
    await accounts.endSignIn(id);
    announce(t("account.device.done"));
    again();
    // The button goes with its line, and with it the keyboard where it did not go elsewhere meanwhile.
    if (document.activeElement === button) heading.current?.focus();
  };
  return (
    <section aria-labelledby="account-devices">
      <h2 ref={heading} id="account-devices" tabIndex={-1}>{t("account.devices")}</h2>
      {failure && !list && <Calm small icon="offline" title={inWords(failure)} action={<Button onClick={again}>{t("retry")}</Button>} />}
      <ul className="account-devices">
        {list?.map(({ sessionId, device, place, lastUsed, current }) => (
          <li key={sessionId} data-testid="device">
            <div>
              <strong>{device || t("account.device.unnamed")}</strong>
              <p className="dim">{[place, current ? t("account.device.this") : t("account.device.used", { when: day(lastUsed) })].filter(Boolean).join(" · ")}</p>
            </div>
            {!current && (
              <Button
                aria-disabled={busy}
                aria-label={t("account.device.end.named", { device: device || t("account.device.unnamed") })}
                onClick={({ currentTarget }) => void attempt(() => end(sessionId, currentTarget))}
              >
                {t("account.device.end")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <Trouble text={trouble} />
    </section>
  );
}

function Leaving({ email, onClose }: { email: string; onClose: () => void }) {
  const { accounts } = useBridge();
  const [password, setPassword] = useState("");
  return (
    <Dialog title={t("account.delete.title")} confirm={t("account.delete")} danger onConfirm={() => accounts.remove(password)} onClose={onClose}>
      <p>{t("account.delete.text")}</p>
      <Whose email={email} />
      <Field label={t("account.password")} name="password" type="password" autoComplete="current-password" maxLength={128} value={password} onChange={(event) => setPassword(event.target.value)} />
    </Dialog>
  );
}
