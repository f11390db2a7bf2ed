/** The account as it is seen: getting in by a letter, what belongs to it, and a sign-in that ended. */
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { AccountDto, Accounts, Bridge, Standing } from "@/shared/bridge/bridge";
import { BridgeProvider } from "@/shared/bridge/context";
import { Failure } from "@/shared/failure";
import { Cell } from "@/shared/store/watch";
import { Account } from "./account";
import { Ended } from "./ended";

const ada: AccountDto = { accountId: "a", email: "ada@example.org", role: "student", identityId: "i", created: 1 };
const here = { url: "u", issuer: "i", invitedOnly: false, mail: "outbox" };

afterEach(cleanup);

function show(now: Standing, more: Partial<Accounts> = {}, accountsHere: object | null = here) {
  const standing = new Cell<Standing>(now);
  const accounts = {
    standing,
    resting: async () => "page",
    signIns: async () => [
      { sessionId: "1", device: "Firefox", place: "192.0.2.0/24", created: 1, lastUsed: 2, expires: 3, current: true },
      { sessionId: "2", device: "Terminal", place: "192.0.2.0/24", created: 1, lastUsed: 2, expires: 3, current: false },
    ],
    ...more,
  } as unknown as Accounts;
  const server = { discovery: async () => ({ accounts: accountsHere, features: ["classes"] }) };
  const bridge = { accounts, server, connection: new Cell({ phase: "open" }), sessions: { save: vi.fn(async () => true) } } as unknown as Bridge;
  render(
    <BridgeProvider bridge={bridge}>
      <Account />
      <Ended />
    </BridgeProvider>,
  );
  return { standing, bridge };
}

/** Signs up, as far as the letter. */
async function signUp() {
  fireEvent.click(await screen.findByRole("button", { name: "Sign up" }));
  type("E-mail address", "ada@example.org");
  type(/^New password/, "tide pools at noon");
  fireEvent.submit(screen.getByRole("form", { name: "Sign up" }));
  await screen.findByText(/synapscribe outbox/);
}

const type = (label: RegExp | string, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } });

test("signing up leads over the letter's code into the account, and the password is typed once", async () => {
  const calls: unknown[] = [];
  const note = (name: string) => async (...args: unknown[]) => void calls.push([name, ...args]);
  const signIn = vi.fn(async () => (standing.set({ state: "signed_in", account: ada }), null));
  const { standing } = show({ state: "guest" }, { register: note("register"), verify: note("verify"), signIn });
  await signUp();
  type("Code from the letter", "ABCD-EFGH");
  fireEvent.submit(screen.getByRole("form", { name: "Confirm your address" }));
  await waitFor(() => expect(screen.getByTestId("account").textContent).toBe("ada@example.org"));
  expect(calls).toEqual([
    ["register", { email: "ada@example.org", password: "tide pools at noon", name: "", invitation: "" }],
    ["verify", "ada@example.org", "ABCD-EFGH"],
  ]);
  expect(signIn).toHaveBeenCalledWith("ada@example.org", "tide pools at noon");
});

/** What a screen reader says of a field beside its name. */
const described = (field: HTMLElement) => document.getElementById(field.getAttribute("aria-describedby") ?? "")?.textContent;

const WRONG = new Failure("wrong_credentials", "the address or the password is wrong, or the address is not confirmed yet");

/** Tries to sign in, which is refused. */
async function refused() {
  await screen.findByRole("form", { name: "Sign in" });
  type("E-mail address", "ada@example.org");
  type("Password", "tide pools at noon");
  fireEvent.submit(screen.getByRole("form", { name: "Sign in" }));
  return (await screen.findByRole("alert")).textContent;
}

test("whoever is refused may confirm the address from there, and is signed in by it", async () => {
  const signIn = vi.fn(async () => Promise.reject<null>(WRONG));
  const verify = vi.fn(async () => undefined);
  const verifyAgain = vi.fn(async () => undefined);
  const { standing } = show({ state: "guest" }, { signIn, verify, verifyAgain });
  await screen.findByRole("form", { name: "Sign in" });
  expect(screen.queryByRole("button", { name: "Confirm your address" })).toBeNull();
  expect(await refused()).toBe("The address or the password is wrong, or the address is not confirmed yet.");
  fireEvent.click(screen.getByRole("button", { name: "Confirm your address" }));
  const form = await screen.findByRole("form", { name: "Confirm your address" });
  expect(form.textContent).toContain("If you have just signed up with ada@example.org");
  expect(verifyAgain).not.toHaveBeenCalled();
  fireEvent.click(screen.getByRole("button", { name: "Send another code" }));
  await screen.findByText(/synapscribe outbox/);
  expect(verifyAgain).toHaveBeenCalledWith("ada@example.org");
  signIn.mockImplementation(async () => (standing.set({ state: "signed_in", account: ada }), null));
  type("Code from the letter", "ABCD-EFGH");
  fireEvent.submit(form);
  await waitFor(() => expect(screen.getByTestId("account").textContent).toBe("ada@example.org"));
  expect(verify).toHaveBeenCalledWith("ada@example.org", "ABCD-EFGH");
  expect(signIn).toHaveBeenLastCalledWith("ada@example.org", "tide pools at noon");
});

test("whoever confirmed the address and mistyped the password types it once more", async () => {
  const verify = vi.fn(async () => undefined);
  show({ state: "guest" }, { signIn: async () => Promise.reject(WRONG), verify });
  await refused();
  fireEvent.click(screen.getByRole("button", { name: "Confirm your address" }));
  type("Code from the letter", "ABCD-EFGH");
  fireEvent.submit(screen.getByRole("form", { name: "Confirm your address" }));
  const form = await screen.findByRole("form", { name: "Sign in" });
  expect(form.textContent).toContain("The address is confirmed.");
  expect(described(screen.getByLabelText("Password"))).toMatch(/^The address is confirmed/);
  expect(screen.queryByRole("alert"), "nothing says that it may not be").toBeNull();
  expect(screen.getByLabelText<HTMLInputElement>("E-mail address").value).toBe("ada@example.org");
  expect(screen.queryByRole("button", { name: "Confirm your address" })).toBeNull();
});

test("any other refusal offers no code", async () => {
  show({ state: "guest" }, { signIn: async () => Promise.reject(new Failure("too_many_requests", "that was too often")) });
  expect(await refused()).toBe("That was too often.");
  expect(screen.queryByRole("button", { name: "Confirm your address" })).toBeNull();
});

test("other devices can be signed out, this one is not offered", async () => {
  const endSignIn = vi.fn(async () => undefined);
  show({ state: "signed_in", account: ada }, { endSignIn });
  fireEvent.click(await screen.findByRole("button", { name: "Sign out Terminal" }));
  await waitFor(() => expect(endSignIn).toHaveBeenCalledWith("2"));
  expect(screen.queryByRole("button", { name: "Sign out Firefox" })).toBeNull();
  expect((await screen.findByTestId("resting")).textContent).toMatch(/ends when it is closed/);
});

test("a sign-in that ended is asked for over the screen, which stays", async () => {
  const signIn = vi.fn(async () => (standing.set({ state: "signed_in", account: ada }), null));
  const { standing } = show({ state: "signed_in", account: ada }, { signIn });
  await screen.findAllByTestId("device");
  standing.set({ state: "ended", account: ada });
  const dialog = await screen.findByTestId("ended");
  const field = (name: string) => dialog.querySelector<HTMLInputElement>(`input[name=${name}]`) as HTMLInputElement;
  expect(field("email").value).toBe("ada@example.org");
  fireEvent.change(field("password"), { target: { value: "tide pools at noon" } });
  fireEvent.submit(dialog.querySelector("form") as HTMLFormElement);
  await waitFor(() => expect(screen.queryByTestId("ended")).toBeNull());
  expect(signIn).toHaveBeenCalledWith("ada@example.org", "tide pools at noon");
});

test("nobody goes on as a guest while signing in is on its way, which would sign them in after all", async () => {
  let refuse = (_: Failure) => undefined as void;
  const signOut = vi.fn(async () => standing.set({ state: "guest" }));
  const { standing } = show({ state: "ended", account: ada }, { signIn: () => new Promise((_, reject) => (refuse = reject)), signOut });
  const dialog = await screen.findByTestId("ended");
  fireEvent.change(dialog.querySelector("input[name=password]") as HTMLInputElement, { target: { value: "tide pools at noon" } });
  fireEvent.submit(dialog.querySelector("form") as HTMLFormElement);
  const guest = screen.getByRole("button", { name: "Go on as a guest" });
  expect(guest.getAttribute("aria-disabled")).toBe("true");
  fireEvent.click(guest);
  expect(signOut).not.toHaveBeenCalled();
  refuse(WRONG);
  await screen.findByRole("alert");
  fireEvent.click(guest);
  await waitFor(() => expect(screen.queryByTestId("ended")).toBeNull());
});

test("what is seen of the account stays under the question, and its list is of the new sign-in", async () => {
  const signIns = vi.fn(async () => [{ sessionId: "1", device: "", place: null, created: 1, lastUsed: 2, expires: 3, current: false }]);
  const { standing } = show({ state: "signed_in", account: ada }, { signIns: signIns as unknown as Accounts["signIns"] });
  await screen.findByRole("button", { name: "Sign out A device" });
  standing.set({ state: "ended", account: ada });
  const dialog = await screen.findByTestId<HTMLDialogElement>("ended");
  expect(screen.getByTestId("account").textContent).toBe("ada@example.org");
  expect((document.activeElement as HTMLInputElement).name, "only the password is missing").toBe("password");
  // Pressed twice, Escape closes it whatever the page says, and what is shown anew begins at its first field.
  dialog.showModal = () => {
    dialog.setAttribute("open", "");
    dialog.querySelector("input")?.focus();
  };
  dialog.close();
  expect(dialog.open).toBe(true);
  expect((document.activeElement as HTMLInputElement).name, "it goes on where it was").toBe("password");
  standing.set({ state: "signed_in", account: ada });
  await waitFor(() => expect(signIns).toHaveBeenCalledTimes(2));
});

test("a letter that is not sent again says why, and one that is says so", async () => {
  const verifyAgain = vi.fn(async () => Promise.reject<undefined>(new Failure("too_many_requests", "that was too often")));
  show({ state: "guest" }, { register: async () => undefined, verifyAgain });
  await signUp();
  fireEvent.click(screen.getByRole("button", { name: "Send another code" }));
  expect((await screen.findByRole("alert")).textContent).toBe("That was too often.");
  verifyAgain.mockImplementation(async () => undefined);
  fireEvent.click(screen.getByRole("button", { name: "Send another code" }));
  await screen.findByText("Another code was asked for");
  expect(screen.queryByRole("alert")).toBeNull();
});

test("no letter is promised to an address that may wait for none", async () => {
  const quiet = async () => undefined;
  show({ state: "guest" }, { signIn: async () => Promise.reject(WRONG), verifyAgain: quiet, forgotten: quiet }, { ...here, mail: "mail" });
  await refused();
  fireEvent.click(screen.getByRole("button", { name: "Confirm your address" }));
  const again = async (form: string) => {
    fireEvent.click(screen.getByRole("button", { name: "Send another code" }));
    await screen.findByText("Another code was asked for");
    return [...screen.getByRole("form", { name: form }).querySelectorAll("p")].map(({ textContent }) => textContent).filter((told) => told?.includes("on its way"));
  };
  expect(await again("Confirm your address")).toEqual([expect.stringMatching(/^If ada@example.org has still to be confirmed/)]);
  fireEvent.click(screen.getByRole("button", { name: "Sign in instead" }));
  fireEvent.click(screen.getByRole("button", { name: "Forgotten password" }));
  fireEvent.submit(screen.getByRole("form", { name: "Forgotten password" }));
  await screen.findByRole("form", { name: "Set another password" });
  expect(await again("Set another password")).toEqual([expect.stringMatching(/^If ada@example.org has an account/)]);
});

test("where a code was taken and signing in then fails, it is not asked for again", async () => {
  const away = new Failure("server_unreachable", "the server does not answer", true);
  const forgotten = vi.fn(async () => undefined);
  const reset = vi.fn(async () => undefined);
  show({ state: "guest" }, { forgotten, reset, signIn: async () => Promise.reject(away) });
  fireEvent.click(await screen.findByRole("button", { name: "Forgotten password" }));
  type("E-mail address", "ada@example.org");
  fireEvent.submit(screen.getByRole("form", { name: "Forgotten password" }));
  const form = await screen.findByRole("form", { name: "Set another password" });
  expect(form.querySelector<HTMLInputElement>("[autocomplete=username]")?.value, "what keeps passwords knows whose it is").toBe("ada@example.org");
  expect(document.activeElement).toBe(screen.getByLabelText("Code from the letter"));
  fireEvent.click(screen.getByRole("button", { name: "Send another code" }));
  await screen.findByText("Another code was asked for");
  expect(forgotten).toHaveBeenCalledTimes(2);
  type("Code from the letter", "ABCD-EFGH");
  type(/^New password/, "tide pools at noon");
  expect(screen.getByLabelText(/^New password/).hasAttribute("maxlength"), "one that is pasted is not cut").toBe(false);
  fireEvent.submit(form);
  expect((await screen.findByRole("form", { name: "Sign in" })).textContent).toContain("The password is set.");
  expect(reset).toHaveBeenCalledTimes(1);
  expect(document.activeElement).toBe(screen.getByLabelText("Password"));
  expect(described(screen.getByLabelText("Password")), "whoever does not see it is told, too").toMatch(/^The password is set/);
  expect(screen.getByRole("alert").textContent).toBe("The server does not answer.");
});

test("the keyboard goes on where the button that was pressed is gone", async () => {
  const { standing } = show({ state: "guest" }, { endSignIn: async () => undefined, signOut: async () => standing.set({ state: "guest" }) });
  const press = async (name: string) => {
    const button = await screen.findByRole("button", { name });
    button.focus();
    fireEvent.click(button);
  };
  await screen.findByRole("form", { name: "Sign in" });
  expect(document.activeElement, "nobody asked for the form yet").toBe(document.body);
  await press("Sign up");
  expect(document.activeElement).toBe(screen.getByLabelText("E-mail address"));
  standing.set({ state: "signed_in", account: ada });
  await waitFor(() => expect(document.activeElement?.textContent).toBe("ada@example.org"));
  await press("Sign out Terminal");
  await waitFor(() => expect(document.activeElement?.textContent).toBe("Signed in"));
  await press("Sign out");
  await waitFor(() => expect(document.activeElement?.textContent).toMatch(/^You are a guest/));
});

test("whoever went on while a device is signed out is left there", async () => {
  let done = () => undefined as void;
  const signIns = vi.fn(async () => [{ sessionId: "2", device: "Terminal", place: null, created: 1, lastUsed: 2, expires: 3, current: false }]);
  show({ state: "signed_in", account: ada }, { signIns: signIns as unknown as Accounts["signIns"], endSignIn: () => new Promise((resolve) => (done = resolve)) });
  const button = await screen.findByRole("button", { name: "Sign out Terminal" });
  button.focus();
  fireEvent.click(button);
  screen.getByRole("button", { name: "Export" }).focus();
  done();
  await waitFor(() => expect(signIns).toHaveBeenCalledTimes(2));
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "Export" }));
});

test("what is on its way is not asked for twice, and its button keeps the keyboard", async () => {
  let refuse = (_: Failure) => undefined as void;
  const work = vi.fn(() => new Promise<string>((_, reject) => (refuse = reject)));
  show({ state: "signed_in", account: ada }, { export: work });
  const button = await screen.findByRole("button", { name: "Export" });
  button.focus();
  fireEvent.click(button);
  fireEvent.click(button);
  expect(work).toHaveBeenCalledTimes(1);
  expect([button.getAttribute("aria-disabled"), document.activeElement === button]).toEqual(["true", true]);
  refuse(new Failure("conflict", "it was changed meanwhile"));
  expect((await screen.findByRole("alert")).textContent).toBe("It was changed meanwhile.");
  expect(button.getAttribute("aria-disabled")).toBe("false");
});

test("a server without accounts offers none", async () => {
  show({ state: "guest" }, {}, null);
  await screen.findByText(/has no accounts/);
  expect(screen.queryByRole("form")).toBeNull();
});
