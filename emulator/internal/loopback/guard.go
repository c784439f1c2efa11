package loopback

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// Guard keeps web pages from other places away from what this machine serves: a page that its user has open in a browser can send requests to
// 127.0.0.1, and can make a name of its own lead there. Pages of this machine may call it and read the answers, whatever their port. Programs
// send no Origin, and are not asked for one.
func Guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin, h := r.Header.Get("Origin"), w.Header()
		if !isHere(r.Host) {
			http.Error(w, "Host: is not this machine; use 127.0.0.1 or localhost", http.StatusForbidden)
			return
		}
		if u, err := url.Parse(origin); origin != "" && (err != nil || u.Scheme != "http" || !isHere(u.Host)) {
			http.Error(w, "Origin: pages of other places may not call this", http.StatusForbidden)
			return
		}
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Add("Content-Security-Policy", "frame-ancestors 'self'")
		if origin != "" {
			h.Set("Access-Control-Allow-Origin", origin)
			h.Add("Vary", "Origin")
			if method := r.Header.Get("Access-Control-Request-Method"); r.Method == http.MethodOptions && method != "" {
				h.Set("Access-Control-Allow-Methods", method)
				h.Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
				w.WriteHeader(http.StatusNoContent)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// isHere reports whether a host, with or without a port, can only be this machine: an address of the loopback interface, or a name that
// never leads elsewhere (RFC 6761, 6.3).
func isHere(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	if a, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		return a.IsLoopback()
	}
	name = strings.ToLower(name)
	return name == "localhost" || strings.HasSuffix(name, ".localhost")
}
