// Package egress sends HTTP requests for modules: what a scope lets through, to
// where it really goes.
//
// A request's URL is parsed once, by the parser of the authority, which also
// wrote the canonical form that patterns match; what is sent is made of that form
// and checked to read the same to net/http. Before each hop the policy names the
// scope entries that let it through; redirects are followed here and not by
// net/http, so that each is a hop like the first. The address is checked when it
// is dialled, which is after every lookup: a name that leads to the own machine or
// network, to a cloud's metadata or to no host at all is refused, whatever it led
// to when somebody looked before.
//
// A request has nothing of the host's: no proxy or credentials of its
// environment, no cookies, no connection that another request used. Headers that
// an entry sets, secrets among them, go to URLs of that entry only; of the
// module's own, those that identify somebody are dropped when a redirect leaves
// the origin.
//
// Not protected: what an allowed server does with what it is sent, a header that
// it echoes included, and what the name server of the host reads of the names.
package egress
