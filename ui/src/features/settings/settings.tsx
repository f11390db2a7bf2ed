/** Everything that can be chosen, and where things go. */
import { useEffect, useId, useState } from "react";
import type { Device } from "@/shared/bridge/bridge";
import { useBridge } from "@/shared/bridge/context";
import { useLocal } from "@/shared/bridge/use-local";
import { toFailure } from "@/shared/failure";
import { inWords } from "@/shared/format/sentence";
import { percent } from "@/shared/format/time";
import { type Preferences, prefer, preferences } from "@/shared/preferences";
import { useLoaded, useWatch } from "@/shared/store/use-watch";
import { type Key, t } from "@/shared/text";
import { Button } from "@/shared/ui/button";
import { Calm } from "@/shared/ui/calm";
import { Level } from "@/shared/ui/level";
import { trouble } from "@/shared/ui/trouble";
import { Choice, Pick, Switch } from "./fields";
import { Section } from "./section";
import { Storage } from "./storage";
import "./settings.css";

export function Settings() {
  // Another server has voices, engines and a storage of its own: nothing of the last one may stand beside its address.
  const of = useWatch(useBridge().server.address);
  return (
    <div className="settings">
      <h1>{t("settings.title")}</h1>
      <Look />
      <Sound />
      <Talking />
      <Answers key={`answers ${of}`} />
      <Keys />
      <Engines key={`engines ${of}`} />
      <AccountHere key={`account ${of}`} />
      <Place />
      <Storage key={`storage ${of}`} />
    </div>
  );
}

function Look() {
  const { theme, textSize } = useWatch(preferences);
  return (
    <Section title="settings.look">
      <Choice
        label={t("settings.theme")}
        value={theme}
        options={(["system", "light", "dark", "contrast"] as const).map((value) => ({ value, label: t(`settings.theme.${value}`) }))}
        onChange={(value) => prefer({ theme: value })}
      />
      <Choice
        label={t("settings.text")}
        value={String(textSize)}
        options={["0.9", "1", "1.15", "1.3", "1.5", "1.75", "2"].map((value) => ({ value, label: percent(Number(value)) }))}
        onChange={(value) => prefer({ textSize: Number(value) as Preferences["textSize"] })}
      />
    </Section>
  );
}

function Sound() {
  const { devices, recorder, speaker, kind } = useBridge();
  const { inputs, outputs } = useWatch(devices.list);
  const follows = useWatch(devices.follows);
  const { input, output } = useWatch(preferences);
  const state = useWatch(recorder.state);
  const [testing, setTesting] = useState(false);
  const [mute, setMute] = useState("");
  useEffect(() => () => recorder.close(), [recorder]);
  const use = (change: { input?: string; output?: string }) => {
    prefer(change);
    const now = preferences.get();
    void devices.use(now.input, now.output);
  };
  const test = async () => {
    if (testing) {
      recorder.close();
      setTesting(false);
      return;
    }
    setTesting(true);
    await recorder.open().catch(() => setTesting(false));
    // Devices have names only once one of them was allowed.
    void devices.refresh();
  };
  const play = async () => {
    setMute("");
    await speaker.test().catch((error: unknown) => setMute(inWords(toFailure(error))));
  };
  const system = { value: "", label: t("settings.device.system") };
  const named = (list: Device[], kind: string) => [system, ...list.map(({ id, name }) => ({ value: id, label: isNumber(name) ? `${kind} ${name}` : name }))];
  const unnamed = (list: Device[]) => list.every(({ name }) => isNumber(name));
  return (
    <Section title="settings.sound" text={t("settings.sound.text")}>
      {kind === "browser" && unnamed(inputs) && <p className="dim">{t("settings.sound.names")}</p>}
      <Pick label={t("settings.input")} value={input} options={named(inputs, t("settings.input"))} onChange={(value) => use({ input: value })} />
      <div className="settings-test">
        <Button icon="mic" onClick={() => void test()} aria-pressed={testing}>
          {testing ? t("settings.test.stop") : t("settings.test.mic")}
        </Button>
        {testing && state.phase !== "failed" && <Level level={recorder.level} label={t("ask.level")} />}
      </div>
      {state.phase === "failed" && (
        <Calm small urgent icon="mic" title={trouble(state.failure).title}>
          {trouble(state.failure).text}
        </Calm>
      )}
      <Pick label={t("settings.output")} value={output} options={named(outputs, t("settings.output"))} onChange={(value) => use({ output: value })} />
      <div className="settings-test">
        <Button icon="speaker" onClick={() => void play()}>
          {t("settings.test.speaker")}
        </Button>
      </div>
      {mute && <Calm small urgent icon="speaker" title={mute} />}
      {!follows && output !== "" && <p className="dim">{t("settings.output.lecture")}</p>}
    </Section>
  );
}

/** A browser that was not allowed to hear knows devices by their numbers only. */
const isNumber = (name: string) => /^\d+$/.test(name);

function Talking() {
  const { talk, keepReady, goOn } = useWatch(preferences);
  return (
    <Section title="settings.talking">
      <Choice
        label={t("settings.talk")}
        value={talk}
        options={(["hold", "handsFree"] as const).map((value) => ({ value, label: t(`settings.talk.${value}`) }))}
        onChange={(value) => prefer({ talk: value })}
      />
      <Switch label={t("settings.ready")} text={t("settings.ready.text")} on={keepReady} onChange={(value) => prefer({ keepReady: value })} />
      <Switch label={t("settings.goOn")} on={goOn} onChange={(value) => prefer({ goOn: value })} />
    </Section>
  );
}

function Answers() {
  const { server } = useBridge();
  const { speak, voice, voiceSpeed } = useWatch(preferences);
  const { value: voices } = useLoaded("voices", () => server.voices());
  return (
    <Section title="settings.answers">
      <Switch label={t("settings.speak")} on={speak} onChange={(value) => prefer({ speak: value })} />
      {voices && voices.length > 0 && (
        <Pick
          label={t("settings.voice")}
          value={voice}
          options={[{ value: "", label: t("settings.voice.usual") }, ...voices.map(({ name, description }) => ({ value: name, label: description ? `${name} – ${description}` : name }))]}
          onChange={(value) => prefer({ voice: value })}
        />
      )}
      <Choice
        label={t("settings.speed")}
        value={String(voiceSpeed)}
        options={["0.75", "1", "1.25", "1.5", "2"].map((value) => ({ value, label: `${value}×` }))}
        onChange={(value) => prefer({ voiceSpeed: Number(value) })}
      />
    </Section>
  );
}

const KEYS: [keys: string, what: Key][] = [
  ["Space", "keys.space"],
  ["Esc", "keys.escape"],
  ["K", "keys.play"],
  ["← →", "keys.five"],
  ["J L", "keys.ten"],
  ["[ ]", "keys.phrase"],
  [", .", "keys.rate"],
  ["/", "keys.search"],
  ["← →", "keys.page"],
  ["G", "keys.go"],
  ["- + 0", "keys.zoom"],
  ["O", "keys.contents"],
  ["Space", "keys.card"],
  ["← →", "keys.cards"],
];

function Keys() {
  return (
    <Section title="keys.title" text={t("keys.text")}>
      <dl className="keys">
        {KEYS.map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.split(" ").map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{t(what)}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

const ROLES: Record<string, Key> = {
  recognition: "engine.recognition",
  answers: "engine.answers",
  speech: "engine.speech",
  meaning: "engine.meaning",
  pages: "engine.pages",
};

function Engines() {
  const { server } = useBridge();
  const { value: engines, failure, again } = useLoaded("engines", () => server.engines());
  const stays = t(useLocal() ? "engine.stays.here" : "engine.stays");
  const role = (name: string) => (ROLES[name] ? t(ROLES[name]) : name);
  return (
    <Section title="settings.engines" text={t("settings.engines.text")}>
      {failure && <Calm small icon="offline" title={inWords(failure)} action={<Button onClick={again}>{t("retry")}</Button>} />}
      {engines && (
        <table className="engines">
          <thead>
            <tr>
              <th scope="col">{t("engine.role")}</th>
              <th scope="col">{t("engine.name")}</th>
              <th scope="col">{t("engine.sends")}</th>
            </tr>
          </thead>
          <tbody>
            {engines.map((engine) => (
              <tr key={engine.role}>
                <th scope="row">{role(engine.role)}</th>
                <td>
                  {engine.name}
                  {engine.model && engine.model !== engine.name && <span className="dim"> {engine.model}</span>}
                  {engine.missing && <p className="engine-missing">{engine.missing}</p>}
                </td>
                <td>{engine.sendsTo ? <strong className="leaves">{engine.sendsTo}</strong> : stays}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}

/** The quiet way to an account, where the server has them. */
function AccountHere() {
  const { accounts, server } = useBridge();
  const standing = useWatch(accounts.standing);
  const { value: discovery } = useLoaded("discovery", () => server.discovery());
  if (!discovery?.accounts) return null;
  const own = standing.state !== "guest";
  return (
    <Section title="account.title" text={own ? t("account.settings.in", { email: standing.account.email }) : t("account.settings")}>
      <a className="button button-plain" href="#/account">
        {t(own ? "account.settings.own" : "account.settings.go")}
      </a>
    </Section>
  );
}

function Place() {
  const { server, kind } = useBridge();
  const address = useWatch(server.address);
  const [typed, setTyped] = useState<string | null>(null);
  const [failure, setFailure] = useState("");
  const id = useId();
  const use = async () => {
    setFailure("");
    try {
      await server.use?.(typed ?? "");
      setTyped(null);
    } catch (error) {
      setFailure(inWords(toFailure(error)));
    }
  };
  return (
    <Section title="settings.server" text={t(kind === "desktop" ? "settings.server.desktop" : "settings.server.page")}>
      {server.use ? (
        <form
          className="settings-server"
          onSubmit={(event) => {
            event.preventDefault();
            void use();
          }}
        >
          <label htmlFor={id}>{t("settings.server.address")}</label>
          <input id={id} value={typed ?? address} placeholder={t("settings.server.own")} onChange={(event) => setTyped(event.target.value)} />
          <Button type="submit" disabled={typed === null || typed === address}>
            {t("settings.server.use")}
          </Button>
          {failure && <p role="alert">{failure}</p>}
        </form>
      ) : (
        <p className="settings-address">{address}</p>
      )}
    </Section>
  );
}
