package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/printable"
	"github.com/ambit-wasm/ambit/host/ipc"
	"github.com/spf13/cobra"
)

const serveLong = `Serve opens an app as a host does and serves its windows to a browser on this
machine: each [[window]] of ambit.toml with assets, at an origin of its own,
http://<host>.localhost:<port>. The pages call commands by the client at
/_ambit/ambit.js, as far as the policy lets their window.

It prints a URL for each window, with a ticket that opens it once, within two
minutes, and one for the page elsewhere that a window names as its remote, if it
does: that page hands the ticket to connect() of the client. Press Enter for new
ones. It ends when it is interrupted, after the calls that run.

With --stdio it serves no pages but the program at the other end of its standard
input and output, an editor or a desktop shell, in JSON-RPC 2.0, one line for each
message: invoke {cmd, args} and cancel {id}. That is the window of --window,
whatever it says. It ends with the input.

With --inspect a page of its own shows the operator what the authority does: each
decision with its reason and what would allow it, who may call what and why, the
modules, and what was granted at run time; with --inspect-revoke it takes such
grants back. Its URL is worth as much as the app: it shows all of the policy.

With --explain, or under the profile dev, pages read why a call was denied.
--csp replaces the policy for what pages may load.

Browsers resolve names below localhost by themselves. For one that does not,
--ports serves each window at a port of its own of the address of --addr: the
first at its port, the others at those that follow.

Exit codes
  0  it was interrupted    1  the app does not load, or the address is taken    2  wrong usage`

type serveFlags struct {
	appFlags
	cacheFlags
	addr     string
	logLevel string
	explain  bool
	stdio    bool
	window   string
	inspect  bool
	revoke   bool
	ports    bool
	csp      string
}

func (c *cli) serveCommand() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve an app's windows to a browser",
		Long:  serveLong,
		Example: `  ambit serve --app app
  ambit serve --app app --addr 127.0.0.1:0 --explain    any free port, for development
  ambit serve --app app --stdio --window main           for a program that started it`,
		Args: exactly(),
		RunE: c.run(func(ctx context.Context, _ []string) (int, error) { return c.serve(ctx, &f) }),
	}
	f.addApp(cmd)
	cmd.Flags().StringVar(&f.profile, "profile", "", "the `profile` of ambit.toml to use (default: prod)")
	f.cacheFlags.add(cmd)
	cmd.Flags().StringVar(&f.addr, "addr", "127.0.0.1:7070", "the `address` to listen on, of this machine; without --ports both 127.0.0.1 and ::1")
	cmd.Flags().BoolVar(&f.stdio, "stdio", false, "serve the program at the standard input and output, not a browser")
	cmd.Flags().StringVar(&f.window, "window", "", "the `label` of the window that calls, with --stdio")
	cmd.Flags().BoolVar(&f.inspect, "inspect", false, "show what the authority does, at a page of its own")
	cmd.Flags().BoolVar(&f.revoke, "inspect-revoke", false, "as --inspect, and the page may take grants back")
	cmd.Flags().BoolVar(&f.ports, "ports", false, "serve each window at a port of its own, not at a name")
	cmd.Flags().StringVar(&f.csp, "csp", "", "the Content-Security-`Policy` of pages (default: what their own origin has)")
	cmd.Flags().BoolVar(&f.explain, "explain", false, "tell pages why a call was denied")
	cmd.Flags().StringVar(&f.logLevel, "log-level", "warn", "the least `level` that the host logs to stderr")
	complete(cmd, "log-level", logLevels...)
	return cmd
}

func (c *cli) serve(ctx context.Context, f *serveFlags) (int, error) {
	if f.stdio != (f.window != "") {
		return exitUsage, usagef("--stdio and --window go together")
	}
	addr, err := net.ResolveTCPAddr("tcp", f.addr)
	if err != nil {
		return exitUsage, usagef("--addr: %v", err)
	}
	if !f.ports && addr.IP.IsLoopback() && !addr.IP.Equal(net.IPv4(127, 0, 0, 1)) && !addr.IP.Equal(net.IPv6loopback) {
		return exitUsage, usagef("--addr %q is not where browsers look for localhost (add --ports)", f.addr)
	}
	if !addr.IP.IsLoopback() {
		return exitUsage, usagef("--addr %q is not of this machine alone (a program that embeds package ipc can serve others, and says who they are)", f.addr)
	}
	logger, err := c.logger(f.logLevel)
	if err != nil {
		return exitUsage, err
	}
	cache, err := c.cache(&f.cacheFlags, logger)
	if err != nil {
		return exitUsage, err
	}
	defer func() { _ = cache.Close(context.WithoutCancel(ctx)) }()
	config := host.Config{Logger: logger, Cache: cache, Profile: f.profile, Secrets: host.EnvSecrets()}
	var tap *ipc.Tap
	if f.inspect || f.revoke {
		tap = ipc.NewTap(nil)
		config.Audit = tap
	}
	h, err := c.openHost(ctx, &f.appFlags, config)
	if err != nil {
		return exitError, err
	}
	defer func() { _ = h.Close(context.WithoutCancel(ctx)) }()
	if f.stdio {
		return exitOK, ipc.ServeLines(ctx, h, host.Window(f.window), c.stdin, c.stdout)
	}
	root, err := os.OpenRoot(c.path(f.folder)) // no link leads out of it
	if err != nil {
		return exitError, err
	}
	defer func() { _ = root.Close() }()
	listeners, urls, err := f.listen(addr, h)
	if err != nil {
		return exitError, err
	}
	server, err := ipc.New(h, ipc.Config{
		URL: fmt.Sprintf("http://localhost:%d", listeners[0].Addr().(*net.TCPAddr).Port), URLs: urls, App: root.FS(), Explain: f.explain || f.profile == "dev",
		Inspect: tap, InspectRevoke: f.revoke, Logger: logger, ContentSecurityPolicy: f.csp,
	})
	if err == nil && !c.printWindows(server, h) {
		err = errors.New("ambit.toml declares no window with assets")
	}
	if err != nil {
		return exitError, errors.Join(err, closeAll(listeners))
	}
	go func() { // ends with the program, if nobody closes the input
		for lines := bufio.NewScanner(c.stdin); lines.Scan(); {
			c.printWindows(server, h)
		}
	}()
	if err := server.Serve(ctx, listeners...); err != nil {
		return exitError, err
	}
	return exitOK, nil
}

// listen listens at the port of an address, for windows that have names, or, with
// --ports, for each window at one of its own: the first at that of the address, the
// others at those that follow, or at any if it is 0. It returns the URLs of the latter.
func (f *serveFlags) listen(addr *net.TCPAddr, h *host.Host) (all []net.Listener, urls map[string]string, err error) {
	if !f.ports {
		all, err = ipc.Listen(addr.Port)
		return all, nil, err
	}
	var labels []string
	for _, w := range h.Windows() {
		labels = append(labels, w.Label)
	}
	if f.inspect || f.revoke {
		labels = append(labels, ipc.InspectorLabel)
	}
	urls = make(map[string]string)
	for i, label := range labels {
		at := *addr
		if at.Port != 0 {
			at.Port += i
		}
		l, err := net.ListenTCP("tcp", &at)
		if err != nil {
			return nil, nil, errors.Join(err, closeAll(all))
		}
		all, urls[label] = append(all, l), "http://"+l.Addr().String()
	}
	if len(all) == 0 {
		return nil, nil, errors.New("ambit.toml declares no window")
	}
	return all, urls, nil
}

func closeAll(listeners []net.Listener) (err error) {
	for _, l := range listeners {
		err = errors.Join(err, l.Close())
	}
	return err
}

// printWindows prints a URL for each page of a window, and reports whether there is any.
func (c *cli) printWindows(server *ipc.Server, h *host.Host) (any bool) {
	show := func(name, url string, err error) {
		if err != nil {
			c.errorf("%v", err)
			return
		}
		any = true
		fmt.Fprintf(c.stdout, "%s: %s\n", name, url)
	}
	for _, w := range h.Windows() {
		if w.Assets != "" {
			url, err := server.Open(w.Label)
			show(printable.Line(w.Label), url, err)
		}
		if w.Remote != "" {
			ticket, err := server.OpenRemote(w.Label)
			show(printable.Line(w.Label)+", remote", w.Remote+"/#ambit="+ticket, err)
		}
	}
	if url, err := server.OpenInspector(); err == nil {
		fmt.Fprintf(c.stdout, "inspector: %s\n", url)
	}
	return any
}
