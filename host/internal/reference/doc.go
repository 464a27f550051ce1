// Package reference makes the reference of a module out of its manifest: its
// commands, what its permissions allow, and what they lend in plain words. It is
// for people who decide what to grant, as Markdown, and for programs, as JSON.
//
// A manifest is a stranger's text. In the Markdown it is only ever text: it
// makes no heading, no link, no image, no HTML, no cell of a table. What it
// lists is cut where a person would stop reading.
package reference
