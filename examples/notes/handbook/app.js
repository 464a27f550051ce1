// A page that is not the app's: it loads the client from the app's server, and connects
// with the ticket that it was opened with. Its own server says which app it is for.
const { url } = await (await fetch("app.json")).json()
const { connect, invoke } = await import(url + "/_ambit/ambit.js")

const log = document.getElementById("log")
const show = (text) => (log.textContent = text)
const say = (e) => show(`${e.code}: ${e.message}`)
const text = () => document.getElementById("text").value

await connect(url).then(() => show("connected"), say)
document.getElementById("count").onclick = () => invoke("notes.count_words", { text: text() }).then((n) => show(`${n} words`), say)
document.getElementById("list").onclick = () => invoke("notes.list").then((l) => show(JSON.stringify(l)), say)
document.getElementById("read").onclick = () => invoke("fs.read_text_file", { path: "$APPDATA/notes/welcome.md" }).then(show, say)
