// Markdown as elements: headings, lists, quotes, code, and in a line code, strong,
// emphasis and links. Notes may come from anywhere: what is in them becomes text, never
// HTML, and links lead to the web only.

function make(tag, text, attributes = {}) {
  const e = Object.assign(document.createElement(tag), attributes)
  if (text !== undefined) e.textContent = text
  return e
}

const inline = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*]+)\*|\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)/g

function line(tag, text) {
  const out = make(tag)
  let from = 0
  for (const m of text.matchAll(inline)) {
    out.append(text.slice(from, m.index))
    const [whole, code, strong, em, label, href] = m
    out.append(code ? make("code", code) : strong ? make("strong", strong) : em ? make("em", em) : make("a", label, { href, target: "_blank", rel: "noopener noreferrer" }))
    from = m.index + whole.length
  }
  out.append(text.slice(from))
  return out
}

/** markdown returns the elements of a text. */
export function markdown(text) {
  const out = []
  let list = null, code = null
  for (const l of text.split("\n")) {
    if (l.startsWith("```")) {
      if (!code) out.push((code = make("pre", "")))
      else code = null
      list = null
      continue
    }
    if (code) {
      code.append(l + "\n")
      continue
    }
    const [, mark, rest] = l.match(/^(#{1,6} |[-*] |\d+\. |> )?(.*)$/)
    if (mark && /^[-*\d]/.test(mark)) {
      const kind = /^\d/.test(mark) ? "ol" : "ul"
      if (list?.localName !== kind) out.push((list = make(kind)))
      list.append(line("li", rest))
      continue
    }
    list = null
    if (mark?.startsWith("#")) out.push(line("h" + Math.min(mark.length, 6), rest))
    else if (mark) out.push(line("blockquote", rest))
    else if (rest.trim()) out.push(line("p", rest))
  }
  return out
}
