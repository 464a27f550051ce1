import { invoke } from "/_ambit/ambit.js"

const path = "$APPDATA/notes/welcome.md"
const log = document.getElementById("log")
const say = (e) => (log.textContent = `${e.code}: ${e.message}\n${e.why ?? ""}`)

invoke("fs.read_text_file", { path }).then((text) => (document.getElementById("page").textContent = text), say)
document.getElementById("write").onclick = () => invoke("fs.write_text_file", { path, contents: "mine" }).then(() => (log.textContent = "written"), say)
