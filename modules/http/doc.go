// Package http is the http module: requests over HTTP, for callers that cannot
// send them themselves. This package holds no code; the module is
//
//	manifest.toml  commands with their powers and arguments, permissions, default
//	command/       what the commands do, over sdk.Fetch; tested natively
//	guest/         the program that is compiled to Wasm
//
// and is built by
//
//	ambit build -o http.wasm modules/http/guest
//
// # Commands
//
//	fetch         {url, method?, headers?, data?, maxRedirections?, connectTimeout?, maxBytes?}
//	              -> {status, statusText, url, headers, body}
//	fetch_stream  the same and topic -> the same without body, which is emitted:
//	              bytes piece by piece, null at the end
//
// # Permissions
//
// default holds both commands and no URL. A grant says where requests may go:
//
//	{ identifier = "http:default", allow = [{ url = "https://api.example.org/*" }] }
//
// An entry may say methods, private (addresses of the own machine and network) and
// headers, which the host sets and the caller never sees when they are secrets:
//
//	{ url = "https://api.example.org/*", headers = { Authorization = "secret:weather-api" } }
//
// A deny entry wins, also after redirects.
//
// # Differences from Tauri's plugin
//
//   - A request is one call: fetch, fetch_send, fetch_read_body and fetch_cancel
//     are one, since nothing of a module outlives a call. To cancel is to cancel
//     the call; to stream is fetch_stream.
//   - Scope entries mean the same URL patterns, but every redirect is decided as
//     the first request was (there it is only since 2026), and what a name leads to
//     is looked at: without private = true no request reaches loopback, private
//     networks or a cloud's metadata.
//   - There are no cookies, no proxy, and no option to accept bad certificates.
//   - The headers Host, Content-Length, Connection and their like, Proxy-* and
//     Sec-* cannot be set. Origin can: a module is no browser.
//   - data: URLs are not fetched.
//   - Redirects are followed five times at most, whatever maxRedirections says;
//     connectTimeout bounds the whole request.
//   - The body is not decompressed.
//
// # What is not protected
//
// A server that echoes a secret header shows it to the caller. Whoever may send
// requests to a server may tell it whatever it knows.
package http
