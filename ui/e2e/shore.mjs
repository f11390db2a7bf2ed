/** A book about the shore for stories about documents: most pages say little, a few say what is asked. */
import { book } from "./pdf.mjs";

const SAYS = {
  7: {
    heading: "Barnacles",
    text: [
      "A barnacle begins its life as a swimming larva and looks for a place to stay.",
      "The barnacle glues itself to the rock with a cement that sets under water. It stands on its head for the rest of its life and kicks food into its mouth with its legs.",
    ],
    figure: "Figure 1: How strongly the cement holds after each day",
  },
  12: {
    heading: "Limpets",
    text: ["A limpet leaves its home scar at high water and grazes on the rock around it. Before the water falls it follows its own trail of slime back to the very same place."],
  },
};

export const TITLE = "Life on the Shore";

export function shore(file, count) {
  const names = ["sand", "shingle", "a pool", "the strand line", "a salt marsh", "the splash zone", "a kelp bed"];
  const pages = Array.from({ length: count }, (_, at) => {
    const number = at + 1;
    const name = names[at % names.length];
    return SAYS[number] ?? { heading: `Walk ${number}`, text: [`On walk number ${number} we looked at ${name} and wrote down what lived there.`, `The weather of walk ${number} was fine, and nothing else of note was seen that day.`] };
  });
  book(file, TITLE, pages);
}
