// Package people is the API by which a product's server reads and changes what a person has said about being told, for settings pages that it
// draws itself; and by which it erases a person, and exports what is kept of them. Clients of the person's own write the same document, users/{uid}, directly, under the security rules.
//
// A change takes effect with the next event, and what quiet held back is looked at within a minute, as after a change by a client.
package people

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tidings.dev/functions/internal/door"
	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
	"tidings.dev/shared/limit"
	"tidings.dev/shared/problem"
	"tidings.dev/shared/producers"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/store"
)

// Needs are what the function works with. All but Limits are required.
type Needs struct {
	Catalog   *catalog.Catalog
	Store     *store.Store
	Producers *producers.Allowed
	Limits    *limit.Limiter // nil: nobody is limited
	Now       func() time.Time
	Log       *slog.Logger
}

// function is the people function.
type function struct{ Needs }

// New serves the API.
func New(n Needs) http.Handler {
	fn, settings, erase := &function{n}, (*producers.Producer).MaySettings, (*producers.Producer).MayErase
	return problem.Serve(n.Log, problem.Routes{
		"DELETE /v1/people/{uid}":                fn.may(erase, fn.erase),     // producer: the person leaves, and is to be forgotten
		"GET /v1/people/{uid}/erasure":           fn.may(erase, fn.erased),    // producer: how far is that, and the receipt
		"GET /v1/people/{uid}/export":            fn.may(erase, fn.export),    // producer: the person wants to have what is kept of them
		"GET /v1/people/{uid}/preferences":       fn.may(settings, fn.get),    // producer: draws a settings page
		"PUT /v1/people/{uid}/preferences":       fn.may(settings, fn.put),    // producer: the page was saved
		"PUT /v1/people/{uid}/mutes/{key...}":    fn.may(settings, fn.mute),   // producer: the person silences one thing
		"DELETE /v1/people/{uid}/mutes/{key...}": fn.may(settings, fn.unmute), // producer: and hears of it again
	})
}

// maxRequest holds the most that a person may say, in bytes.
const maxRequest = 128 << 10

// may lets producers through whose grant has the right, to a person.
func (fn *function) may(right func(*producers.Producer) error, next func(w http.ResponseWriter, r *http.Request, uid string) error) problem.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		producer, err := fn.Producers.Authenticate(r)
		if err == nil {
			err = right(producer)
		}
		if err != nil {
			return door.Refuse(w, err)
		}
		done, err := door.Admit(w, r, fn.Limits, producer.ID, producer.Grant.Rate, 1)
		defer done()
		if err != nil {
			return err
		}
		uid := r.PathValue("uid")
		if !isUID(uid) {
			return problem.New(http.StatusNotFound, "%.100q is no uid; 1 to %d bytes without a slash were expected", uid, event.MaxUID)
		}
		return next(w, r, uid)
	}
}

// isUID reports whether Firestore takes the uid as a document's id.
func isUID(uid string) bool {
	reserved := uid == "." || uid == ".." || strings.HasPrefix(uid, "__") && strings.HasSuffix(uid, "__")
	return uid != "" && len(uid) <= event.MaxUID && !strings.ContainsAny(uid, "/\x00") && utf8.ValidString(uid) && !reserved
}

// get answers what the person has said, and all that a settings page shows besides. Somebody who has said nothing has empty settings.
func (fn *function) get(w http.ResponseWriter, r *http.Request, uid string) error {
	settings, err := fn.Store.Settings(r.Context(), uid)
	if err != nil {
		return unavailable(w, err)
	}
	return fn.answer(w, settings)
}

// put replaces what the person has said. With If-Match it does so only if they have said nothing else since.
func (fn *function) put(w http.ResponseWriter, r *http.Request, uid string) error {
	body, err := read(w, r)
	if err != nil {
		return err
	}
	wanted, err := profile.Decode(body)
	if err == nil {
		if wrong := wanted.Validate(fn.categories(), fn.Now()); len(wrong) > 0 {
			err = wrong
		}
	}
	if err != nil {
		return invalid(err)
	}
	return fn.change(w, r, uid, func(s *profile.Settings) error {
		*s = wanted
		return nil
	})
}

// mute silences one target, or changes until when.
func (fn *function) mute(w http.ResponseWriter, r *http.Request, uid string) error {
	body, err := read(w, r)
	if err != nil {
		return err
	}
	key := r.PathValue("key")
	mute, err := profile.DecodeMute(body)
	if err == nil {
		if wrong := mute.Validate(key); len(wrong) > 0 {
			err = wrong
		}
	}
	if err != nil {
		return invalid(err)
	}
	return fn.change(w, r, uid, func(s *profile.Settings) error {
		s.Expire(fn.Now())
		if _, known := s.Mutes[key]; !known && len(s.Mutes) >= profile.MaxMutes {
			return problem.New(http.StatusConflict, "the person has %d mutes, which is the most; take one back first", profile.MaxMutes)
		}
		if s.Mutes == nil {
			s.Mutes = map[string]profile.Mute{}
		}
		s.Mutes[key] = mute
		return nil
	})
}

// unmute takes a mute back. One that is not there is taken back already.
func (fn *function) unmute(w http.ResponseWriter, r *http.Request, uid string) error {
	return fn.change(w, r, uid, func(s *profile.Settings) error {
		delete(s.Mutes, r.PathValue("key"))
		return nil
	})
}

// change stores what becomes of the settings, and answers it.
func (fn *function) change(w http.ResponseWriter, r *http.Request, uid string, how func(*profile.Settings) error) error {
	match := r.Header.Values("If-Match")
	settings, err := fn.Store.ChangeSettings(r.Context(), uid, fn.Now(), func(s *profile.Settings) error {
		if len(match) > 0 && !matches(match, tag(s.Known(fn.categories()))) {
			return problem.New(http.StatusPreconditionFailed, "If-Match: the settings have changed since they were read; read them again")
		}
		return how(s)
	})
	if err != nil {
		return unavailable(w, err)
	}
	return fn.answer(w, settings)
}

func (fn *function) answer(w http.ResponseWriter, s profile.Settings) error {
	s = s.Known(fn.categories())
	w.Header().Set("Etag", tag(s))
	return problem.JSON(w, http.StatusOK, map[string]any{"settings": s, "categories": fn.Catalog.Categories(s.Locale)})
}

// categories are the names of the catalogue's.
func (fn *function) categories() (names []string) {
	for _, c := range fn.Catalog.Categories("") {
		names = append(names, c.Name)
	}
	return names
}

func read(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media != "application/json" {
		return nil, problem.New(http.StatusUnsupportedMediaType, "Content-Type: is %.100q; application/json was expected", r.Header.Get("Content-Type"))
	}
	body, err := door.Read(w, r, maxRequest)
	return body.Text, err
}

func invalid(err error) error {
	var fields event.FieldErrors
	if errors.As(err, &fields) {
		return problem.Fields(http.StatusBadRequest, "Invalid settings", fields)
	}
	return err
}

// unavailable is the answer where Firestore cannot do it now.
func unavailable(w http.ResponseWriter, err error) error {
	if errors.Is(err, store.ErrTransient) || errors.Is(err, store.ErrConflict) {
		w.Header().Set("Retry-After", "1")
		return problem.New(http.StatusServiceUnavailable, "Firestore cannot do it now; send the same request again").Because(err)
	}
	return err
}

// tag is a strong entity tag (RFC 9110, 8.8.3) of the settings: equal ones have the same, whatever else is in the document.
func tag(s profile.Settings) string {
	raw, _ := json.Marshal(s) // which sorts the names; texts, switches and times always can be written
	sum := sha256.Sum256(raw)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}

// matches reports whether the values of an If-Match header name the tag.
func matches(header []string, tag string) bool {
	all := strings.Split(strings.Join(header, ","), ",")
	return slices.ContainsFunc(all, func(t string) bool { t = strings.TrimSpace(t); return t == "*" || t == tag })
}
