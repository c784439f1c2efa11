package github

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

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
	name := header.Get("X-GitHub-Event")
	if name == "" {
		return source.Mapped{}, problem.New(http.StatusBadRequest, "X-GitHub-Event: is missing; GitHub sends it with each delivery")
	}
	p, signed, err := parse(body)
	if err != nil {
		return source.Mapped{}, problem.New(http.StatusBadRequest, "the body is no payload of GitHub").Because(err)
	}
	rule, known := table[name]
	if !known {
		return source.Mapped{Why: "unknown event type " + source.Line(name, 60)}, nil
	}
	act, mapped := rule.on[p.Action]
	if p.Action != "" {
		name += "." + source.Line(p.Action, 60)
	}
	if !mapped {
		return source.Mapped{Why: name + ": " + rule.why}, nil
	}
	if foreign := rule.foreign(signed); foreign != "" {
		return source.Mapped{}, problem.New(http.StatusBadRequest, "X-GitHub-Event: is %s, but the body has %q, which belongs to another event", name, foreign)
	}
	events := act.make(p)
	if len(events) == 0 {
		return source.Mapped{Why: name + ": " + act.nobody}, nil
	}
	if s.SkipBots && p.Sender.bot() { // but what a bot closes is closed
		events = slices.DeleteFunc(events, func(e source.Event) bool { return !e.Retract })
	}
	if len(events) == 0 {
		return source.Mapped{Why: "done by the bot " + source.Line(p.Sender.Login, 60) + "; bots are left out here"}, nil
	}
	identify(events, signed)
	return source.Mapped{Events: events, Accounts: p.accounts}, nil
}

// parse reads the payload, which is the body or, in the other content type that GitHub offers, a form's field: the body itself
// tells which. It also returns the payload's bytes, which are the same in both. A field of another kind than expected is as good as
// absent: GitHub adds and changes fields.
func parse(body []byte) (p *payload, signed []byte, err error) {
	signed = bytes.TrimSpace(body)
	if form, err := url.ParseQuery(string(signed)); err == nil && bytes.HasPrefix(signed, []byte("payload=")) {
		signed = bytes.TrimSpace([]byte(form.Get("payload")))
	}
	if !bytes.HasPrefix(signed, []byte("{")) {
		return nil, nil, errors.New("not a JSON object")
	}
	if json.Valid(signed) && source.Crowded(signed) {
		return nil, nil, fmt.Errorf("a list or an object has more than %d entries", source.MaxEntries)
	}
	p = new(payload)
	err = json.Unmarshal(signed, p)
	if kind := new(json.UnmarshalTypeError); err != nil && !errors.As(err, &kind) {
		return nil, nil, err
	}
	return p, signed, nil
}

// loginPattern is what GitHub gives out as logins: letters, digits and single hyphens; an underscore in those of managed users;
// "[bot]" behind an app's.
var loginPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}(\[bot\])?$`)
