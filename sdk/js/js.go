// Package js holds the client of web pages, as files: an ES module without a build
// step, and its type declarations. Package ipc of the host serves them; "npm install"
// of this folder has them, too.
package js

import "embed"

// Files are ambit.js and ambit.d.ts.
//
//go:embed ambit.js ambit.d.ts
var Files embed.FS
