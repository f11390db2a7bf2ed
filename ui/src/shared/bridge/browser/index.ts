/** The bridge of a web page: everything the product does, over what a browser offers. */
import { preferences } from "@/shared/preferences";
import { Cell } from "@/shared/store/watch";
import type { Bridge } from "../bridge";
import { BrowserAsking } from "./asking";
import { BrowserClasses } from "./classes";
import { BrowserDevices } from "./devices";
import { BrowserDocuments } from "./documents";
import { BrowserLectures } from "./lectures";
import { Link } from "./link";
import { BrowserPacks } from "./packs";
import { MicrophoneRecorder } from "./recorder";
import { getEngines } from "./requests/get-engines";
import { getStorage } from "./requests/get-storage";
import { getVoices } from "./requests/get-voices";
import { BrowserSessions } from "./sessions";
import { StreamPlayer } from "./speaker";
import { BrowserUploads } from "./uploads";

export function browserBridge(origin: string): Bridge {
  const link = new Link(origin);
  const lectures = new BrowserLectures(link);
  const documents = new BrowserDocuments(link);
  const classes = new BrowserClasses(link);
  const speaker = new StreamPlayer();
  const recorder = new MicrophoneRecorder(async () => (await link.discovery()).limits.querySeconds);
  const devices = new BrowserDevices(recorder, speaker);
  const chosen = preferences.get();
  void devices.use(chosen.input, chosen.output);
  return {
    kind: "browser",
    connection: link.socket.connection,
    server: {
      address: new Cell(origin),
      discovery: () => link.discovery(),
      reconnect: () => link.socket.reconnect(),
      storage: async () => getStorage(await link.rest()),
      engines: async () => (await getEngines(await link.rest())) ?? (await link.discovery()).engines,
      voices: async () => getVoices(await link.rest()),
    },
    accounts: link.accounts,
    lectures,
    classes,
    packs: new BrowserPacks(link),
    documents,
    uploads: new BrowserUploads(link, lectures, documents, classes),
    asking: new BrowserAsking(link, speaker),
    sessions: new BrowserSessions(link),
    recorder,
    speaker,
    devices,
    opened: new Cell(null),
  };
}
