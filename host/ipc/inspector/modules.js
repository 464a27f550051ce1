// The modules, with what they are, may use and have used, and what was granted at run time.
import { $, changed, make, table } from "./page.js"

const durations = ["Load", "Deadline", "Clock", "KeptIdle"] // of limits, in nanoseconds
const bytes = (n) => (n < 1 << 20 ? Math.ceil(n / 1024).toLocaleString() + " KiB" : (n / (1 << 20)).toFixed(1) + " MiB")

function figures(m) {
  const f = m.figures
  const rows = [["Calls", f.calls.toLocaleString()], ["Denied", f.denied.toLocaleString()], ["Failed", f.failed.toLocaleString()], ["Time", (f.time_ns / 1e6).toFixed(1) + " ms"]]
  if (!m.native) rows.push(["CPU", f.cpu.toLocaleString()], ["Most memory", bytes(f.memory)])
  if (m.image) rows.push(["Reset", m.image.reset + (m.image.why ? ": " + m.image.why : "")], ["Image", bytes(m.image.bytes)], ["Waiting", String(m.image.waiting)])
  return rows
}

export function showModules(list) {
  if (!changed("modules", list)) return
  const open = new Set([...document.querySelectorAll("#modules details[open]")].map((d) => d.dataset.name))
  $("modules").replaceChildren(
    ...list.map((m) =>
      make(
        "article",
        null,
        make("h2", null, `${m.name} ${m.version}`, m.native ? " (Go)" : ""),
        m.refused ? make("p", { class: "deny" }, m.refused) : null,
        m.sha256 ? make("p", null, "sha256 ", make("code", null, m.sha256), `, ${bytes(m.size)}`) : null,
        make("div", { class: "scroll" }, table(["What its calls came to", ""], figures(m))),
        m.native
          ? null
          : make(
              "details",
              { "data-name": m.name, open: open.has(m.name) ? "" : undefined },
              make("summary", { class: "plain" }, "Limits"),
              make("div", { class: "scroll" }, table(["Limit", ""], Object.entries(m.limits).map(([k, v]) => [k, durations.includes(k) ? v / 1e6 + " ms" : v.toLocaleString()]))),
            ),
      ),
    ),
  )
}

export function showGrants(list, revokes, revoke) {
  if (!changed("grants", [list, revokes])) return
  if (list.length === 0) return $("grants").replaceChildren(make("p", null, "Nothing was granted at run time."))
  const rows = list.map((g) => {
    const button = make("button", { type: "button", "aria-label": "Revoke " + g.id }, "Revoke")
    button.onclick = () => revoke(g.id)
    return [make("code", null, g.id), g.capability, g.expires ?? "it is revoked", revokes ? button : ""]
  })
  $("grants").replaceChildren(make("div", { class: "scroll" }, table(["Grant", "Capability", "Until", ""], rows)))
}
