// Decisions as they are made, and requests that were refused before there was one.
import { $, changed, make } from "./page.js"

const most = 600, mostShown = 200
let entries = [] // the oldest first

const callerOf = (c) => (c.chain?.length ? c.chain.join(" → ") + " → " : "") + (c.window ? c.window + (c.origin === "local" ? "" : " " + c.origin) : c.origin)

// An entry has what a row shows and filters look at.
function ofDecision(d) {
  const rules = d.rules.map((r) => `${r.capability}, ${r.permission} (${r.source})`).join("\n")
  const lacks = (d.refused ?? []).map((r) => `${r.power}: ${r.asked}: ${r.code}; it takes ${r.missing}`).join("\n")
  return {
    n: d.n,
    time: d.time,
    kind: d.decision === "deny" ? "deny" : d.code === "allowed" ? "allow" : "failed",
    command: d.command,
    caller: callerOf(d.caller),
    end: d.code === "allowed" ? (d.duration_ns / 1e6).toFixed(2) + " ms" : d.code,
    more: [
      (d.detail ?? "").replaceAll("\\n", "\n"),
      rules && "by\n" + rules,
      d.remedy && "to allow it\n" + d.remedy,
      lacks && "refused powers\n" + lacks,
      `policy ${d.policy}`,
      `cpu ${d.cpu}, memory ${d.memory}, ${d.bytes_in} bytes in, ${d.bytes_out} out, ${d.host_calls} host calls`,
    ],
  }
}

function ofRefusal(r) {
  return {
    n: r.n,
    time: r.time,
    kind: "refused",
    command: r.path,
    caller: r.origin || r.window || r.host,
    end: String(r.status),
    more: [r.reason, `${r.method} ${r.host}${r.path}\n` + (r.origin ? `from the page ${r.origin}, ` : "") + `from ${r.remote}` + (r.window ? `\nfor the window ${r.window}` : "")],
  }
}

function row(e) {
  return make(
    "li",
    { "data-n": e.n },
    make(
      "details",
      null,
      make("summary", null, make("span", null, new Date(e.time).toLocaleTimeString()), make("strong", { class: e.kind }, e.kind), make("code", null, e.command), make("span", null, e.caller), make("span", null, e.end)),
      make("pre", null, e.more.filter(Boolean).join("\n\n")),
    ),
  )
}

function wanted(e) {
  const of = $("of-outcome").value
  return (!of || e.kind === of) && e.caller.includes($("of-caller").value) && e.command.includes($("of-command").value)
}

function draw() {
  $("list").replaceChildren(...entries.filter(wanted).slice(-mostShown).reverse().map(row))
  $("none").hidden = $("list").children.length > 0
}
for (const id of ["of-caller", "of-command", "of-outcome"]) $(id).oninput = draw
document.querySelector("#decisions form").onsubmit = (e) => e.preventDefault()

function add(e) {
  if (entries.some((o) => o.n === e.n)) return
  entries.push(e)
  if (entries.length > most) entries.shift()
  if (!wanted(e)) return
  $("list").prepend(row(e))
  $("none").hidden = true
  while ($("list").children.length > mostShown) $("list").lastChild.remove()
}

export const addDecision = (d) => add(ofDecision(d))
export const addRefusal = (r) => add(ofRefusal(r))

export function showDecisions(s) {
  const early = entries // that came while the state did
  entries = [...s.decisions.map(ofDecision), ...s.refusals.map(ofRefusal)].sort((a, b) => a.n - b.n)
  draw()
  early.forEach(add)
  if (changed("windows", s.matrix.callers)) $("windows").replaceChildren(...[...new Set(s.matrix.callers.map((c) => c.split("@")[0]))].map((label) => make("option", { value: label })))
}
