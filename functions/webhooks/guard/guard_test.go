package guard

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// refused are addresses that nobody's webhook is. The client really dials them.
var refused = map[string]string{
	"loopback":                              "https://127.0.0.1/",
	"loopback, another":                     "https://127.8.9.10/",
	"loopback, IPv6":                        "https://[::1]/",
	"loopback, by a name":                   "https://localhost/",
	"loopback, mapped":                      "https://[::ffff:127.0.0.1]/",
	"loopback, compatible":                  "https://[::127.0.0.1]/",
	"unspecified":                           "https://0.0.0.0/",
	"unspecified, IPv6":                     "https://[::]/",
	"this network":                          "https://0.1.2.3/",
	"private 10":                            "https://10.0.0.1/",
	"private 172":                           "https://172.16.0.1/",
	"private 172, the last":                 "https://172.31.255.255/",
	"private 192":                           "https://192.168.1.1/",
	"private, mapped":                       "https://[::ffff:10.0.0.1]/",
	"private, mapped, in hexadecimal":       "https://[::ffff:a00:1]/",
	"private, NAT64":                        "https://[64:ff9b::a00:1]/",
	"private, NAT64, local":                 "https://[64:ff9b:1::a00:1]/",
	"private, 6to4":                         "https://[2002:a00:1::1]/",
	"private, Teredo":                       "https://[2001:0:a00:1::1]/",
	"shared by a provider's customers":      "https://100.64.0.1/",
	"link-local":                            "https://169.254.1.1/",
	"metadata":                              "https://169.254.169.254/latest/meta-data/",
	"metadata, by HTTP":                     "http://169.254.169.254/computeMetadata/v1/",
	"metadata, mapped":                      "https://[::ffff:169.254.169.254]/",
	"metadata, NAT64":                       "https://[64:ff9b::a9fe:a9fe]/",
	"metadata, 6to4":                        "https://[2002:a9fe:a9fe::1]/",
	"metadata, IPv6":                        "https://[fd00:ec2::254]/",
	"metadata of another cloud":             "https://168.63.129.16/",
	"link-local, IPv6":                      "https://[fe80::1]/",
	"link-local, IPv6, with a zone":         "https://[fe80::1%25lo]/",
	"unique local":                          "https://[fc00::1]/",
	"site-local":                            "https://[fec0::1]/",
	"multicast":                             "https://224.0.0.1/",
	"multicast, IPv6":                       "https://[ff02::1]/",
	"broadcast":                             "https://255.255.255.255/",
	"reserved":                              "https://240.0.0.1/",
	"documentation":                         "https://192.0.2.1/",
	"documentation, IPv6":                   "https://[2001:db8::1]/",
	"benchmarks":                            "https://198.18.0.1/",
	"a public address, at another port":     "https://8.8.8.8:8443/",
	"a public address, by HTTP":             "http://8.8.8.8/",
	"a public address, IPv6, at SSH's port": "https://[2606:4700::1111]:22/",
}

func TestWhatIsNotPublicIsRefused(t *testing.T) {
	t.Parallel()
	client := Client(Options{})
	for name, address := range refused {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res, err := client.Post(address, "application/json", nil)
			if err == nil {
				res.Body.Close()
			}
			if !errors.Is(err, ErrRefused) {
				t.Errorf("%s: got %v, want that it is refused", address, err)
			}
		})
	}
}

func TestWhatIsPublicIsLetThrough(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"8.8.8.8:443", "1.1.1.1:443", "172.15.255.255:443", "172.32.0.1:443", "100.63.255.255:443", "100.128.0.1:443", "169.253.0.1:443", "[2606:4700::1111]:443",
		"[2a00:1450:4001::1]:443", "[::ffff:8.8.8.8]:443",
	} {
		if err := (Options{}).check(address); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	if err := (Options{}).check("shop.example:443"); !errors.Is(err, ErrRefused) {
		t.Errorf("a name: got %v, want that it is refused", err)
	}
}

// A laptop reaches itself, and nothing else that is not public.
func TestALaptopReachesItself(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	client := Client(Options{Loopback: true})
	res, err := client.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	for _, address := range []string{"http://10.0.0.1/", "http://169.254.169.254/", "http://[fd00:ec2::254]/", "http://8.8.8.8/"} {
		if res, err := client.Get(address); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: got %v and %v, want that it is refused", address, res, err)
		}
	}
}

// names is a resolver that answers each question for an A record with the next of the addresses, and from then on with the last of them.
func names(t *testing.T, addresses ...string) (*net.Resolver, *atomic.Int64) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	asked := new(atomic.Int64)
	go func() {
		buffer := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buffer[:n]) != nil {
				continue
			}
			q := m.Questions[0]
			m.Response, m.Additionals = true, nil
			if q.Type == dnsmessage.TypeA {
				i := min(int(asked.Add(1)), len(addresses)) - 1
				m.Answers = []dnsmessage.Resource{{
					Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class}, Body: &dnsmessage.AResource{A: netip.MustParseAddr(addresses[i]).As4()},
				}}
			}
			if answer, err := m.Pack(); err == nil {
				_, _ = conn.WriteTo(answer, from)
			}
		}
	}()
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}
	return &net.Resolver{PreferGo: true, Dial: dial}, asked
}

// Somebody looks the name up and finds it public; when it is dialled, it has another address.
func TestANameThatChangesIsRefused(t *testing.T) {
	t.Parallel()
	resolver, asked := names(t, "8.8.8.8", "169.254.169.254")
	first, err := resolver.LookupNetIP(t.Context(), "ip4", "rebinding.example.")
	if err != nil || len(first) != 1 || reserved(first[0].Unmap()) != "" {
		t.Fatalf("got %v and %v, want a public address at first", first, err)
	}
	_, err = Client(Options{Resolver: resolver}).Post("https://rebinding.example./", "application/json", nil)
	if !errors.Is(err, ErrRefused) || asked.Load() < 2 {
		t.Errorf("got %v after %d questions, want that it is refused", err, asked.Load())
	}
}

// A redirect is an answer, wherever it leads.
func TestARedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		if r.URL.Path == "/" {
			http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusTemporaryRedirect)
		}
	}))
	defer server.Close()
	for _, to := range []string{"http://169.254.169.254/", "https://[::ffff:169.254.169.254]/", server.URL + "/inside"} {
		calls.Store(0)
		res, err := Client(Options{Loopback: true}).Post(server.URL+"/?to="+url.QueryEscape(to), "application/json", nil)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusTemporaryRedirect || calls.Load() != 1 {
			t.Errorf("to %s: got %d after %d calls, want the redirect itself", to, res.StatusCode, calls.Load())
		}
	}
}

// An HTTP proxy of the environment would connect in our place, where no guard looks. This one the guard would let the client reach.
func TestNoProxyIsAsked(t *testing.T) {
	var asked atomic.Int64
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer proxy.Close()
	t.Setenv("HTTPS_PROXY", proxy.URL)
	t.Setenv("HTTP_PROXY", proxy.URL)
	if res, err := Client(Options{Loopback: true}).Get("http://10.0.0.1/"); !errors.Is(err, ErrRefused) || asked.Load() != 0 {
		t.Errorf("got %v and %v; the proxy was asked %d times", res, err, asked.Load())
	}
}
