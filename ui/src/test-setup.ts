/** What the test browser lacks. */
import "fake-indexeddb/auto";
