// Globals of a browser that Node.js lacks or defines differently.

/** Sets a global to `value`. The function that it returns sets it back. */
export function replaceGlobal(name: "localStorage" | "navigator", value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(globalThis, name);
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  return () => {
    if (before) Object.defineProperty(globalThis, name, before);
    else Reflect.deleteProperty(globalThis, name);
  };
}
