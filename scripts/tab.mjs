// A tab of any browser: what needs nothing but evaluating.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/** How long a browser may take for one thing (ms): the machine may be busy with others. */
export const PATIENCE_MS = 180_000;

/** What the pages of browser.mjs and firefox.mjs have in common. */
export class Tab {
  /** Evaluates until it is true. */
  async until(expression, what, patienceMs = 30_000) {
    const end = Date.now() + patienceMs;
    while (!(await this.evaluate(expression))) {
      if (Date.now() > end) throw new Error(`in vain: ${what}`);
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
  }

  /** What axe, whose file is at `axePath`, finds serious or critical: a line each. */
  async axe(axePath) {
    // Past the page's policy, which allows no script but its own.
    await this.evaluate(`${readFileSync(axePath, "utf8")}\nundefined`);
    const violations = await this.evaluate(`axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
      violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.slice(0, 3).map((node) => node.html.slice(0, 160)) })))`);
    const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    return grave.map(({ id, impact, where }) => `axe, ${impact}: ${id} at ${where.join(" | ")}`);
  }

  /** Keeps a picture, which comes as base64. */
  keep(folder, name, picture) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, `${name}.png`), Buffer.from(picture, "base64"));
  }
}

/** Ends a browser that was told to: after 10 s by force. */
export async function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = new Promise((resolve) => { child.once("exit", resolve); });
  const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await over;
  clearTimeout(timer);
}
