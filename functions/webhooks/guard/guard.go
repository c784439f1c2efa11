// Package guard keeps requests to addresses that others have chosen out of our own network (server-side request forgery).
//
// It looks at the literal address that is about to be connected to, after DNS: so it does not matter what a name stands for, nor whether it stands for
// something else a moment later. What is no public address, or another port than 443, is refused. Redirects are not followed, and no proxy of the
// environment is asked.
package guard

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// ErrRefused says that an address may not be connected to.
var ErrRefused = errors.New("guard: refused")

// Options are what a client may do besides. The zero value is for the cloud.
type Options struct {
	Loopback bool          // whether it may reach this machine, at any port: for a laptop
	Resolver *net.Resolver // nil is the system's
}

const (
	dialTime = 10 * time.Second
	// Time is how long a whole request may take; the specification recommends 15 to 30 seconds.
	Time      = 20 * time.Second
	maxHeader = 16 << 10 // bytes of an answer's headers
)

// Client makes requests that the guard lets through. It verifies TLS, and returns a redirect as it came.
func Client(o Options) *http.Client {
	dialer := &net.Dialer{Timeout: dialTime, Resolver: o.Resolver, Control: func(_, address string, _ syscall.RawConn) error { return o.check(address) }}
	return &http.Client{
		Timeout:       Time,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: dialTime, ForceAttemptHTTP2: true, MaxResponseHeaderBytes: maxHeader,
			IdleConnTimeout: 90 * time.Second, MaxIdleConnsPerHost: 4,
		},
	}
}

// check looks at an address as the dialer is about to connect to it.
func (o Options) check(address string) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s is no literal address", ErrRefused, address)
	}
	ip := to.Addr().Unmap() // ::ffff:10.0.0.1 is 10.0.0.1
	if o.Loopback && ip.IsLoopback() {
		return nil
	}
	if kind := reserved(ip); kind != "" {
		return fmt.Errorf("%w: %s is no public address (%s)", ErrRefused, ip, kind)
	}
	if to.Port() != 443 {
		return fmt.Errorf("%w: port %d; only 443 is connected to", ErrRefused, to.Port())
	}
	return nil
}

// network is a range of addresses that are not public, and what it is for.
type network struct {
	prefix netip.Prefix
	kind   string
}

func networks(all ...string) (list []network) {
	for i := 0; i < len(all); i += 2 {
		list = append(list, network{netip.MustParsePrefix(all[i]), all[i+1]})
	}
	return list
}

// By IANA's registries of special-purpose addresses (iana.org/assignments/iana-ipv4-special-registry and -ipv6-special-registry).
var (
	special4 = networks(
		"0.0.0.0/8", "this network", "10.0.0.0/8", "private", "100.64.0.0/10", "shared by a provider's customers", "127.0.0.0/8", "loopback",
		"169.254.0.0/16", "link-local, where clouds keep their metadata", "172.16.0.0/12", "private", "192.0.0.0/24", "reserved",
		"192.0.2.0/24", "documentation", "192.88.99.0/24", "6to4 relays", "192.168.0.0/16", "private", "198.18.0.0/15", "benchmarks",
		"198.51.100.0/24", "documentation", "203.0.113.0/24", "documentation", "224.0.0.0/4", "multicast", "240.0.0.0/4", "reserved, or broadcast",
		"168.63.129.16/32", "a cloud's own services",
	)
	public6  = netip.MustParsePrefix("2000::/3") // what is given out; outside of it are loopback, local, multicast, and IPv4 in other forms
	special6 = networks("2001::/23", "reserved, with Teredo's IPv4 in it", "2001:db8::/32", "documentation", "2002::/16", "6to4, with IPv4 in it", "3fff::/20", "documentation")
)

// reserved is what an address is kept for; "" is public.
func reserved(ip netip.Addr) string {
	if ip.Is6() && !public6.Contains(ip.WithZone("")) {
		return "outside of 2000::/3"
	}
	special := special4
	if ip.Is6() {
		special = special6
	}
	for _, n := range special {
		if n.prefix.Contains(ip.WithZone("")) {
			return n.kind
		}
	}
	return ""
}
