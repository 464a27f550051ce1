// The page: its tabs, and what keeps it up to date.
import { listen } from "/_ambit/ambit.js"
import { addDecision, addRefusal, showDecisions } from "./decisions.js"
import { showGrants, showModules } from "./modules.js"
import { showMatrix } from "./matrix.js"
import { layOut, showRules } from "./rules.js"
import { $, ask, fail } from "./page.js"

const tabs = [...document.querySelectorAll("[role=tab]")]

function select(tab) {
  for (const t of tabs) {
    const on = t === tab
    t.setAttribute("aria-selected", on)
    t.tabIndex = on ? 0 : -1
    $(t.getAttribute("aria-controls")).hidden = !on
  }
  layOut()
  refresh()
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

function show(s) {
  $("status").textContent = `${s.stats.Invokes} invokes, ${s.stats.Denied} denied, ${s.stats.Failed} failed, ${s.stats.Running} running; policy ${s.policy.slice(0, 12)}`
  showMatrix(s.matrix)
  showRules(s.rules)
  showModules(s.modules)
  showGrants(s.grants, s.revokes, (id) => ask({ revoke: id }).then(show, fail))
}

async function refresh() {
  try {
    show(await ask())
  } catch (e) {
    fail(e)
  }
}

try {
  await listen("decision", (e) => addDecision(e.payload)) // exchanges the ticket, too
  await listen("refusal", (e) => addRefusal(e.payload))
  const s = await ask()
  showDecisions(s)
  show(s)
  setInterval(refresh, 3000)
} catch (e) {
  fail(e)
}
