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

const tokenKey = "ambit.token"

let base = "" // of the server; "" is the page's own
let token = null // or a promise of it
let label = ""

/** connect is for a page on another server: the URL of the window, and a ticket for it. */
export function connect(url, ticket) {
  base = url.replace(/\/$/, "")
  token = exchange(ticket)
  return token.then(() => undefined)
}

/** windowLabel is the label of the page's window, once it is known. */
export async function windowLabel() {
  await authorize()
  return label
}

async function exchange(ticket) {
  const response = await fetch(base + "/_ambit/token", { method: "POST", body: ticket, credentials: "omit" })
  if (!response.ok) throw await failure(response)
  const got = await response.json()
  label = got.label
  store(JSON.stringify(got))
  return got.token
}

function store(text) {
  try {
    if (text === null) sessionStorage.removeItem(tokenKey)
    else if (base === "") sessionStorage.setItem(tokenKey, text)
  } catch {} // a page without storage has its token in memory
}

// authorize returns the page's token: of the ticket that the page was opened with, or,
// after a reload, the one it has.
function authorize() {
  if (token) return token
  const fragment = new URLSearchParams(location.hash.slice(1))
  const ticket = fragment.get("ambit")
  if (ticket) {
    fragment.delete("ambit")
    const rest = fragment.toString()
    history.replaceState(history.state, "", location.pathname + location.search + (rest ? "#" + rest : ""))
    token = exchange(ticket)
  } else {
    let kept = null
    try {
      kept = JSON.parse(sessionStorage.getItem(tokenKey))
    } catch {}
    if (!kept) return Promise.reject(new AmbitError("unauthorized", "this page was not opened by its app: open its window again"))
    label = kept.label
    token = Promise.resolve(kept.token)
  }
  token.catch(() => {
    token = null
  })
  return token
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
  const headers = { Authorization: "Bearer " + (await authorize()) }
  const channels = []
  let body = bytesOf(args)
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
  if (channels.length > 0) {
    headers["Ambit-Channel"] = String(channels[0].id)
    await socket.open()
  }
  let response
  try {
    response = await fetch(base + "/_ambit/invoke/" + encodeURIComponent(cmd), { method: "POST", headers, body, signal: options.signal, credentials: "omit", cache: "no-store" })
  } catch (e) {
    if (e?.name === "AbortError" || options.signal?.aborted) throw new AmbitError("canceled", "the call was canceled")
    throw new AmbitError("unreachable", "the app does not answer")
  }
  if (!response.ok) {
    const e = await failure(response)
    if (options.signal?.aborted) throw new AmbitError("canceled", "the call was canceled")
    if (e.code === "unauthorized") {
      token = null
      store(null)
    }
    throw e
  }
  if (response.headers.get("Content-Type") === "application/octet-stream") return response.arrayBuffer()
  return revive(await response.json())
}

let lastChannel = 0
const channels = new Map()

/** Channel gets what a command emits while it runs. It is passed among the arguments. */
export class Channel {
  constructor(onmessage) {
    this.id = ++lastChannel
    this.onmessage = onmessage ?? (() => {})
    channels.set(String(this.id), this)
  }
  toJSON() {
    return "__CHANNEL__:" + this.id
  }
}

const listeners = new Map() // sets of functions, by event

/** listen calls a function for each event of the page's window; it returns how to stop. */
export async function listen(event, handler) {
  const all = listeners.get(event) ?? new Set()
  listeners.set(event, all)
  all.add(handler)
  await socket.open()
  return () => {
    all.delete(handler)
  }
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
  wait: 250,
  unsent: [],
  open() {
    if (this.conn) return Promise.resolve()
    return (this.opening ??= this.connect())
  },
  async connect() {
    const mine = await authorize()
    return new Promise((done, failed) => {
      const url = new URL(base + "/_ambit/socket", location.href)
      url.protocol = url.protocol === "https:" ? "wss:" : "ws:"
      const ws = new WebSocket(url)
      let opened = false
      ws.onopen = () => {
        opened = true
        ws.send(JSON.stringify({ token: mine, last: this.last }))
        this.conn = ws
        this.opening = null
        this.wait = 250
        for (const m of this.unsent.splice(0)) ws.send(JSON.stringify(m))
        done()
      }
      ws.onmessage = (e) => this.take(JSON.parse(e.data))
      ws.onclose = (e) => {
        this.conn = this.opening = null
        if (e.code === 1008 || e.code === 1001) return // no token any more, or the window is closed
        if (!opened) failed(new AmbitError("unreachable", "the app does not answer"))
        setTimeout(() => this.open().catch(() => {}), this.wait)
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
      if (m.channel) channels.get(m.channel)?.onmessage(payload, m.topic)
      else for (const f of listeners.get(m.event) ?? []) f({ event: m.event, payload, id: m.seq })
    } finally {
      this.send({ ack: m.seq })
    }
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

export const isTauri = () => false
export function convertFileSrc() {
  throw new AmbitError("unsupported", "files are read by commands, not by URLs")
}
