/** An object whose properties are made when they are first asked for, each once. */
export function lazily<T extends object>(makers: { [Name in keyof T]: () => T[Name] }): T {
  const parts = {} as T;
  for (const name of Object.keys(makers) as (keyof T)[]) {
    const get = () => {
      const value = makers[name]();
      Object.defineProperty(parts, name, { value });
      return value;
    };
    Object.defineProperty(parts, name, { get, configurable: true });
  }
  return parts;
}
