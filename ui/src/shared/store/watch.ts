/** A value that can be watched: the one kind of state that bridges and features share. Knows no React. */

export interface Watch<T> {
  get(): T;
  /** Calls `listener` after each change; the result ends that. */
  subscribe(listener: () => void): () => void;
}

export class Cell<T> implements Watch<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get = (): T => this.#value;

  set = (value: T): void => {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  };

  update(change: (value: T) => T): void {
    this.set(change(this.#value));
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

/** Waits until the value satisfies `wanted`. */
export function until<T>(watch: Watch<T>, wanted: (value: T) => boolean): Promise<T> {
  return new Promise((resolve) => {
    const check = () => {
      const value = watch.get();
      if (!wanted(value)) return false;
      resolve(value);
      return true;
    };
    if (check()) return;
    const stop = watch.subscribe(() => {
      if (check()) stop();
    });
  });
}
