// What all views of the inspector need.

export const $ = (id) => document.getElementById(id)

// make builds an element. Texts are texts: what modules and callers say is never HTML.
export function make(tag, attributes, ...children) {
  const e = document.createElement(tag)
  for (const [k, v] of Object.entries(attributes ?? {})) if (v !== undefined && v !== false) e.setAttribute(k, v)
  e.append(...children.filter((c) => c !== undefined && c !== null && c !== ""))
  return e
}

export function table(head, rows) {
  return make("table", null, make("thead", null, make("tr", null, ...head.map((h) => make("th", { scope: "col" }, h)))), make("tbody", null, ...rows.map((r) => make("tr", null, ...r.map((c) => make("td", null, c))))))
}

// changed reports whether something is not as it was when the same was asked before: a
// view that is the same is left alone, with what is focused and pressed in it.
const before = new Map()
export function changed(what, value) {
  const text = JSON.stringify(value)
  if (before.get(what) === text) return false
  before.set(what, text)
  return true
}

// ask asks the server for the state, or for what the body says.
export async function ask(body = {}) {
  const response = await fetch("/_ambit/inspect", { method: "POST", headers: { Authorization: "Bearer " + sessionStorage.getItem("ambit.token") }, body: JSON.stringify(body) })
  const got = await response.json()
  if (!response.ok) throw Object.assign(new Error(got.message), { code: got.code })
  return got
}

export function fail(e) {
  $("status").textContent = `${e.code ?? e.name}: ${e.message}`
}
