/** What the settings show of the server that is used. */
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { Bridge } from "@/shared/bridge/bridge";
import { BridgeProvider } from "@/shared/bridge/context";
import { Cell } from "@/shared/store/watch";
import { Settings } from "./settings";

afterEach(cleanup);

test("another server's engines, voices and storage are shown once it is used, and none of the last one's", async () => {
  const address = new Cell("");
  const own = () => address.get() === "";
  const server = {
    address,
    use: vi.fn(async (to: string) => address.set(to)),
    discovery: async () => ({ accounts: null }),
    engines: async () => [{ role: "answers", name: own() ? "own sentences" : "a model", sendsTo: own() ? null : "model.example" }],
    voices: async () => [{ name: own() ? "slt" : "anna" }],
    storage: async () => ({ lectures: own() ? 1_000_000 : 7_000_000, queries: 0, responses: 0, models: 0 }),
  };
  const bridge = {
    kind: "desktop",
    server,
    connection: new Cell({ phase: "open" }),
    devices: { list: new Cell({ inputs: [], outputs: [] }), follows: new Cell(true) },
    recorder: { state: new Cell({ phase: "closed" }), close: () => undefined },
    accounts: { standing: new Cell({ state: "guest" }) },
    lectures: { state: new Cell({ list: [] }) },
    documents: { state: new Cell({ list: [] }) },
    uploads: { list: new Cell([]) },
  } as unknown as Bridge;
  render(
    <BridgeProvider bridge={bridge}>
      <Settings />
    </BridgeProvider>,
  );
  const shows = (...words: RegExp[]) => waitFor(() => words.map((one) => expect(document.body.textContent).toMatch(one)));
  await shows(/own sentences/, /slt/, /1 MB/);
  const field = screen.getByRole("textbox");
  fireEvent.change(field, { target: { value: "lab-7" } });
  fireEvent.submit(field.closest("form") as HTMLFormElement);
  await shows(/a model/, /model\.example/, /anna/, /7 MB/);
  expect(document.body.textContent).not.toMatch(/own sentences|slt|1 MB/);
});
