/** Puts the screens together: the frame around them, what holds everywhere, and which of them is shown. */
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { Ended } from "@/features/account/ended";
import { AddChoice, DropEverywhere, UploadNews, UploadPill } from "@/features/uploads/uploads";
import { useBridge } from "@/shared/bridge/context";
import { useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { LiveRegion } from "@/shared/ui/live";
import { begun, Wait } from "@/shared/ui/wait";
import { ConnectionNote } from "./connection";
import { Frame } from "./frame";
import { Mishap } from "./mishap";
import { go, hashOf, route } from "./route";
import { LibraryScreen } from "./screens/library";

// The lecture view holds most of the code; the library must not wait for it.
const lecture = () => import("./screens/lecture").then(({ LectureScreen }) => ({ default: LectureScreen }));
const reader = () => import("./screens/document").then(({ DocumentScreen }) => ({ default: DocumentScreen }));
const conversations = () => import("./screens/conversations").then(({ ConversationsScreen }) => ({ default: ConversationsScreen }));
const settings = () => import("./screens/settings").then(({ SettingsScreen }) => ({ default: SettingsScreen }));
const account = () => import("./screens/account").then(({ AccountScreen }) => ({ default: AccountScreen }));
const classes = () => import("./screens/classes").then(({ ClassesScreen }) => ({ default: ClassesScreen }));
const packs = () => import("./screens/packs").then(({ PacksScreen }) => ({ default: PacksScreen }));
const LectureScreen = lazy(lecture);
const DocumentScreen = lazy(reader);
const ConversationsScreen = lazy(conversations);
const SettingsScreen = lazy(settings);
const AccountScreen = lazy(account);
const ClassesScreen = lazy(classes);
const PacksScreen = lazy(packs);
/** How long the first screen has the page for itself. */
const FIRST_SCREEN_MS = 400;

export function App() {
  const bridge = useBridge();
  const now = useWatch(route);
  const opened = useWatch(bridge.opened);
  const [adding, setAdding] = useState(false);
  const main = useRef<HTMLElement>(null);
  const came = useRef(false);
  // Their lists and what is opened from them share a screen.
  const part = now.screen === "packs" || now.screen === "classes" ? now.id : null;
  useEffect(() => {
    const hash = opened && hashOf(opened.address);
    if (hash) go(hash);
  }, [opened]);
  useTitle(now.screen);
  useEffect(begun, []);
  useEffect(() => {
    // Fetched before they are asked for, the other screens open at once, and also while the server is away.
    const timer = setTimeout(() => void Promise.allSettled([lecture(), reader(), settings(), conversations(), account(), classes(), packs()]), FIRST_SCREEN_MS);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    // A screen reader begins at the new screen, as after loading a page.
    if (came.current || document.activeElement !== document.body) main.current?.focus({ preventScroll: true });
    came.current = true;
  }, [now.screen, part]);
  return (
    <Frame screen={now.screen} news={now.screen !== "library" && <UploadPill />}>
      <ConnectionNote />
      <main ref={main} id="main" tabIndex={-1} className={`screen screen-${now.screen}`}>
        <Mishap key={now.screen} connection={bridge.connection}>
          <Suspense fallback={<Wait />}>
            {now.screen === "library" && <LibraryScreen onAdd={() => setAdding(true)} />}
            {now.screen === "lecture" && <LectureScreen key={now.id} {...now} visit={now} />}
            {now.screen === "document" && <DocumentScreen key={now.id} {...now} visit={now} />}
            {now.screen === "conversations" && <ConversationsScreen />}
            {now.screen === "settings" && <SettingsScreen />}
            {now.screen === "account" && <AccountScreen />}
            {now.screen === "packs" && <PacksScreen id={now.id} card={now.card} />}
            {now.screen === "classes" && <ClassesScreen id={now.id} />}
          </Suspense>
        </Mishap>
      </main>
      <DropEverywhere />
      <UploadNews />
      {adding && <AddChoice onClose={() => setAdding(false)} />}
      <Ended />
      <LiveRegion />
    </Frame>
  );
}

function useTitle(screen: string): void {
  useEffect(() => {
    const names = { library: t("library.title"), conversations: t("talks.title"), packs: t("packs.title"), settings: t("settings.title"), account: t("account.title"), classes: t("classes.title") };
    const name = names[screen as keyof typeof names];
    if (name) document.title = `${name} · SynapScribe`;
  }, [screen]);
}
