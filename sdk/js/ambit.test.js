// Tests of the client, with what a browser has replaced: node --test.
import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"

let asked, answer, sockets, m

class FakeSocket {
  constructor(url) {
    this.url = String(url)
    this.sent = []
    sockets.push(this)
    queueMicrotask(() => this.onopen())
  }
  send(text) {
    const m = JSON.parse(text)
    this.sent.push(m)
    if ("token" in m) queueMicrotask(() => this.say({ seq: 0, payload: null }))
  }
  say(message) {
    this.onmessage({ data: JSON.stringify(message) })
  }
}

function response(body, { status = 200, type = "application/json" } = {}) {
  return new Response(body, { status, headers: { "Content-Type": type } })
}

let loads = 0

beforeEach(async () => {
  asked = []
  sockets = []
  answer = () => response("null")
  const store = new Map()
  globalThis.sessionStorage = { getItem: (k) => store.get(k) ?? null, setItem: (k, v) => store.set(k, v), removeItem: (k) => store.delete(k) }
  globalThis.location = { hash: "#x=1&ambit=ticket-1", pathname: "/", search: "", href: "http://main.localhost:7070/" }
  globalThis.history = { state: null, replaceState: (_s, _t, url) => (globalThis.location.hash = url.includes("#") ? url.slice(url.indexOf("#")) : "") }
  globalThis.WebSocket = FakeSocket
  globalThis.fetch = async (url, options) => {
    asked.push({ url, ...options })
    if (url.endsWith("/_ambit/token")) {
      if (options.body === "ticket-1") return response('{"token":"secret","label":"main"}')
      if (options.headers.Authorization === "Bearer secret") return response('{"token":"secret2","label":"main"}')
      return response('{"code":"unauthorized","message":"no"}', { status: 403 })
    }
    return answer(url, options)
  }
  m = await import("./ambit.js?" + ++loads)
})

test("a ticket is exchanged once, and leaves the address", async () => {
  await m.invoke("notes.list")
  await m.invoke("notes.list")
  assert.equal(asked.filter((a) => a.url.endsWith("/token")).length, 1)
  assert.equal(asked[1].headers.Authorization, "Bearer secret")
  assert.equal(location.hash, "#x=1")
  assert.equal(await m.windowLabel(), "main")
})

test("a reload, and a copy of a tab, get tokens of their own, a stranger none", async () => {
  await m.invoke("notes.list")
  location.hash = ""
  const again = await import("./ambit.js?" + ++loads)
  await again.invoke("notes.list")
  assert.equal(asked.at(-1).headers.Authorization, "Bearer secret2")
  await m.invoke("notes.list")
  assert.equal(asked.at(-1).headers.Authorization, "Bearer secret")
  assert.equal(sessionStorage.getItem("ambit.token"), "secret2")
  const old = await import("./ambit.js?" + ++loads)
  await assert.rejects(old.invoke("notes.list"), { code: "unauthorized" }) // nobody knows "secret2" here
  assert.equal(sessionStorage.getItem("ambit.token"), null)
  const stranger = await import("./ambit.js?" + ++loads)
  await assert.rejects(stranger.invoke("notes.list"), { code: "unauthorized" })
})

test("what is out of reach now may be reached later", async () => {
  await m.invoke("notes.list")
  location.hash = ""
  const again = await import("./ambit.js?" + ++loads)
  const fetch = globalThis.fetch
  globalThis.fetch = () => Promise.reject(new TypeError())
  await assert.rejects(again.invoke("notes.list"), { code: "unreachable" })
  await assert.rejects(again.listen("news", () => {}), { code: "unreachable" })
  globalThis.fetch = fetch
  await again.invoke("notes.list")
  const heard = []
  await again.listen("news", (e) => heard.push(e.payload))
  sockets.at(-1).say({ seq: 1, event: "news", payload: 1 })
  assert.deepEqual(heard, [1])
})

test("arguments and results, bytes among them", async () => {
  answer = () => response('{"b":{"$bytes":"AAH/"},"n":[1,null],"__proto__":{"x":1}}')
  await m.invoke("a.b", { p: { secret: 1, [m.SERIALIZE_TO_IPC_FN]: () => ({ x: new Uint8Array([0]) }) } })
  assert.deepEqual(JSON.parse(asked.pop().body), { p: { x: { $bytes: "AA==" } } })
  const got = await m.invoke("plugin:fs|read", { b: new Uint8Array([0, 1, 255]), n: undefined, m: new Map([["k", 1]]), d: new Date(0) })
  assert.equal(asked[1].url, "/_ambit/invoke/plugin%3Afs%7Cread")
  assert.deepEqual(JSON.parse(asked[1].body), { b: { $bytes: "AAH/" }, m: { k: 1 }, d: "1970-01-01T00:00:00.000Z" })
  assert.deepEqual([...got.b], [0, 1, 255])
  assert.equal({}.x, undefined)
  assert.equal(got.x, undefined)
  answer = () => response(new Uint8Array([7, 8]), { type: "application/octet-stream" })
  const bytes = await m.invoke("a.b", new Uint8Array([9]))
  assert.ok(bytes instanceof ArrayBuffer)
  assert.deepEqual([...new Uint8Array(bytes)], [7, 8])
  assert.equal(asked.at(-1).headers["Content-Type"], "application/octet-stream")
  await m.invoke("a.b", [1, 2, 3])
  assert.deepEqual([...asked.at(-1).body], [1, 2, 3])
  await assert.rejects(m.invoke("a.b", {}, { headers: { path: "x" } }), { code: "unsupported" })
})

test("all that @tauri-apps/api/core and /event export is there", () => {
  for (const name of ["invoke", "Channel", "PluginListener", "addPluginListener", "checkPermissions", "requestPermissions", "Resource", "SERIALIZE_TO_IPC_FN", "convertFileSrc", "isTauri", "transformCallback", "listen", "once", "emit", "emitTo", "TauriEvent"])
    assert.ok(name in m, name)
})

test("errors have codes", async () => {
  answer = () => response('{"code":"fs.not-found","message":"gone","data":{"$bytes":"AA=="},"why":"because"}', { status: 422 })
  await assert.rejects(m.invoke("fs.read"), (e) => e instanceof m.AmbitError && e.code === "fs.not-found" && e.message === "gone" && e.data[0] === 0 && e.why === "because")
  answer = () => response("<html>", { status: 502 })
  await assert.rejects(m.invoke("fs.read"), { code: "unreachable" })
  answer = () => Promise.reject(Object.assign(new Error(), { name: "AbortError" }))
  await assert.rejects(m.invoke("fs.read", {}, { signal: AbortSignal.abort() }), { code: "canceled" })
  answer = () => response('{"code":"unauthorized","message":"x"}', { status: 401 })
  await assert.rejects(m.invoke("fs.read"), { code: "unauthorized" })
  assert.equal(sessionStorage.getItem("ambit.token"), null)
})

test("a connection that breaks goes on where it was", async () => {
  const heard = []
  await m.listen("news", (e) => heard.push(e.payload))
  sockets[0].say({ seq: 1, event: "news", payload: 1 })
  sockets[0].onclose({ code: 1006 })
  await m.emit("hello", 1) // opens it at once
  assert.equal(sockets.length, 2)
  assert.deepEqual(sockets[1].sent, [{ token: "secret", last: 1 }, { event: "hello", payload: 1 }])
  sockets[1].say({ seq: 1, event: "news", payload: 1 })
  sockets[1].say({ seq: 2, event: "news", payload: 2 })
  assert.deepEqual(heard, [1, 2])
  sockets[1].onclose({ code: 1008 }) // the page has no token any more: it does not ask again
  await new Promise((f) => setTimeout(f, 600))
  assert.equal(sockets.length, 2)
})

test("channels and events, once each", async () => {
  const got = []
  const channel = new m.Channel((payload, topic) => got.push([topic, payload.n]))
  await m.invoke("a.b", { on: channel })
  assert.equal(asked.at(-1).headers["Ambit-Channel"], String(channel.id))
  assert.deepEqual(JSON.parse(asked.at(-1).body), {})
  const [socket] = sockets
  assert.equal(socket.url, "ws://main.localhost:7070/_ambit/socket")
  assert.deepEqual(socket.sent[0], { token: "secret", last: 0 })
  socket.say({ seq: 1, channel: String(channel.id), topic: "p", payload: { n: 1 } })
  socket.say({ seq: 1, channel: String(channel.id), topic: "p", payload: { n: 1 } })
  assert.deepEqual(got, [["p", 1]])
  assert.deepEqual(socket.sent[1], { ack: 1 })
  const heard = []
  const stop = await m.listen("news", (e) => heard.push(e.payload))
  await m.once("news", (e) => heard.push("once"))
  socket.say({ seq: 2, event: "news", payload: 1 })
  socket.say({ seq: 3, event: "news", payload: 2 })
  stop()
  socket.say({ seq: 4, event: "news", payload: 3 })
  assert.deepEqual(heard, [1, "once", 2])
  answer = () => new Response("null", { headers: { "Content-Type": "application/json", "Ambit-Sent": "6" } })
  let done = false
  const call = m.invoke("a.b", { on: channel }).then(() => (done = true))
  socket.say({ seq: 5, channel: String(channel.id), topic: "p", payload: { n: 5 } })
  await new Promise((f) => setTimeout(f, 20))
  assert.equal(done, false)
  socket.say({ seq: 6, channel: String(channel.id), topic: "p", payload: { n: 6 } })
  await call
  assert.deepEqual(got.at(-1), ["p", 6])
  await m.emit("hello", { x: 1 })
  assert.deepEqual(socket.sent.at(-1), { event: "hello", payload: { x: 1 } })
  await assert.rejects(m.invoke("a.b", { a: new m.Channel(), b: new m.Channel() }), { code: "bad-args" })
})

test("a page of another server", async () => {
  globalThis.location.hash = ""
  await m.connect("http://main.localhost:7070/", "ticket-1")
  await m.invoke("a.b")
  assert.equal(asked.at(-1).url, "http://main.localhost:7070/_ambit/invoke/a.b")
  assert.equal(sessionStorage.getItem("ambit.token"), null)
  const again = await import("./ambit.js?" + ++loads)
  await again.connect("http://main.localhost:7070")
  assert.equal(asked.at(-1).headers.Authorization, "Bearer secret")
  location.hash = "#ambit=ticket-1"
  const opened = await import("./ambit.js?" + ++loads)
  await opened.connect("http://main.localhost:7070")
  assert.equal(asked.at(-1).body, "ticket-1")
  assert.equal(location.hash, "")
  await assert.rejects(m.connect("http://main.localhost:7070", "wrong"), { code: "unauthorized" })
})
