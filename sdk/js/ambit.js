// Ambit's client for web pages: an ES module without a build step. Its shapes are those
// of @tauri-apps/api/core and /event, so that code for Tauri runs with the import
// changed. The server of the page serves it as /_ambit/ambit.js.

/** An error of a command, or of the host. Its code is stable; its message is for people. */
export class AmbitError extends Error {
  constructor(code, message, data, why) {
    super(message || code)
    this.name = "AmbitError"
    this.code = code
    this.data = data
    if (why) this.why = why
  }
}

let base = "" // of the server; "" is the page's own
let token = null // or a promise of it
let label = ""

/**
 * connect is for a page on another server: the URL of the window, and a ticket for it, if
 * that is not in the page's own address, as #ambit=<ticket>.
 */
export function connect(url, ticket = "") {
  base = url.replace(/\/$/, "")
  token = null
  return authorize(ticket).then(() => undefined)
}

/** windowLabel is the label of the page's window, once it is known. */
export async function windowLabel() {
  await authorize()
  return label
}

// exchange gets a token for a ticket, or for the one that the page had.
async function exchange(ticket, before) {
  const headers = before ? { Authorization: "Bearer " + before } : {}
  const response = await ask("token", { headers, body: ticket })
  if (!response.ok) throw await failure(response)
  const got = await response.json()
  label = got.label
  store(got.token)
  return got.token
}

// The token of the page, for when it is loaded again. A page without storage has it in
// memory only.
const tokenKey = () => (base ? "ambit.token " + base : "ambit.token")
function store(text) {
  try {
    if (text) sessionStorage.setItem(tokenKey(), text)
    else sessionStorage.removeItem(tokenKey())
  } catch {}
}
function stored() {
  try {
    return sessionStorage.getItem(tokenKey())
  } catch {
    return null
  }
}

// authorize returns the page's token: for the ticket with which it was opened, or for the
// token that it had before it was loaded again. A copy of a tab has that of the other
// one, too: so it is not used, but exchanged.
function authorize(ticket = "") {
  if (token) return token
  ticket ||= takeTicket()
  const before = ticket ? null : stored()
  if (!ticket && !before) return Promise.reject(new AmbitError("unauthorized", "this page was not opened by its app: open its window again"))
  const mine = exchange(ticket, before)
  token = mine
  mine.catch((e) => {
    if (token === mine) forget(e)
  })
  return mine
}

// takeTicket takes the ticket out of the page's address.
function takeTicket() {
  const fragment = new URLSearchParams(location.hash.slice(1))
  const ticket = fragment.get("ambit")
  if (!ticket) return ""
  fragment.delete("ambit")
  const rest = fragment.toString()
  history.replaceState(history.state, "", location.pathname + location.search + (rest ? "#" + rest : ""))
  return ticket
}

// forget is for a token that was not taken.
function forget(e) {
  token = null
  if (e.code === "unauthorized") store(null)
}

async function ask(path, options) {
  try {
    return await fetch(base + "/_ambit/" + path, { method: "POST", credentials: "omit", cache: "no-store", ...options })
  } catch (e) {
    if (e?.name === "AbortError" || options.signal?.aborted) throw new AmbitError("canceled", "the call was canceled")
    throw new AmbitError("unreachable", "the app does not answer")
  }
}

async function failure(response) {
  try {
    const f = await response.json()
    return new AmbitError(f.code, f.message, revive(f.data), f.why)
  } catch {
    return new AmbitError("unreachable", "the app answered with " + response.status)
  }
}

// Bytes are {"$bytes": base64} in JSON, both ways.
function toBase64(bytes) {
  let text = ""
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  return btoa(text)
}

function bytesOf(value) {
  if (value instanceof ArrayBuffer) return new Uint8Array(value)
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  return null
}

/** A value says by a function of this name how it is sent, as in Tauri. */
export const SERIALIZE_TO_IPC_FN = "__TAURI_TO_IPC_KEY__"

function encode(value, channels) {
  if (typeof value?.[SERIALIZE_TO_IPC_FN] === "function") return encode(value[SERIALIZE_TO_IPC_FN](), channels)
  if (value instanceof Channel) {
    channels.push(value)
    return value.toJSON()
  }
  if (value === null || typeof value !== "object") return typeof value === "bigint" ? JSON.rawJSON?.(value.toString()) ?? Number(value) : value
  const bytes = bytesOf(value)
  if (bytes) return { $bytes: toBase64(bytes) }
  if (value instanceof Map) return encode(Object.fromEntries(value), channels)
  if (typeof value.toJSON === "function") return value.toJSON()
  if (Array.isArray(value)) return value.map((v) => encode(v, channels))
  const out = {}
  for (const [k, v] of Object.entries(value)) if (v !== undefined) out[k] = encode(v, channels)
  return out
}

function revive(value) {
  if (value === null || typeof value !== "object") return value
  if (Array.isArray(value)) return value.map(revive)
  const keys = Object.keys(value)
  if (keys.length === 1 && keys[0] === "$bytes" && typeof value.$bytes === "string") return Uint8Array.from(atob(value.$bytes), (c) => c.charCodeAt(0))
  const out = {}
  for (const k of keys) Object.defineProperty(out, k, { value: revive(value[k]), enumerable: true, configurable: true, writable: true })
  return out
}

/**
 * invoke calls a command, "module.command", "command" of the app, or Tauri's
 * "plugin:module|command". Arguments are an object, or bytes. A result that is bytes is
 * an ArrayBuffer, as Tauri's. options.signal ends the call.
 */
export async function invoke(cmd, args = {}, options = {}) {
  if (options.headers) throw new AmbitError("unsupported", "a call has arguments, and no headers")
  const headers = { Authorization: "Bearer " + (await authorize()) }
  const channels = []
  let body = Array.isArray(args) ? Uint8Array.from(args) : bytesOf(args)
  if (body) headers["Content-Type"] = "application/octet-stream"
  else {
    // A channel is how events come, and no argument that the command sees.
    const rest = {}
    for (const [k, v] of Object.entries(args)) if (v instanceof Channel) channels.push(v)
      else rest[k] = v
    headers["Content-Type"] = "application/json"
    body = JSON.stringify(encode(rest, channels))
  }
  if (channels.length > 1) throw new AmbitError("bad-args", "a call has one channel at most")
  const [channel] = channels
  if (!channel) return call(cmd, headers, body, options.signal)
  headers["Ambit-Channel"] = String(channel.id)
  await socket.open()
  use(channel)
  try {
    return await call(cmd, headers, body, options.signal)
  } finally {
    leave(channel)
  }
}

async function call(cmd, headers, body, signal) {
  const response = await ask("invoke/" + encodeURIComponent(cmd), { headers, body, signal })
  await socket.reached(Number(response.headers.get("Ambit-Sent"))) // what was emitted before it ended comes first
  if (!response.ok) {
    const e = await failure(response)
    if (signal?.aborted) throw new AmbitError("canceled", "the call was canceled")
    if (e.code === "unauthorized") forget(e)
    throw e
  }
  if (response.headers.get("Content-Type") === "application/octet-stream") return response.arrayBuffer()
  return revive(await response.json())
}

let lastChannel = 0

/** Channel gets what a command emits while it runs. It is passed among the arguments. */
export class Channel {
  constructor(onmessage) {
    this.id = ++lastChannel
    this.onmessage = onmessage ?? (() => {})
  }
  toJSON() {
    return "__CHANNEL__:" + this.id
  }
}

// Channels of calls that run, by id, each with how many; and of those that ended a short
// while ago, for what they emitted may come after their result.
const channels = new Map()
const afterCall = 60000

function use(channel) {
  const key = String(channel.id)
  const calls = channels.get(key)?.calls ?? 0
  channels.set(key, { channel, calls: calls + 1 })
}

function leave(channel) {
  const timer = setTimeout(() => {
    const used = channels.get(String(channel.id))
    if (--used.calls === 0) channels.delete(String(channel.id))
  }, afterCall)
  timer.unref?.() // where there is no page
}

const listeners = new Map() // sets of functions, by event

/**
 * listen calls a function for each event of the page's window: those of the app's Go
 * code, and what commands emit that the window's pages call without a channel. It returns
 * how to stop.
 */
export async function listen(event, handler) {
  const all = listeners.get(event) ?? new Set()
  listeners.set(event, all)
  all.add(handler)
  const stop = () => {
    all.delete(handler)
  }
  try {
    await socket.open()
  } catch (e) {
    stop()
    throw e
  }
  return stop
}

/** once is listen for one event. */
export async function once(event, handler) {
  const stop = await listen(event, (e) => {
    stop()
    handler(e)
  })
  return stop
}

/** emitTo is emit: events of pages reach the app's Go code, whatever target they name. */
export const emitTo = (_target, event, payload) => emit(event, payload)

/** emit sends an event to the app's Go code, and to nobody else. */
export async function emit(event, payload) {
  await socket.open()
  socket.send({ event, payload: encode(payload ?? null, []) })
}

// socket is the page's connection for events and channels. It comes back by itself, and
// goes on where it was.
const socket = {
  conn: null,
  opening: null,
  last: 0,
  waiting: new Set(), // functions to call when last is another
  wait: 250, // milliseconds before it is opened again
  again: null, // the timer of that
  unsent: [],
  open() {
    if (this.conn) return Promise.resolve()
    return (this.opening ??= this.connect().catch((e) => {
      this.opening = null
      throw e
    }))
  },
  async connect() {
    const mine = await authorize()
    return new Promise((done, failed) => {
      const url = new URL(base + "/_ambit/socket", location.href)
      url.protocol = url.protocol === "https:" ? "wss:" : "ws:"
      const ws = new WebSocket(url)
      let ready = false
      ws.onopen = () => ws.send(JSON.stringify({ token: mine, last: this.last }))
      ws.onmessage = (e) => {
        const m = JSON.parse(e.data)
        if (m.seq > 0) return this.take(m)
        ready = true // the server knows whose it is: what is emitted from now on is heard
        this.conn = ws
        this.opening = null
        this.wait = 250
        clearTimeout(this.again)
        for (const m of this.unsent.splice(0)) ws.send(JSON.stringify(m))
        done()
      }
      ws.onclose = (e) => {
        this.conn = this.opening = null
        const gone = e.code === 1008 || e.code === 1001 // no token any more, or the window is closed
        if (!ready) failed(gone ? new AmbitError("unauthorized", "the page has no token: open its window again") : new AmbitError("unreachable", "the app does not answer"))
        if (gone) return
        this.again = setTimeout(() => this.open().catch(() => {}), this.wait)
        this.wait = Math.min(this.wait * 2, 8000)
      }
    })
  },
  send(m) {
    if (this.conn) this.conn.send(JSON.stringify(m))
    else if (this.unsent.length < 1000) this.unsent.push(m)
  },
  take(m) {
    if (m.seq <= this.last) return
    this.last = m.seq
    const payload = revive(m.payload)
    try {
      if (m.channel) channels.get(m.channel)?.channel.onmessage(payload, m.topic)
      else for (const f of listeners.get(m.event) ?? []) f({ event: m.event, payload, id: m.seq })
    } finally {
      this.send({ ack: m.seq })
      for (const look of this.waiting) look()
    }
  },
  // reached resolves when the page has the message, or will hardly get it any more.
  reached(seq) {
    if (!(seq > this.last)) return
    return new Promise((done) => {
      const look = () => {
        if (seq > this.last) return
        this.waiting.delete(look)
        clearTimeout(timer)
        done()
      }
      const timer = setTimeout(() => {
        this.waiting.delete(look)
        done()
      }, 10000)
      this.waiting.add(look)
    })
  },
}

// What code for Tauri may look for.

/** Resource is something that the host keeps under a number until it is closed. */
export class Resource {
  #rid
  constructor(rid) {
    this.#rid = rid
  }
  get rid() {
    return this.#rid
  }
  close() {
    return invoke("plugin:resources|close", { rid: this.#rid })
  }
}

/** PluginListener is a listener that a plugin's command was given. */
export class PluginListener {
  constructor(plugin, event, channelId) {
    Object.assign(this, { plugin, event, channelId })
  }
  unregister() {
    return invoke(`plugin:${this.plugin}|remove_listener`, { event: this.event, channelId: this.channelId })
  }
}

/** addPluginListener calls a plugin's registerListener, which says what it emits while that call runs. */
export async function addPluginListener(plugin, event, cb) {
  const handler = new Channel(cb)
  await invoke(`plugin:${plugin}|registerListener`, { event, handler })
  return new PluginListener(plugin, event, handler.id)
}

export const checkPermissions = (plugin) => invoke(`plugin:${plugin}|check_permissions`)
export const requestPermissions = (plugin) => invoke(`plugin:${plugin}|request_permissions`)

/** The events of Tauri's windows; an app emits those that it has. */
export const TauriEvent = Object.freeze({
  WINDOW_RESIZED: "tauri://resize",
  WINDOW_MOVED: "tauri://move",
  WINDOW_CLOSE_REQUESTED: "tauri://close-requested",
  WINDOW_DESTROYED: "tauri://destroyed",
  WINDOW_FOCUS: "tauri://focus",
  WINDOW_BLUR: "tauri://blur",
  WINDOW_SCALE_FACTOR_CHANGED: "tauri://scale-change",
  WINDOW_THEME_CHANGED: "tauri://theme-changed",
  WINDOW_CREATED: "tauri://window-created",
  WEBVIEW_CREATED: "tauri://webview-created",
  DRAG_ENTER: "tauri://drag-enter",
  DRAG_OVER: "tauri://drag-over",
  DRAG_DROP: "tauri://drag-drop",
  DRAG_LEAVE: "tauri://drag-leave",
})

export const isTauri = () => false
export function convertFileSrc() {
  throw new AmbitError("unsupported", "files are read by commands, not by URLs")
}
export function transformCallback() {
  throw new AmbitError("unsupported", "use a Channel")
}
