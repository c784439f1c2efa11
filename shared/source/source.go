// Package source is the seam between somebody else's webhook and Tidings. A source says how its requests are verified and
// what events they make; everything else is done here, the same for all: the limit of a body, problems as answers, who is
// behind a login, publishing, and a word for whoever asks why nothing was sent.
//
// The way of a request: read (at most [MaxBody]) → verify over the raw bytes → map → logins to uids → publish → 202.
//
// To write the next one: a folder functions/NAME with a type that implements [Source], a line in functions/wiring.go, and
// a test that calls sourcetest.Run.
package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"tidings.dev/shared/event"
	"tidings.dev/shared/intake"
	"tidings.dev/shared/problem"
)

// MaxBody is the largest body taken from any source, in bytes. GitHub sends up to 25 MB, for pushes of thousands of commits
// only; what people are told of has a tenth of a megabyte.
const MaxBody = 4 << 20

// MaxAge is how long ago something may have happened to keep its own time. What is older is a rehearsal or a replay: it is
// taken as happening now, since an item is kept for a time counted from its event, and would be gone before it is seen.
// It is longer than any source keeps a delivery for sending it again (GitHub: three days).
const MaxAge = 7 * 24 * time.Hour

// Source is one system that tells of things by webhook. Its methods are called concurrently.
type Source interface {
	// Name is the source's folder, function and path: "github" serves POST /github. It is the source of events that
	// name no other, and where the links of logins to people lie.
	Name() string

	// Verify reports whether the request is by whom it claims to be. It is called before anything in the body is
	// believed, and decides over its raw bytes. It returns nil, an [Unverified], or a [problem.Problem] of another status.
	Verify(r *http.Request, body []byte) error

	// Map says what events a request makes, and if none, why. It is pure: the same request makes the same events with the
	// same ids, so that a delivery that is repeated changes nothing. What it does not know is none of its events and no
	// error; an error is a body that is not the source's at all. It never panics, whatever it is given.
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
	ToBoth   bool     // Fallback is told too, whoever is in Audience: an earlier event may have gone to either. Of an event without an id
}

// Unverified says that a request cannot be shown to be by whom it claims to be. It becomes a 401.
type Unverified struct {
	Challenge string // how to do better, as the header WWW-Authenticate says it
	Detail    string // the same in a sentence
}

func (u Unverified) Error() string { return u.Detail }

// Function is the function of one source. All fields are required, but Identities where the source names no logins, and
// Members where no event has a Fallback: without it, nobody is told in the place of others.
type Function struct {
	Source     Source
	Intake     *intake.Intake
	Identities Identities
	Members    Members
	Log        *slog.Logger
}

// Identities finds uids by login, in small letters; logins that nobody has linked are missing. It may be asked for any text.
type Identities func(ctx context.Context, source string, logins []string) (map[string]string, error)

// Routes is what the function serves.
func (fn *Function) Routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/"+fn.Source.Name(), problem.Handle(fn.Log, fn.receive)) // source: its webhook
	return mux
}

// answer is the body of a 202.
type answer struct {
	IDs     []string `json:"ids"`               // of the events that were published
	Unknown []string `json:"unknown,omitempty"` // logins of people to be told whom nobody has linked
	Why     string   `json:"why,omitempty"`     // why nothing was published, or what was left out or told to others
}

func (fn *Function) receive(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return problem.New(http.StatusMethodNotAllowed, "webhooks are posted")
	}
	body, err := read(w, r)
	if err != nil {
		return err
	}
	if err := fn.Source.Verify(r, body); err != nil {
		if u := (Unverified{}); errors.As(err, &u) {
			w.Header().Set("WWW-Authenticate", u.Challenge)
			return problem.New(http.StatusUnauthorized, "%s", u.Detail)
		}
		return err
	}
	mapped, err := fn.Source.Map(r.Header, body)
	if err != nil {
		return err
	}
	out, err := fn.publish(r.Context(), mapped)
	if other := (intake.Conflict{}); errors.As(err, &other) {
		return problem.Fields(http.StatusConflict, "Other content under the same id", other.Fields)
	}
	if errors.Is(err, intake.ErrUnavailable) {
		w.Header().Set("Retry-After", "1")
		return problem.New(http.StatusServiceUnavailable, "the events could not be stored; send the same request again").Because(err)
	}
	if err != nil {
		return err
	}
	fn.Log.InfoContext(r.Context(), "webhook", "source", fn.Source.Name(), "events", len(out.IDs), "unknown_logins", len(out.Unknown), "why", out.Why)
	return problem.JSON(w, http.StatusAccepted, out)
}

// read reads the body, unless it is too large: then not even a byte, if the request says so.
func read(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	tooLarge := func() error {
		w.Header().Set("Connection", "close") // rather than read the rest to reuse it
		return problem.New(http.StatusRequestEntityTooLarge, "the body is larger than %d bytes", MaxBody)
	}
	if r.ContentLength > MaxBody {
		return nil, tooLarge()
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if large := new(http.MaxBytesError); errors.As(err, &large) {
		return nil, tooLarge()
	}
	if err != nil {
		return nil, problem.New(http.StatusBadRequest, "the body ended early").Because(err)
	}
	return body, nil
}

// publish finds the people behind the logins and publishes what somebody is told of.
func (fn *Function) publish(ctx context.Context, mapped Mapped) (answer, error) {
	out := answer{IDs: []string{}, Why: mapped.Why}
	if len(mapped.Events) == 0 {
		return out, nil
	}
	var logins []string
	for _, e := range mapped.Events {
		logins = append(append(logins, e.Tell...), e.By)
	}
	logins = slices.AppendSeq(logins, maps.Values(mapped.Accounts))
	logins = slices.DeleteFunc(logins, func(login string) bool { return login == "" })
	uids := map[string]string{}
	if len(logins) > 0 {
		slices.Sort(logins)
		var err error
		if uids, err = fn.Identities(ctx, fn.Source.Name(), slices.Compact(logins)); err != nil {
			return out, fmt.Errorf("%w: %w", intake.ErrUnavailable, err)
		}
	}
	all, notes, err := fn.address(ctx, mapped.Events)
	if err != nil {
		return out, fmt.Errorf("%w: %w", intake.ErrUnavailable, err)
	}
	uids = byAccount(uids, mapped.Accounts)
	now := fn.Intake.Now()
	request := intake.Request{Source: fn.Source.Name()}
	var copied []bool
	for i := range all {
		from := &all[i]
		e, unknown := fn.complete(&from.Event, uids, now)
		out.Unknown = append(out.Unknown, unknown...)
		if len(e.Recipients) > 0 || e.Audience != "" || from.toWhoeverWasTold() {
			request.Events, request.Said = append(request.Events, e), append(request.Said, from.said)
			copied = append(copied, from.copied)
		}
	}
	slices.Sort(out.Unknown)
	out.Unknown = slices.Compact(out.Unknown)
	if len(request.Events) == 0 {
		out.Why = "nobody but whoever did it is concerned"
		if len(out.Unknown) > 0 {
			out.Why = "nobody who is concerned is linked to a person here"
		}
		return out, nil
	}
	out.Why = strings.Join(slices.DeleteFunc(append([]string{out.Why}, notes...), func(s string) bool { return s == "" }), "; ")
	ids, err := fn.Intake.Accept(ctx, request)
	if err != nil {
		return out, err
	}
	for i, id := range ids {
		if !copied[i] {
			out.IDs = append(out.IDs, id)
		}
	}
	return out, nil
}

// toWhoeverWasTold reports whether the event takes something back from all who were told of it: it names nobody.
func (e *Event) toWhoeverWasTold() bool {
	return e.Retract && len(e.Tell) == 0 && len(e.Recipients) == 0 && e.Audience == ""
}

// byAccount prefers the link of an account to the link of its login, which may have been another account's.
func byAccount(uids, accounts map[string]string) map[string]string {
	uids = maps.Clone(uids)
	for login, account := range accounts {
		if uid := uids[account]; uid != "" {
			uids[login] = uid
		}
	}
	return uids
}

// complete makes an event of ours: with uids for logins, within the limits, and at a time that can be.
func (fn *Function) complete(from *Event, uids map[string]string, now time.Time) (e event.Event, unknown []string) {
	e = from.Event
	if from.By != "" {
		e.Actor.ID = cmp.Or(uids[strings.ToLower(from.By)], e.Actor.ID, fn.Source.Name()+":"+strings.ToLower(from.By))
	}
	for _, login := range from.Tell {
		if uid := uids[strings.ToLower(login)]; uid == "" {
			unknown = append(unknown, login)
		} else if uid != e.Actor.ID {
			e.Recipients = append(e.Recipients, uid)
		}
	}
	if now.Sub(e.Time) > MaxAge || e.Time.Sub(now) > event.MaxAhead {
		e.Time = time.Time{} // it is accepted as happening now
	}
	Trim(&e)
	return e, unknown
}
