/** An error of a command, or of the host. */
export class AmbitError extends Error {
  /** "denied", "deadline", "bad-args", …, or "<module>.<code>" of the module. */
  readonly code: string
  /** What the module added. */
  readonly data?: unknown
  /** Why the call was denied; only in development, and for the app's own windows. */
  readonly why?: string
  constructor(code: string, message: string, data?: unknown, why?: string)
}

export type InvokeArgs = Record<string, unknown> | Uint8Array | ArrayBuffer

export interface InvokeOptions {
  /** Ends the call. */
  signal?: AbortSignal
}

/**
 * Calls a command: "module.command", "command" of the app, or "plugin:module|command".
 * Bytes among arguments and results are Uint8Array; a result that is bytes as a whole is
 * an ArrayBuffer.
 */
export function invoke<T = unknown>(cmd: string, args?: InvokeArgs, options?: InvokeOptions): Promise<T>

/** Gets what a command emits while it runs. It is passed among the arguments of invoke, which the command gets without it. */
export class Channel<T = unknown> {
  readonly id: number
  onmessage: (payload: T, topic: string) => void
  constructor(onmessage?: (payload: T, topic: string) => void)
  toJSON(): string
}

export interface AmbitEvent<T = unknown> {
  event: string
  id: number
  payload: T
}

export type UnlistenFn = () => void

/** Calls a function for each event of the page's window. */
export function listen<T = unknown>(event: string, handler: (event: AmbitEvent<T>) => void): Promise<UnlistenFn>

/** listen for one event. */
export function once<T = unknown>(event: string, handler: (event: AmbitEvent<T>) => void): Promise<UnlistenFn>

/** Sends an event to the app's Go code, and to nobody else. */
export function emit(event: string, payload?: unknown): Promise<void>

/** emit: events of pages reach the app's Go code, whatever target they name. */
export function emitTo(target: unknown, event: string, payload?: unknown): Promise<void>

/** The name of a function by which a value says how it is sent. */
export const SERIALIZE_TO_IPC_FN: "__TAURI_TO_IPC_KEY__"

/** Something that the host keeps under a number until it is closed. */
export class Resource {
  constructor(rid: number)
  get rid(): number
  close(): Promise<void>
}

/** For a page on another server: the URL of the window, and a ticket for it. */
export function connect(url: string, ticket: string): Promise<void>

/** The label of the page's window. */
export function windowLabel(): Promise<string>

/** False: this is not Tauri. */
export function isTauri(): boolean

/** Throws: files are read by commands. */
export function convertFileSrc(path: string, protocol?: string): string
