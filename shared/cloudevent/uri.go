package cloudevent

import "regexp"

// What RFC 3986 lets an address be (appendix A), letter by letter: url.Parse also takes blanks, quotes and letters beyond ASCII. The
// specification asks for RFC 3986, and its JSON schema for "uri-reference", which has no such letters either: an IRI (RFC 3987) comes
// percent-encoded, so that one source is written in one way. The address between brackets is not read further.
const (
	plain  = `[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2}`
	letter = `(?:` + plain + `|[:@])` // pchar

	scheme    = `[A-Za-z][A-Za-z0-9+.-]*:`
	authority = `//(?:(?:` + plain + `|:)*@)?(?:\[[0-9A-Za-z:._~!$&'()*+,;=-]+\]|(?:` + plain + `)*)(?::[0-9]*)?`
	segments  = `(?:/` + letter + `*)*`
	absolute  = `/(?:` + letter + `+` + segments + `)?`
	rootless  = letter + `+` + segments
	noScheme  = `(?:` + plain + `|@)+` + segments // what stands before a colon would be a scheme
	rest      = `(?:\?(?:` + letter + `|[/?])*)?(?:#(?:` + letter + `|[/?])*)?`
)

var (
	uri         = regexp.MustCompile(`^` + scheme + `(?:` + authority + segments + `|` + absolute + `|` + rootless + `|)` + rest + `$`)
	relativeRef = regexp.MustCompile(`^(?:` + authority + segments + `|` + absolute + `|` + noScheme + `|)` + rest + `$`)
)

// isURI reports whether the text names something by itself. The specification refers to RFC 3986, section 4.3, which has no fragment;
// but a schema is often a part of a document (…/order.json#/definitions/placed), and the specification's JSON schema and SDKs take it.
func isURI(s string) bool { return uri.MatchString(s) }

// isURIReference reports whether the text is a URI, or a part of one (section 4.1).
func isURIReference(s string) bool { return isURI(s) || relativeRef.MatchString(s) }

// encoded says how other texts become part of a URI. A header's value is decoded once before it is one, and some SDKs (Go's, Java's) do not
// encode it for that.
const encoded = ", with all else percent-encoded (a space is %20, and in a header %2520, since headers are decoded once),"
