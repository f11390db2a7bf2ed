/** A host of its own for each story: started from the built program on a free port, ended when the story is over. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
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
  static async start({ listen = "127.0.0.1:0", data = mkdtempSync(join(tmpdir(), "synapscribe-page-")) } = {}) {
    const host = new Host();
    host.data = data;
    await host.run(listen);
    return host;
  }

  async run(listen) {
    this.child = spawn(program(), ["serve", "--data", this.data, "--listen", listen, "--json"], {
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, HOME: this.data, XDG_CONFIG_HOME: this.data, XDG_DATA_HOME: this.data },
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
