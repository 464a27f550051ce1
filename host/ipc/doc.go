// Package ipc lets web pages invoke commands: an [http.Handler] that serves the windows
// of an app, each as a browser origin of its own.
//
//	s, err := ipc.New(h, ipc.Config{URL: "http://localhost:7070", App: os.DirFS("app")})
//	listeners, err := ipc.Listen(7070)
//	go s.Serve(ctx, listeners...)
//	url, err := s.Open("main") // http://main.localhost:7070/#ambit=…, for a browser
//
// A page imports the client from its own server and calls commands:
//
//	import { invoke } from "/_ambit/ambit.js"
//	await invoke("notes.list")
//
// # Who calls
//
// A window of ambit.toml is served at http://<host>.localhost:<port>, where host is its
// label unless it says otherwise. The server knows the window by the host name, which
// the browser sends, never by what a page says: so browsers keep windows apart, by the
// same-origin policy. The caller of a command is that window, with the origin local; for
// a page of the origin that [[window]] names as remote, it is that window with that
// remote origin. What they may call is the authority's to say.
//
// A page gets a token for a one-time ticket, which is in the fragment of the URL that
// [Server.Open] returns, so that it is in no log and no Referer. It lives in memory and
// in sessionStorage, is no cookie, and is good for its window and its origin only. A page
// that is loaded again, and a copy of its tab, get another for it. Who merely fetches a
// page, another program or user of the machine, gets no ticket and is nobody.
//
// Before anything else is looked at, each request must name a host that is served (or
// a page that found another name for this address would be let in: DNS rebinding), and
// each one that is no page's file must come from that host's origin, by Origin and
// Sec-Fetch-Site (or any page that a user visits could send it). A page cannot be
// framed, so that what a page embeds has nothing of it. Each [Refusal] is in the log and
// in the inspector, with its reason; the other side sees a status.
//
// Where a browser does not resolve names below localhost, or a window has a name of its
// own, Config.URLs says where each window is; a port is enough to tell them apart, since
// nothing of a page is in cookies, which ports share. At a name, a program that has
// the port at another address of this machine would be the app for a browser, and get its
// tickets: [Listen] takes them all.
//
// # What is served
//
// Below /_ambit/ are the client (ambit.js, ambit.d.ts), token, invoke/<command>, and
// socket, a WebSocket for events and channels. All else are files of the window's
// assets, with headers that keep other origins out, and scripts that are not the app's:
// see [DefaultPolicy].
//
// A channel is among the arguments of an invoke in the page, and the command emits to it
// while it runs ("emit" in a module, [host.NativeCall] in Go). A page that is slow makes
// its command slow; one that is gone for half a minute hears no more. A connection that
// breaks goes on where it was. What a call emits without a channel are events of the
// window: pages that listen to the topic hear it, as what [Server.Emit] sends, unless
// they are slow; those of the window's remote page hear what is emitted for that one.
//
// # In a desktop window
//
// A webview of the system is a browser whose first page is the URL that [Server.Open]
// returns: listen at 127.0.0.1 and a free port, give the window that address in
// Config.URLs, open it with the URL, and close the [Server] with it, as examples/desktop
// does. Nothing has to be injected into the page, and the webview needs no bridge of its
// own: with one, the page could reach what the bridge offers without the authority. A
// shell in another language starts "ambit serve --stdio" and speaks JSON-RPC: see
// [ServeLines].
//
// # What this does not protect against
//
// A page's own scripts are the page: what they import from elsewhere, if a policy for
// content lets them, calls with its token. Extensions of a browser see what pages see.
// Without TLS, who can read the loopback device reads along. The ticket is as good as
// the way on which it gets to the browser.
//
// Libraries: github.com/coder/websocket, for it has no dependencies, takes contexts, and
// is kept; golang.org/x/net/html, to read pages as browsers do.
package ipc
