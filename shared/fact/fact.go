// Package fact says what became of every event, one step at a time. A [Fact] is one step of one event, or of one item that is looked at
// without an event, for one person on one channel. Facts are told by whoever takes the step (shared/topics publishes them), and kept in
// BigQuery for 30 days.
//
// A fact names nobody: the person is a keyed hash ([Key]), and there are no names, texts or addresses in it. The event is named by its
// source and id, as its producer chose them.
//
// A fact's id is made from what it says, so that twice is once: Pub/Sub and BigQuery may deliver it any number of times, and a step that is
// taken again after a crash is told again. Of several facts with one id the earliest holds ([Once], and infra/facts/once.sql in the same order).
//
// It is domain: standard library only, no clock, no network.
package fact

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Stage is what was done.
type Stage string

// The stages that are what functions do.
const (
	Accepted     Stage = "accepted"     // the event is one for this person; it happened when a door accepted the event
	Shown        Stage = "shown"        // the person's item says it
	Pushed       Stage = "pushed"       // FCM took a push of it for at least one device
	Held         Stage = "held"         // it does not go to the channel now, for the reason, until then
	Retried      Stage = "retried"      // it could not be done now, and is tried again
	Mailed       Stage = "mailed"       // the SMTP server took a mail of it, alone or as a line of a digest
	Bounced      Stage = "bounced"      // the SMTP server refused the mail for good, for the recipient's sake
	Withdrawn    Stage = "withdrawn"    // it was taken back, or is over: on push, what the devices showed of it
	DeadLettered Stage = "deadLettered" // it can never be done; an operator may replay it
)

// The stages that are what people do with it, and what their devices do. They are of an item in a state, and without an event: whatever the
// item told until then is displayed, seen and so on.
const (
	Displayed Stage = "displayed" // a device shows a push of it
	Seen      Stage = "seen"      // the person had the item on a screen
	Opened    Stage = "opened"    // they followed its link, from the inbox or from a push
	Acted     Stage = "acted"     // they took one of its actions
	Dismissed Stage = "dismissed" // they put it away unread: in the app to the archive, on push by closing what the device shows
)

// Unsubscribed is that a person ended such mails by the link in one. It is of the item that the mail told of, and its reason is the category; of a
// digest it has no type, the item is the period, and the reason is "digest". So it is one for each mail, however often its link is used.
const Unsubscribed Stage = "unsubscribed"

// stages are all of them, in the order in which an item goes through them.
var stages = []Stage{
	Accepted, Retried, Shown, Held, Pushed, Mailed, Bounced, Displayed, Seen, Opened, Acted, Dismissed, Unsubscribed, Withdrawn, DeadLettered,
}

// Channel is where a step was taken.
type Channel string

// The channels, as event.Channel has them.
const (
	InApp Channel = "in_app"
	Push  Channel = "push"
	Email Channel = "email"
)

// Micros is a moment in microseconds since 1970 (UTC), as BigQuery and SQLite both count with it; 0 is none.
type Micros int64

// At is the moment t; the zero time is 0.
func At(t time.Time) Micros {
	if t.IsZero() {
		return 0
	}
	return Micros(t.UnixMicro())
}

// Time is the moment as a time in UTC; 0 is the zero time.
func (m Micros) Time() time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(m)).UTC()
}

// Fact is one step. Its JSON is a row of the table (infra/facts/schema.json): every field is always there.
type Fact struct {
	ID         string  `json:"id"`         // made by Sealed
	Day        string  `json:"day"`        // of HappenedAt, in UTC, as 2026-11-27: the table's partition; made by Sealed
	Person     string  `json:"person"`     // by Key.Person; "" is everybody, or nobody who is known yet
	Source     string  `json:"source"`     // with Event: which event; both are "" of an item that is looked at without one
	Event      string  `json:"event"`      // the event's id
	Type       string  `json:"type"`       // of the event, or of the item; "" where it could not be read
	Item       string  `json:"item"`       // the notification; "" is none
	Revision   int64   `json:"revision"`   // the item's state in which the step was taken; 0 without an item
	Stage      Stage   `json:"stage"`      //
	Channel    Channel `json:"channel"`    //
	Reason     string  `json:"reason"`     // a word: of Held one of attention's reasons or the courier's, of others why; "" is none
	HappenedAt Micros  `json:"happenedAt"` // when the step was taken
	AcceptedAt Micros  `json:"acceptedAt"` // when a door accepted the event; 0 without an event
	HeldUntil  Micros  `json:"heldUntil"`  // of Held and Retried: when it is decided anew; 0: when the person ends it, or never
	Attempt    int64   `json:"attempt"`    // which attempt at the message this was, from 1
	Instance   string  `json:"instance"`   // the process that took the step
}

// Sealed is the fact with its id and its day, which follow from the rest.
//
// A step of an event is one for each person, stage and channel, and of Retried one for each attempt. The item's revision is not a part of
// it: an event that comes another time no longer knows in which state it was told, and must be the same step all the same. A step without
// an event is one for each state of the item, stage, channel and reason.
func (f Fact) Sealed() Fact {
	parts := []string{"item", f.Person, f.Item, strconv.FormatInt(f.Revision, 10), string(f.Stage), string(f.Channel), f.Reason}
	if f.Event != "" {
		parts = []string{"event", f.Person, f.Source, f.Event, string(f.Stage), string(f.Channel)}
		if f.Stage == Retried {
			parts = append(parts, strconv.FormatInt(f.Attempt, 10))
		}
	}
	hash := sha256.New()
	for _, p := range parts { // with lengths, so that no two lists look alike
		hash.Write(binary.AppendUvarint(nil, uint64(len(p))))
		hash.Write([]byte(p))
	}
	f.ID, f.Day = short(hash.Sum(nil)), f.HappenedAt.Time().Format(time.DateOnly)
	return f
}

// Key makes persons of uids: the secret FACTS_KEY. Another key makes other persons of the same uids.
type Key []byte

// Person is who a uid is among facts: 128 bits of HMAC-SHA256, as 26 letters and digits. Without the key nobody finds the uid, nor whether
// two projects tell of the same person.
func (k Key) Person(uid string) string {
	mac := hmac.New(sha256.New, k)
	mac.Write([]byte(uid))
	return short(mac.Sum(nil))
}

var letters = base32.HexEncoding.WithPadding(base32.NoPadding)

func short(sum []byte) string { return strings.ToLower(letters.EncodeToString(sum[:16])) }

var (
	isHash = regexp.MustCompile(`^[0-9a-v]{26}$`)
	isWord = regexp.MustCompile(`^[a-z0-9_]{0,64}$`) // a reason is a word, never a text
)

// Validate names every field that is wrong, and what was expected.
func (f Fact) Validate() error {
	var wrong []error
	expect := func(ok bool, format string, args ...any) {
		if !ok {
			wrong = append(wrong, fmt.Errorf(format, args...))
		}
	}
	sealed := f.Sealed()
	expect(f.HappenedAt > 0, "happenedAt is %d; microseconds since 1970 were expected", f.HappenedAt)
	expect(f.ID == sealed.ID, "id is %.40q; %q was expected, which follows from the other fields", f.ID, sealed.ID)
	expect(f.Day == sealed.Day, "day is %.40q; %q was expected, the UTC day of happenedAt", f.Day, sealed.Day)
	expect(f.Person == "" || isHash.MatchString(f.Person), "person is no keyed hash; 26 letters and digits were expected, never a uid")
	expect((f.Source == "") == (f.Event == ""), "source is %.100q and event %.100q; both or none were expected", f.Source, f.Event)
	expect(f.Event != "" || f.Item != "", "event and item are both empty; one of them was expected")
	expect(slices.Contains(stages, f.Stage), "stage is %.40q; one of %q was expected", f.Stage, stages)
	expect(slices.Contains([]Channel{InApp, Push, Email}, f.Channel), "channel is %.40q; in_app, push or email was expected", f.Channel)
	expect(isWord.MatchString(f.Reason), "reason is %.80q; a word of small letters, digits and _ was expected", f.Reason)
	expect(f.Stage != Held || f.Reason != "", "reason is empty; what is held has one")
	expect(f.AcceptedAt >= 0 && f.HeldUntil >= 0 && f.Revision >= 0 && f.Attempt >= 0, "acceptedAt, heldUntil, revision or attempt is below 0; none of them may be")
	return errors.Join(wrong...)
}

// Encode is the fact as one message's data: BigQuery's subscription makes one row of a message (Pub/Sub's documentation, "Use table
// schema"), so a message cannot have two. Pub/Sub bills a publish request, and not a message, as at least 1,000 bytes: whoever publishes
// puts many into a request.
func (f Fact) Encode() ([]byte, error) { return json.Marshal(f) }

// Decode reads what Encode wrote, and refuses what is no fact.
func Decode(data []byte) (f Fact, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return Fact{}, fmt.Errorf("fact: %w", err)
	}
	if err := f.Validate(); err != nil {
		return Fact{}, fmt.Errorf("fact: %w", err)
	}
	return f, nil
}
