import { readdirSync } from 'node:fs';
import Module from 'node:module';
import path from 'node:path';
import * as core from './functions-core';

const loaded = new Map<string, readonly core.Registration[]>();

/** Loads one file of a functions folder by its name. */
export type LoadFile = (file: string) => unknown;

/**
 * Loads every file of a functions folder and returns what it registered, in the order of the file names. A folder is
 * loaded once in a process. Throws as its files do.
 */
export function loadFunctions(
  folder: string,
  load: LoadFile = (file) => require(path.join(folder, file)),
): readonly core.Registration[] {
  const known = loaded.get(folder);
  if (known) return known;
  supplyCoreModule();
  const before = core.registered().length;
  for (const file of functionFiles(folder)) load(file);
  const registrations = core.registered().slice(before);
  loaded.set(folder, registrations);
  return registrations;
}

/** The files of a functions folder, each a function. */
export function functionFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .sort();
}

let supplied = false;

/** Makes `require('@azure/functions-core')` find functions-core.ts, in the way the worker of the Functions host does. */
function supplyCoreModule(): void {
  if (supplied) return;
  supplied = true;
  const original = Module.prototype.require;
  Module.prototype.require = Object.assign(function require(this: NodeJS.Module, id: string): unknown {
    return id === '@azure/functions-core' ? core : original.call(this, id);
  }, original);
}
