/** How many characters the words of a pack may have; the server holds them. */
export const MOST_OF_TITLE = 120;
export const MOST_OF_QUESTION = 1_000;
export const MOST_OF_ANSWER = 8_000;
