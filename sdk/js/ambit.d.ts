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

/** An object, or bytes: numbers in an array are bytes. */
export type InvokeArgs = Record<string, unknown> | number[] | Uint8Array | ArrayBuffer

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

/**
 * Gets what a command emits while it runs. It is passed among the arguments of invoke,
 * which the command gets without it. It has got all when the promise of invoke settles.
 */
export class Channel<T = unknown> {
  readonly id: number
  onmessage: (payload: T, topic: string) => void
  constructor(onmessage?: (payload: T, topic: string) => void)
  toJSON(): string
}

/** Tauri's name of AmbitEvent. */
export type Event<T = unknown> = AmbitEvent<T>
export type EventCallback<T = unknown> = (event: AmbitEvent<T>) => void

export interface AmbitEvent<T = unknown> {
  event: string
  id: number
  payload: T
}

export type UnlistenFn = () => void

/**
 * Calls a function for each event of the page's window: those of the app's Go code, and
 * what commands emit that the window's pages call without a channel.
 */
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

/**
 * For a page on another server: the URL of the window, and a ticket for it, if that is not
 * in the page's own address, as #ambit=<ticket>.
 */
export function connect(url: string, ticket?: string): Promise<void>

/** A listener that a plugin's command was given. */
export class PluginListener {
  plugin: string
  event: string
  channelId: number
  constructor(plugin: string, event: string, channelId: number)
  unregister(): Promise<void>
}

/** Calls a plugin's registerListener, which says what it emits while that call runs. */
export function addPluginListener<T>(plugin: string, event: string, cb: (payload: T) => void): Promise<PluginListener>

export type PermissionState = "granted" | "denied" | "prompt" | "prompt-with-rationale"
/** Calls a plugin's check_permissions. */
export function checkPermissions<T>(plugin: string): Promise<T>
/** Calls a plugin's request_permissions. */
export function requestPermissions<T>(plugin: string): Promise<T>

/** The events of Tauri's windows; an app emits those that it has. */
export const TauriEvent: Readonly<Record<string, string>>

/** The label of the page's window. */
export function windowLabel(): Promise<string>

/** False: this is not Tauri. */
export function isTauri(): boolean

/** Throws: use a Channel. */
export function transformCallback(callback?: (response: unknown) => void, once?: boolean): number

/** Throws: files are read by commands. */
export function convertFileSrc(path: string, protocol?: string): string
