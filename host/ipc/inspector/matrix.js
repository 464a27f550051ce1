// Who may call what, and why.
import { $, ask, changed, fail, make, table } from "./page.js"

export function showMatrix(m) {
  if (!changed("matrix", m)) return
  const rows = (m.rows ?? []).map((r) => [
    make("code", null, r.command),
    ...r.codes.map((code, caller) => {
      const yes = code === "allowed"
      const cell = make("button", { type: "button", class: yes ? "allow" : "deny", "aria-label": `${r.command} for ${m.callers[caller]}: ${code}` }, yes ? "yes" : code)
      cell.onclick = () => explain(caller, r.command)
      return cell
    }),
  ])
  $("cells").replaceChildren(table(["Command", ...m.callers], rows))
  $("cell").hidden = true
}

async function explain(caller, command) {
  try {
    const { why, remedy } = await ask({ explain: { caller, command } })
    $("cell").textContent = why + (remedy ? "\n\nto allow it\n" + remedy : "")
    $("cell").hidden = false
  } catch (e) {
    fail(e)
  }
}
