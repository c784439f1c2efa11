package cloudevent

import (
	"errors"
	"strings"
	"testing"

	"tidings.dev/shared/event"
)

// The examples are those of the specification and of RFC 3986, sections 1.1.2, 3 and 5.4.
func TestAnAddressIsOneByRFC3986(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		in             string
		uri, reference bool
	}{
		{"https://github.com/cloudevents", true, true}, {"mailto:cncf-wg-serverless@lists.cncf.io", true, true},
		{"urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66", true, true}, {"ldap://[2001:db8::7]/c=GB?objectClass?one", true, true},
		{"http://user:pw@shop.example:8080//a;b=1,2/?q=/?&x#/f?", true, true}, {"file:///etc/hosts", true, true}, {"tel:+1-816-555-1212", true, true},
		{"http://a%20b.example/", true, true}, {"http://[v7.x:y]:/", true, true}, {"about:", true, true}, {"x:/", true, true}, {"X+1.a-b:?q", true, true},
		{"https://shop.example/order.json#/definitions/placed", true, true},
		{"/cloudevents/spec/pull/123", false, true}, {"1-555-123-4567", false, true}, {"//host/x", false, true}, {"/", false, true}, {"../../g", false, true},
		{"g;x=1/./y", false, true}, {"?y", false, true}, {"#s", false, true}, {"./a:b", false, true}, {"/a:b", false, true}, {"a@b", false, true}, {"com.example.shop", false, true},
		{"/caf%C3%A9", false, true}, {"%2Fa", false, true},

		{":", false, false}, {"1a:b", false, false}, {"/a b", false, false}, {" /a", false, false}, {"/a ", false, false}, {"/café", false, false}, {"https://münchen.example", false, false},
		{"/%", false, false}, {"/%4", false, false}, {"/%zz", false, false}, {"/?%zz", false, false}, {"#%g0", false, false}, {`/a"b`, false, false}, {"/<a>", false, false},
		{`/a\b`, false, false}, {"/a^b", false, false}, {"/a`b", false, false}, {"/{id}", false, false}, {"/a|b", false, false}, {"/a[0]", false, false}, {"/?a[]=1", false, false},
		{"#a#b", false, false}, {"http://[::1", false, false}, {"http://a@b@c", false, false}, {"http://h:80a/", false, false}, {"http://h:1:2/", false, false},
		{"/a\n", false, false}, {"/a\x00", false, false}, {"/a\xff", false, false}, {"ü:x", false, false},
	} {
		if got := isURI(test.in); got != test.uri {
			t.Errorf("URI %q: got %v", test.in, got)
		}
		if got := isURIReference(test.in); got != test.reference {
			t.Errorf("URI reference %q: got %v", test.in, got)
		}
	}
}

func TestWhatIsNoURIIsToldHowToBecomeOne(t *testing.T) {
	t.Parallel()
	_, err := Read(media(inJSON), []byte(structured("source", `"/a b"`, "dataschema", `"/order.json"`)))
	var f event.FieldErrors
	if !errors.As(err, &f) || len(f) != 2 || f[0].Field != "source" || f[1].Field != "dataschema" {
		t.Fatalf("got %v", err)
	}
	for _, one := range f {
		if !strings.Contains(one.Detail, "percent-encoded") || !strings.Contains(one.Detail, "%20") || !strings.Contains(one.Detail, "such as") {
			t.Errorf("got %v", one)
		}
	}
	t.Log(f)
}
