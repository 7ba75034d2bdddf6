/** The value of a setting that a binding names as `%NAME%`. */
export type ReadSetting = (name: string) => string | undefined;

/** Puts settings' values in their places. Throws where one has none. */
export function substitute(text: string, setting: ReadSetting): string {
  return text.replace(/%([^%]+)%/g, (_, name: string) => {
    const value = setting(name);
    if (value === undefined) throw new Error(`"${text}" names the setting ${name}, which has no value.`);
    return value;
  });
}
