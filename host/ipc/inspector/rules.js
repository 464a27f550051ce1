// The rules as a drawing: who → capability → permission → command → scope, with a line
// for each rule. What is pressed shows the rules through it.
import { $, changed, make } from "./page.js"

const most = 200 // rules that are drawn
const columns = ["Who", "Capability", "Permission", "Command", "Scope"]
let rules = [] // each {kind, path: names by column (several who), source}
let nodes = new Map() // by column and name: {button, column, rules}
let pressed = null // key of a node
let drawn = [] // the rules in the drawing

const key = (column, name) => column + " " + name

function scopeText(s) {
  const of = (list) => (list ?? []).map((e) => JSON.stringify(e)).join(", ")
  return [of(s?.allow), of(s?.deny) && "not " + of(s.deny)].filter(Boolean).join("; ")
}

function whoOf(r) {
  if (r.context.startsWith("module:")) return [r.context + (r.via?.length ? " via " + r.via.join(", ") : "")]
  const labels = [...(r.windows ?? []), ...(r.webviews ?? []).map((w) => "webview " + w)]
  return labels.map((l) => (r.context === "local" ? l : `${l} at ${r.context}`))
}

const ofRule = (kind) => (r) => ({
  kind,
  path: [whoOf(r), [r.capability], [r.permission], [r.command ? `${r.module}.${r.command}` : `${r.module}.*`], [scopeText(r.scope) || "no scope"]],
  source: r.source + (r.expires ? ", until " + r.expires : ""),
})

export function showRules(s) {
  if (!changed("rules", s)) return
  rules = [...s.allow.map(ofRule("allow")), ...s.deny.map(ofRule("deny")), ...s.global.map(ofRule("scope"))]
  draw()
}

function draw() {
  const text = $("of-rules").value
  const of = rules.filter((r) => r.path.flat().some((name) => name.includes(text)))
  drawn = of.slice(0, most)
  nodes = new Map()
  const lists = columns.map((title) => make("ol", { "aria-label": title }))
  drawn.forEach((r) =>
    r.path.forEach((names, column) =>
      names.forEach((name) => {
        let node = nodes.get(key(column, name))
        if (!node) {
          const button = make("button", { type: "button", tabindex: "-1", "aria-pressed": "false", class: column === 4 || column === 3 ? "code" : undefined }, name)
          node = { key: key(column, name), button, column, rules: new Set() }
          button.onclick = () => press(pressed === node.key ? null : node.key)
          button.onkeydown = (e) => move(e, node)
          nodes.set(node.key, node)
          lists[column].append(make("li", null, button))
        }
        node.rules.add(r)
      }),
    ),
  )
  const lines = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  lines.setAttribute("aria-hidden", "true")
  $("graph").replaceChildren(lines, ...columns.map((title, i) => make("div", null, make("h2", null, title), lists[i])))
  const [first] = nodes.values()
  if (first) first.button.tabIndex = 0
  press(nodes.has(pressed) ? pressed : null)
  if (of.length > most) $("through").append(make("li", null, `${of.length - most} more rules are not drawn: narrow them down above.`))
}
$("of-rules").oninput = draw
document.querySelector("#rules form").onsubmit = (e) => e.preventDefault()

// press marks what the rules through a node touch.
function press(at) {
  pressed = at
  const through = at === null ? null : nodes.get(at).rules
  for (const n of nodes.values()) {
    n.button.setAttribute("aria-pressed", n.key === at)
    n.button.classList.toggle("off", through !== null && ![...n.rules].some((r) => through.has(r)))
  }
  $("through").replaceChildren(
    ...[...(through ?? [])].map((r) => make("li", null, make("strong", { class: r.kind }, r.kind), " " + r.path.map((names) => names.join(", ")).join(" → ") + " ", make("small", null, r.source))),
  )
  layOut()
}

// move goes to the next node of the column, or along a line to one beside it.
function move(e, from) {
  if (!e.key.startsWith("Arrow")) return
  const of = (column) => [...nodes.values()].filter((n) => n.column === column)
  const along = (column, goes) => of(column).find((n) => [...n.rules].some((r) => from.rules.has(r) && goes(r)))
  const beside = (column) => along(column, (r) => nodes.get(pressed)?.rules.has(r)) ?? along(column, () => true)
  const i = of(from.column).indexOf(from)
  const to = { ArrowDown: of(from.column)[i + 1], ArrowUp: of(from.column)[i - 1], ArrowRight: beside(from.column + 1), ArrowLeft: beside(from.column - 1) }[e.key]
  e.preventDefault()
  if (!to) return
  from.button.tabIndex = -1
  to.button.tabIndex = 0
  to.button.focus()
}

// layOut draws the lines between what is beside each other, where that is now.
export function layOut() {
  const graph = $("graph"), svg = graph.querySelector("svg")
  if (!svg || graph.offsetParent === null) return
  const box = graph.getBoundingClientRect()
  svg.setAttribute("width", graph.scrollWidth)
  svg.setAttribute("height", graph.scrollHeight)
  const through = pressed === null ? null : nodes.get(pressed)?.rules
  const lines = new Map()
  for (const r of drawn)
    for (let c = 0; c + 1 < columns.length; c++)
      for (const a of r.path[c])
        for (const b of r.path[c + 1]) {
          const of = key(c, a) + "\n" + key(c + 1, b)
          const line = lines.get(of) ?? { a: nodes.get(key(c, a)), b: nodes.get(key(c + 1, b)), kind: r.kind, on: false }
          line.on ||= !through || through.has(r)
          if (r.kind === "deny") line.kind = "deny"
          lines.set(of, line)
        }
  svg.replaceChildren(
    ...[...lines.values()].map(({ a, b, kind, on }) => {
      const from = a.button.getBoundingClientRect(), to = b.button.getBoundingClientRect()
      const [x1, y1, x2, y2] = [from.right - box.left, from.top + from.height / 2 - box.top, to.left - box.left, to.top + to.height / 2 - box.top]
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path")
      path.setAttribute("d", `M${x1} ${y1}C${(x1 + x2) / 2} ${y1} ${(x1 + x2) / 2} ${y2} ${x2} ${y2}`)
      path.setAttribute("class", kind + (on ? "" : " off"))
      return path
    }),
  )
}
new ResizeObserver(layOut).observe($("graph"))
