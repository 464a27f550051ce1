import { AmbitError, listen } from "/_ambit/ambit.js"

const $ = (id) => document.getElementById(id)

// make builds an element. Texts are texts: what modules and callers say is never HTML.
function make(tag, attributes, ...children) {
  const e = document.createElement(tag)
  for (const [k, v] of Object.entries(attributes ?? {})) if (v !== undefined && v !== false) e.setAttribute(k, v)
  e.append(...children.filter((c) => c !== undefined && c !== null && c !== ""))
  return e
}

async function ask(body = {}) {
  const { token } = JSON.parse(sessionStorage.getItem("ambit.token") ?? "{}")
  const response = await fetch("/_ambit/inspect", { method: "POST", headers: { Authorization: "Bearer " + token }, body: JSON.stringify(body) })
  const got = await response.json()
  if (!response.ok) throw new AmbitError(got.code, got.message)
  return got
}

// Tabs, by keyboard too.
const tabs = [...document.querySelectorAll("[role=tab]")]
function select(tab) {
  for (const t of tabs) {
    const on = t === tab
    t.setAttribute("aria-selected", on)
    t.tabIndex = on ? 0 : -1
    $(t.getAttribute("aria-controls")).hidden = !on
  }
  if (tab.id !== "tab-decisions") refresh()
}
tabs.forEach((t, i) => {
  t.onclick = () => select(t)
  t.onkeydown = (e) => {
    const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: tabs.length - 1 }[e.key]
    if (to === undefined) return
    const next = tabs[(to + tabs.length) % tabs.length]
    select(next)
    next.focus()
    e.preventDefault()
  }
})

// Decisions.
let decisions = []
const outcome = (d) => (d.decision === "deny" ? "deny" : d.code === "allowed" ? "allow" : "failed")
const caller = (d) => (d.caller.chain?.length ? d.caller.chain.join(" → ") + " → " : "") + (d.caller.window ? d.caller.window + (d.caller.origin === "local" ? "" : " " + d.caller.origin) : d.caller.origin)

function row(d) {
  const kind = outcome(d)
  const rules = d.rules.map((r) => `${r.capability}, ${r.permission} (${r.source})`).join("\n")
  const refused = (d.refused ?? []).map((r) => `${r.power}: ${r.asked}: ${r.code}; it takes ${r.missing}`).join("\n")
  return make(
    "li",
    { "data-n": d.n },
    make(
      "details",
      null,
      make("summary", null, make("span", null, new Date(d.time).toLocaleTimeString()), make("strong", { class: kind }, kind), make("code", null, d.command), make("span", null, caller(d)), make("span", null, d.code === "allowed" ? (d.duration_ns / 1e6).toFixed(2) + " ms" : d.code)),
      make("pre", null, [(d.detail ?? "").replaceAll("\\n", "\n"), rules && "by\n" + rules, d.remedy && "to allow it\n" + d.remedy, refused && "refused powers\n" + refused, `policy ${d.policy}`, `cpu ${d.cpu}, memory ${d.memory}, ${d.bytes_in} bytes in, ${d.bytes_out} out, ${d.host_calls} host calls`].filter(Boolean).join("\n\n")),
    ),
  )
}

function wanted(d) {
  const of = $("of-outcome").value
  return (!of || outcome(d) === of) && caller(d).includes($("of-caller").value) && d.command.includes($("of-command").value)
}

function showDecisions() {
  $("list").replaceChildren(...decisions.filter(wanted).reverse().slice(0, 200).map(row))
}
for (const id of ["of-caller", "of-command", "of-outcome"]) $(id).oninput = showDecisions
document.querySelector(".filters").onsubmit = (e) => e.preventDefault()

function add(d) {
  if (decisions.some((o) => o.n === d.n)) return
  decisions.push(d)
  if (decisions.length > 500) decisions.shift()
  if (wanted(d)) $("list").prepend(row(d))
  while ($("list").children.length > 200) $("list").lastChild.remove()
}

function table(head, rows) {
  return make("div", { class: "scroll" }, make("table", null, make("thead", null, make("tr", null, ...head.map((h) => make("th", { scope: "col" }, h)))), make("tbody", null, ...rows.map((r) => make("tr", null, ...r.map((c) => make("td", null, c)))))))
}

function scopeOf(list) {
  return (list ?? []).map((e) => JSON.stringify(e)).join(", ")
}

function show(s) {
  $("status").textContent = `${s.stats.Invokes} invokes, ${s.stats.Denied} denied, ${s.stats.Failed} failed, ${s.stats.Running} running; policy ${s.policy.slice(0, 12)}`
  $("matrix").replaceChildren(
    table(
      ["Command", ...s.matrix.callers],
      (s.matrix.rows ?? []).map((r) => [make("code", null, r.command), ...r.codes.map((a) => make("span", { class: a === "allowed" ? "allow" : "deny" }, a === "allowed" ? "yes" : a))]),
    ),
  )
  const flows = (rules, kind) =>
    rules.map((r) =>
      make(
        "div",
        { class: "flow" },
        make("strong", { class: kind }, kind),
        make("span", null, [...(r.windows ?? []), ...(r.webviews ?? [])].join(", ") || r.context),
        make("span", null, r.capability),
        make("span", null, r.permission),
        make("span", null, make("code", null, r.command ? `${r.module}.${r.command}` : `${r.module}.*`)),
        scopeOf(r.scope?.allow) && make("span", null, make("code", null, scopeOf(r.scope.allow))),
        scopeOf(r.scope?.deny) && make("span", { class: "deny" }, make("code", null, "not " + scopeOf(r.scope.deny))),
        make("small", null, r.source),
      ),
    )
  $("rules").replaceChildren(make("p", null, "Callers → capability → permission → command → scope, and where it stands."), ...flows(s.rules.allow, "allow"), ...flows(s.rules.deny, "deny"), make("h2", null, "Scopes of whole modules"), ...flows(s.rules.global, "scope"))
  $("modules").replaceChildren(
    ...s.modules.flatMap((m) => [
      make("h2", null, `${m.name} ${m.version}`, m.native ? " (Go)" : ""),
      m.refused ? make("p", { class: "deny" }, m.refused) : null,
      m.native ? null : make("p", null, make("code", null, m.sha256 ?? ""), ` ${Math.round(m.size / 1024)} KiB`),
      m.native ? null : table(["Limit", ""], Object.entries(m.limits).map(([k, v]) => [k, ["Load", "Deadline", "Clock", "KeptIdle"].includes(k) ? v / 1e6 + " ms" : v.toLocaleString()])),
    ].filter(Boolean)),
  )
  $("grants").replaceChildren(
    s.grants.length
      ? table(
          ["Grant", "Until", ""],
          s.grants.map((g) => {
            if (!s.revokes) return [g.id, g.expires ?? "revoked", ""]
            const button = make("button", { type: "button" }, "Revoke")
            button.onclick = () => ask({ revoke: g.id }).then(show, fail)
            return [g.id, g.expires ?? "revoked", button]
          }),
        )
      : make("p", null, "Nothing was granted at run time."),
  )
}

function fail(e) {
  $("status").textContent = `${e.code ?? e.name}: ${e.message}`
}

async function refresh() {
  try {
    show(await ask())
  } catch (e) {
    fail(e)
  }
}

try {
  await listen("decision", (e) => add(e.payload)) // exchanges the ticket, too
  const s = await ask()
  decisions = s.decisions
  showDecisions()
  show(s)
  setInterval(refresh, 3000)
} catch (e) {
  fail(e)
}
