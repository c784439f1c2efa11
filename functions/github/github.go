// Package github makes events of GitHub's webhooks: whom a star, a comment, a review or a failed build concerns, and what
// takes it back. table.go lists every event of GitHub with what becomes of it, or why nothing does.
//
// The delivery (X-GitHub-Delivery) is the event's id, so that a delivery sent again is the same event. Where one delivery
// makes several events, the first has that id and each further one also its type and audience: "GUID/user.mentioned".
package github

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"tidings.dev/shared/event"
	"tidings.dev/shared/problem"
	"tidings.dev/shared/source"
)

// Source is GitHub. It implements [source.Source].
type Source struct {
	Secrets  source.Secrets // of the webhooks
	SkipBots bool           // leave out what bots do
}

// Name is the function's, and says where the logins' links to people are: identities/github/logins.
func (*Source) Name() string { return "github" }

// Verify checks X-Hub-Signature-256, the HMAC-SHA256 of the raw body:
// docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries.
func (s *Source) Verify(r *http.Request, body []byte) error {
	digits, prefixed := strings.CutPrefix(r.Header.Get(signatureHeader), "sha256=")
	signature, err := hex.DecodeString(digits)
	if !prefixed || err != nil || !s.Secrets.Signed(signature, body) {
		return source.Unverified{
			Challenge: signatureHeader,
			Detail:    signatureHeader + ": is missing or wrong; give the webhook at GitHub the same secret as here",
		}
	}
	return nil
}

const signatureHeader = "X-Hub-Signature-256"

// Map says what a delivery makes.
func (s *Source) Map(header http.Header, body []byte) (source.Mapped, error) {
	name, delivery := header.Get("X-GitHub-Event"), header.Get("X-GitHub-Delivery")
	if name == "" || delivery == "" || len(delivery) > maxDelivery {
		return source.Mapped{}, problem.New(http.StatusBadRequest, "X-GitHub-Event and X-GitHub-Delivery: both are needed; GitHub sends them")
	}
	p, err := parse(body)
	if err != nil {
		return source.Mapped{}, problem.New(http.StatusBadRequest, "the body is no payload of GitHub").Because(err)
	}
	rule, known := table[name]
	if !known {
		return source.Mapped{Why: "unknown event type " + source.Line(name, 60)}, nil
	}
	if p.Action != "" {
		name += "." + source.Line(p.Action, 60)
	}
	act, mapped := rule.on[p.Action]
	switch {
	case !mapped:
		return source.Mapped{Why: name + ": " + rule.why}, nil
	case s.SkipBots && p.Sender.bot():
		return source.Mapped{Why: "done by the bot " + source.Line(p.Sender.Login, 60) + "; bots are left out here"}, nil
	}
	events := act.make(p)
	for i := range events {
		e := &events[i]
		e.ID = delivery
		if i > 0 {
			e.ID += "/" + e.Type
			if e.Audience != "" {
				e.ID += "/" + e.Audience
			}
		}
		if len(e.Target.ID) > event.MaxID {
			return source.Mapped{Why: "its names are longer than GitHub's can be"}, nil
		}
	}
	if len(events) == 0 {
		return source.Mapped{Why: name + ": " + act.nobody}, nil
	}
	return source.Mapped{Events: events}, nil
}

// maxDelivery is more than the 36 characters of a GUID; with a type and an audience behind it, an id keeps within event.MaxID.
const maxDelivery = 64

// parse reads the payload, which is the body or, in the other content type that GitHub offers, a form's field: the body itself
// tells which. A field of another kind than expected is as good as absent: GitHub adds and changes fields.
func parse(body []byte) (*payload, error) {
	body = bytes.TrimSpace(body)
	if form, err := url.ParseQuery(string(body)); err == nil && bytes.HasPrefix(body, []byte("payload=")) {
		body = bytes.TrimSpace([]byte(form.Get("payload")))
	}
	if !bytes.HasPrefix(body, []byte("{")) {
		return nil, errors.New("not a JSON object")
	}
	var p payload
	err := json.Unmarshal(body, &p)
	if kind := new(json.UnmarshalTypeError); err != nil && !errors.As(err, &kind) {
		return nil, err
	}
	return &p, nil
}

// loginPattern is what GitHub gives out as logins: letters, digits and single hyphens; an underscore in those of managed users;
// "[bot]" behind an app's.
var loginPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}(\[bot\])?$`)
