import { Channel, invoke } from "/_ambit/ambit.js"
import { markdown } from "./markdown.js"

const $ = (id) => document.getElementById(id)
const folder = "$APPDATA/notes/"
let current = null

async function list() {
  const notes = await invoke("notes.list")
  $("list").replaceChildren(
    ...notes.map((n) => {
      const item = document.createElement("li"), button = document.createElement("button")
      button.type = "button"
      button.textContent = `${n.title} (${n.words})`
      if (n.name === current) button.setAttribute("aria-current", "true")
      button.onclick = () => open(n.name)
      item.append(button)
      return item
    }),
  )
}

async function open(name) {
  const text = await invoke("fs.read_text_file", { path: folder + name })
  current = name
  const [first, ...rest] = text.split("\n")
  $("title").value = first.replace(/^# */, "")
  $("text").value = rest.join("\n").trim()
  show()
  await list()
}

function show() {
  const title = document.createElement("h1")
  title.textContent = $("title").value
  $("page").replaceChildren(title, ...markdown($("text").value))
  invoke("notes.count_words", { text: $("text").value }).then((n) => ($("words").textContent = `${n} words`), say)
}

// say shows an error: what its code is, and, in development, why it was denied.
function say(e) {
  const line = document.createElement("span")
  line.className = "denied"
  line.textContent = `${e.code}: ${e.message}\n${e.why ?? ""}\n`
  $("log").replaceChildren(line)
}

$("text").oninput = $("title").oninput = show
$("new").onclick = () => {
  current = null
  $("editor").reset()
  show()
  $("title").focus()
  list().catch(say)
}
$("editor").onsubmit = async (event) => {
  event.preventDefault()
  try {
    const title = $("title").value, text = $("text").value
    if (current) await invoke("fs.write_text_file", { path: folder + current, contents: `# ${title}\n\n${text}\n` })
    else current = await invoke("notes.add", { title, text })
    await list()
    $("log").textContent = "saved"
  } catch (e) {
    say(e)
  }
}
$("search").onsubmit = async (event) => {
  event.preventDefault()
  const text = event.target.elements[0].value
  if (!text) return list()
  const found = await invoke("notes.search", { text }).catch(say)
  if (found) $("log").textContent = JSON.stringify(found, null, 1)
}

// A long task: it tells how far it is over a channel, and ends when it is pressed again.
let running = null
$("review").onclick = async () => {
  if (running) return running.abort()
  running = new AbortController()
  $("review").textContent = "Stop"
  $("progress").hidden = false
  $("progress").value = 0
  const channel = new Channel((p) => ($("progress").value = p.done / p.of))
  try {
    const long = await invoke("notes.review", { on: channel }, { signal: running.signal })
    $("log").textContent = `reviewed: ${long} long lines`
  } catch (e) {
    say(e)
  }
  running = null
  $("review").textContent = "Review"
  $("progress").hidden = true
}

const tries = {
  "Summarise a note": () => invoke("rogue.summarise", { name: "welcome.md" }),
  "Overwrite, delete, rename": () => invoke("rogue.vandalise"),
  "Run for ever": () => invoke("rogue.spin"),
  "Take all memory": () => invoke("rogue.devour"),
  "Read a private note": () => invoke("fs.read_text_file", { path: folder + "private/diary.md" }),
  "Steal what nobody granted": () => invoke("rogue.steal"),
}
for (const [name, run] of Object.entries(tries)) {
  const button = document.createElement("button")
  button.type = "button"
  button.textContent = name
  button.onclick = async () => {
    $("log").textContent = "…"
    try {
      $("log").textContent = JSON.stringify(await run(), null, 1)
    } catch (e) {
      say(e)
    }
  }
  $("tries").append(button)
}

list().then(() => open("welcome.md")).catch(say)
