/** A host of its own for each story: started from the built program on a free port, ended when the story is over. */
import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

export function program() {
  const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
  const path = process.env.SYNAPSCRIBE_PROGRAM ?? join(target, "debug/synapscribe");
  if (!existsSync(path)) throw new Error(`the program is not built at ${path}; run \`cargo build --workspace --bin synapscribe\``);
  return path;
}

export class Host {
  /** Begins with a sample lecture that is ready, unless it is to be seen how it becomes so. */
  static async start({ fresh = false, settings = {} } = {}) {
    const host = new Host();
    host.settings = settings;
    host.data = mkdtempSync(join(tmpdir(), "synapscribe-page-"));
    if (!fresh) cpSync(await prepared(), host.data, { recursive: true });
    await host.run("127.0.0.1:0");
    return host;
  }

  async run(listen) {
    this.child = spawn(program(), ["serve", "--data", this.data, "--listen", listen, "--json"], {
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, ...this.settings, HOME: this.data, XDG_CONFIG_HOME: this.data, XDG_DATA_HOME: this.data },
    });
    const lines = createInterface({ input: this.child.stdout });
    this.address = await new Promise((resolve, reject) => {
      lines.on("line", (line) => {
        const event = JSON.parse(line);
        if (event.type === "serving") resolve(event.address);
      });
      this.child.once("exit", (status) => reject(new Error(`the host ended with ${status}`)));
    });
  }

  /** What a command of this host's operator says, as JSON. */
  operate(...command) {
    const env = { ...process.env, HOME: this.data, XDG_CONFIG_HOME: this.data, XDG_DATA_HOME: this.data };
    return execFileSync(program(), ["--data", this.data, ...command, "--json"], { encoding: "utf8", env, stdio: ["ignore", "pipe", "ignore"] });
  }

  /** The code in the latest of so many letters to somebody, once they are there, as whoever runs the host reads it. */
  async code(email, count = 1) {
    for (let tries = 0; tries < 100; tries++) {
      const letters = this.operate("outbox", "--to", email).split("\n").filter(Boolean);
      const [line] = letters.length >= count ? letters : [];
      const found = line && /^ {4}(\S+)$/m.exec(JSON.parse(line).text);
      if (found) return found[1];
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error("no letter came");
  }

  /** Ends the process and leaves the data. */
  async kill() {
    const gone = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGTERM");
    await gone;
  }

  /** The same host again, at the same address. */
  async again() {
    await this.run(new URL(this.address).host);
  }

  async stop() {
    await this.kill();
    rmSync(this.data, { recursive: true, force: true });
  }
}

/** A folder in which this program made the sample ready, once for all stories. */
async function prepared() {
  const out = fileURLToPath(new URL("../out", import.meta.url));
  const ready = join(out, `sample-${Math.round(statSync(program()).mtimeMs)}`);
  if (existsSync(ready)) return ready;
  mkdirSync(out, { recursive: true });
  for (const old of readdirSync(out).filter((name) => name.startsWith("sample-"))) rmSync(join(out, old), { recursive: true, force: true });
  const host = await Host.start({ fresh: true });
  try {
    for (;;) {
      const home = join(host.data, "home");
      const env = { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home };
      if (/"ready"/.test(execFileSync(program(), ["--server", host.address, "library", "show", "sample", "--json"], { env, stdio: ["ignore", "pipe", "ignore"] }))) break;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    await host.kill();
    // Made whole before it has its name; another file system may hold it.
    cpSync(host.data, `${ready}.part`, { recursive: true });
    renameSync(`${ready}.part`, ready);
  } finally {
    host.child.kill("SIGKILL");
    rmSync(host.data, { recursive: true, force: true });
  }
  return ready;
}
