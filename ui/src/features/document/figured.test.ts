/** Figures that go with what is quoted. */
import { expect, test } from "vitest";
import { missing, named, needed, type Shown } from "./figured";

const shown = (page: number, caption: string | null): Shown => ({ page, figure: { area: { left: 0, top: 0, right: 1, bottom: 1 }, caption } });
const [strength, rope, map] = [shown(7, "Figure 1: How strongly the cement holds after each day"), shown(7, "Fig. 2. A rope of kelp"), shown(9, "Table 3.1: The tides of a month")];
const said = (chosen: Shown[]) => chosen.map(({ figure }) => figure.caption?.split(/[:]|\. /)[0]);

test("figures are known by their names, however these are written", () => {
  expect(named("See Fig. 2, figure 3.1 and tables 4-2; a map of 1790 is no such thing.")).toEqual(["figure 2", "figure 3.1", "table 4-2"]);
});

test("a figure that is named comes first, also from another page, and then those whose captions speak of the same", () => {
  expect(said(needed("The cement sets under water, as figure 2 shows.", [strength, rope], [map]))).toEqual(["Fig", "Figure 1"]);
  expect(said(needed("The heights are those of Table 3.1.", [strength, rope], [map]))).toEqual(["Table 3.1"]);
  expect([missing("as Table 3.1 says", [strength]), missing("as figure 1 says", [strength]), missing("as is said", [])]).toEqual([true, false, false]);
});

test("of several figures none is shown that has nothing to do with it, and a figure alone on its page is", () => {
  expect(needed("Barnacles stand on their heads.", [strength, rope], [map])).toEqual([]);
  expect(needed("Barnacles stand on their heads.", [shown(7, null)])).toEqual([shown(7, null)]);
  expect(said(needed("As figure 1 shows, it holds.", [rope], [strength]))).toEqual(["Figure 1"]);
});
