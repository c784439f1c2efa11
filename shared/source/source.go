// Package source is the seam between somebody else's webhook and Tidings. A source says how its requests are verified and
// what events they make; everything else is the same for all, and stands in functions/internal/door: the limit of a body, problems as
// answers, who is behind a login, publishing, and a word for whoever asks why nothing was sent.
//
// The way of a request: read (at most [MaxBody]) → verify over the bytes as they were sent → map → logins to uids → publish → 202.
//
// To write the next one: a folder functions/NAME with a type that implements [Source], a line in functions/wiring.go, and
// a test that calls sourcetest.Run.
package source

import (
	"context"
	"net/http"
	"time"

	"tidings.dev/shared/event"
)

// MaxBody is the largest body taken from any source, in bytes. GitHub sends up to 25 MB, for pushes of thousands of commits
// only; what people are told of has a tenth of a megabyte.
const MaxBody = 4 << 20

// MaxEntries is how many elements or members a list or an object in a body may have. GitHub names 2,048 commits at
// most; of Alertmanager's alerts, no more fit into a body.
const MaxEntries = 5_000

// MaxAge is how long ago something may have happened to keep its own time. What is older is a rehearsal or a replay: it is
// taken as happening now, since an item is kept for a time counted from its event, and would be gone before it is seen.
// It is longer than any source keeps a delivery for sending it again (GitHub: three days).
const MaxAge = 7 * 24 * time.Hour

// Crowded reports whether a list or an object in valid JSON has more than [MaxEntries].
func Crowded(body []byte) bool {
	entries, _ := event.Extent(body)
	return entries > MaxEntries
}

// Source is one system that tells of things by webhook. Its methods are called concurrently.
type Source interface {
	// Name is the source's folder, function and path: "github" serves POST /github. It is the source of events that
	// name no other, and where the links of logins to people lie.
	Name() string

	// Verify reports whether the request is by whom it claims to be. It is called before anything in the body is
	// believed, and decides over its bytes as they were sent. It returns nil, an [Unverified], or a problem of another status
	// (shared/problem).
	Verify(r *http.Request, body []byte) error

	// Map says what events a request makes, and if none, why. It is pure: the same request makes the same events with the
	// same ids, so that a delivery that is repeated changes nothing. The body is decoded by then: without a Content-Encoding and a byte
	// order mark. What it does not know makes no event and no error; an error is a body that is not the source's at all. It never
	// panics, whatever it is given.
	Map(header http.Header, body []byte) (Mapped, error)
}

// Mapped is what a request makes.
type Mapped struct {
	Events []Event
	Why    string // why there are none, or what was left out, in a sentence for whoever set the webhook up

	// Accounts has, by login in small letters, a name of the same account that stays when the login changes: "id:583231". It is
	// looked up as well, and a link of it counts before the login's.
	Accounts map[string]string
}

// Event is an event whose people are logins at the source, where they are not recipients or an audience already.
type Event struct {
	event.Event
	By       string   // the actor's login; their uid becomes the actor's id if they are linked, else the id is kept, or "name:login"
	Tell     []string // recipients by login
	Fallback string   // the audience that is told where Audience has no members; the answer says so
}

// Unverified says that a request cannot be shown to be by whom it claims to be. It becomes a 401.
type Unverified struct {
	Challenge string // how to do better, as the header WWW-Authenticate says it
	Detail    string // the same in a sentence
}

func (u Unverified) Error() string { return u.Detail }

// ToWhoeverWasTold reports whether the event goes to all who were told of what it takes back or ends: it names nobody.
func (e *Event) ToWhoeverWasTold() bool {
	return len(e.Tell) == 0 && len(e.Recipients) == 0 && e.Audience == ""
}

// Identities finds uids by login, in small letters; logins that nobody has linked are missing. It may be asked for any text.
type Identities func(ctx context.Context, source string, logins []string) (map[string]string, error)
