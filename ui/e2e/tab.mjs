/** Goes through the page by keyboard alone; wherever it stops, the place has a name and can be seen. */
import assert from "node:assert/strict";

/** More stops than any screen has. */
const MOST = 250;

export class Keyboard {
  static async of(page) {
    const keyboard = new Keyboard();
    keyboard.page = page;
    keyboard.browser = await page.context().newCDPSession(page);
    return keyboard;
  }

  /** Goes on, or back, to what is called so. */
  async to(name, { back = false } = {}) {
    const passed = [];
    while (passed.length < MOST) {
      await this.page.keyboard.press(back ? "Shift+Tab" : "Tab");
      const called = await this.stop();
      if (name.test(called)) return;
      passed.push(called);
    }
    assert.fail(`${name} is not among ${passed.slice(0, 80).join(", ")}`);
  }

  async press(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** What the place where the keyboard is is called; empty between the end of the page and its beginning. */
  async stop() {
    const at = await this.page.evaluate(() => {
      const place = document.activeElement;
      if (!place || place === document.body) return null;
      const outlined = (element, part) => {
        const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element, part);
        return outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 1 && !/, 0\)$/.test(outlineColor);
      };
      // A field may be outlined by what is around it, and a row by what lies above it.
      const around = place.closest("label, form");
      const own = !place.matches(".unseen") && (outlined(place) || outlined(place, "::after"));
      return { seen: own || (around !== null && outlined(around)), markup: place.outerHTML.slice(0, 200) };
    });
    if (!at) return "";
    const { result } = await this.browser.send("Runtime.evaluate", { expression: "document.activeElement" });
    const { nodes } = await this.browser.send("Accessibility.getPartialAXTree", { objectId: result.objectId, fetchRelatives: false });
    const name = nodes[0]?.name?.value ?? "";
    assert.ok(name, `it has a name: ${at.markup}`);
    assert.ok(at.seen, `it is seen that the keyboard is at ${name}: ${at.markup}`);
    return name;
  }
}
