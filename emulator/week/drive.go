//go:build unix

package week

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"cloud.google.com/go/firestore"
	"golang.org/x/sync/errgroup"
)

// prepare moves the clock to the beginning, and enters the people.
func (w *world) prepare(ctx context.Context) error {
	if err := w.stack.Clock.Advance(w.plan.begin.Sub(w.stack.Clock.Now())); err != nil {
		return err
	}
	for _, name := range []string{"events-notify", "events-urgent-notify", "events-retry-notify"} {
		w.stack.Pushes[name].SetEndpoints(w.postman.URL)
	}
	if err := w.accounts(ctx); err != nil {
		return err
	}
	for _, p := range w.plan.people {
		if err := w.enter(ctx, p); err != nil {
			return err
		}
	}
	return w.tick(ctx)
}

// enter writes what a person has said, and their devices, and waits until the functions know these.
func (w *world) enter(ctx context.Context, p *person) error {
	now := w.stack.Clock.Now()
	said := map[string]any{"timeZone": p.zone, "locale": "en", "preferences": p.choices, "dueAt": now}
	if p.quiet != nil {
		week := map[string]any{}
		for day, ranges := range p.quiet {
			week[string(day)] = ranges
		}
		said["quietHours"] = map[string]any{"enabled": true, "week": week}
	}
	if d := p.digest; d != nil {
		digest := map[string]any{"every": "day", "at": fmt.Sprintf("%02d:%02d", d.hour, d.minute)}
		if d.weekly {
			digest["every"], digest["on"] = "week", strings.ToLower(d.on.String()[:3])
		}
		said["digest"] = digest
	}
	if _, err := w.db.Doc("users/"+p.uid).Set(ctx, said); err != nil {
		return err
	}
	for _, value := range p.devices {
		device := map[string]any{"kind": "token", "value": value, "platform": "web", "locale": "en", "lastSeenAt": now}
		if _, err := w.db.Doc("users/"+p.uid+"/devices/"+value).Set(ctx, device); err != nil {
			return err
		}
	}
	w.account.note(p, "%s, %d devices, address %v, choices %v, quiet %v, digest %+v", p.zone, len(p.devices), p.address, p.choices, p.quiet, p.digest)
	for _, value := range p.devices {
		if err := w.awaitDevice(ctx, p, value); err != nil {
			return err
		}
	}
	return nil
}

// awaitDevice waits until the profile has the copy of a device.
func (w *world) awaitDevice(ctx context.Context, p *person, id string) error {
	for deadline := time.Now().Add(time.Minute); ; {
		doc, err := w.db.Doc("users/" + p.uid).Get(ctx)
		if err != nil {
			return err
		}
		if copies, _ := doc.Data()["devices"].(map[string]any); copies[id] != nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the profile of %s has no %s among its devices", p.uid, id)
		}
		select {
		case <-time.After(5 * time.Millisecond): // asked: a listener may miss what is written as it registers
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// step goes to the next instant at which something happens or waits. The scheduler ticks each minute; a minute in which nothing waits is passed over, but not
// an hour: what the functions have forgotten is found then.
func (w *world) step(ctx context.Context) error {
	now := w.stack.Clock.Now()
	next := now.Add(time.Hour)
	if due := w.account.waits(); !due.IsZero() && due.Before(next) {
		next = due.Truncate(time.Minute).Add(time.Minute)
	}
	if len(w.plan.entries) > 0 && w.plan.entries[0].at.Before(next) {
		next = w.plan.entries[0].at
	}
	if end := w.plan.begin.Add(w.o.Span); next.After(end) {
		next = end // the plan has no more
	}
	if next.After(now) {
		if err := w.stack.Clock.Advance(next.Sub(now)); err != nil {
			return err
		}
	}
	w.steps++
	w.account.report.Steps = w.steps
	w.crash.next(w.steps)
	if err := w.entries(ctx); err != nil {
		return err
	}
	if w.o.Progress != nil && w.steps%50 == 0 {
		fmt.Fprintf(w.o.Progress, "%s: step %d, %d news, %d pushes, %d mails\n", w.stack.Clock.Now().UTC().Format("Mon 15:04"), w.steps,
			w.account.report.News, w.account.report.Pushes, w.account.report.Mails)
	}
	return w.tick(ctx)
}

// entries carries out what the plan has until now: of one item one event at a time, so that it is known which news is which state of the item.
func (w *world) entries(ctx context.Context) error {
	for len(w.plan.entries) > 0 && !w.plan.entries[0].at.After(w.stack.Clock.Now()) {
		began, expected := w.stack.Clock.Now(), map[*burst]bool{}
		for len(w.plan.entries) > 0 && !w.plan.entries[0].at.After(began) {
			e := w.plan.entries[0]
			if e.burst != nil && expected[e.burst] || len(expected) > 0 && e.what != post {
				break
			}
			w.plan.entries = w.plan.entries[1:]
			if err := w.carryOut(ctx, e); err != nil {
				return fmt.Errorf("%s for %s: %w", e.what, e.who.uid, err)
			}
			if e.what == post && e.burst.sendAt.IsZero() {
				expected[e.burst] = true
			}
		}
		if err := w.look(ctx, began, expected, false); err != nil {
			return err
		}
	}
	return nil
}

// tick is one of the scheduler's minutes; often it comes twice at the same time. A function that dies in it is called again, as in the next minute.
func (w *world) tick(ctx context.Context) error {
	began, times := w.stack.Clock.Now(), 1+w.rng.IntN(2)
	var calls errgroup.Group
	for range times {
		for _, job := range []string{"due", "mailer"} {
			calls.Go(func() error {
				var err error
				for range 50 {
					if err = w.stack.Call(ctx, job); err == nil || ctx.Err() != nil {
						break
					}
					w.crash.await(job)
				}
				return err
			})
		}
	}
	if err := calls.Wait(); err != nil {
		return err
	}
	w.account.report.Ticks += times
	return w.look(ctx, began, nil, true)
}

// look waits until all is quiet, and accounts for what has happened since began.
func (w *world) look(ctx context.Context, began time.Time, expected map[*burst]bool, ticked bool) error {
	if err := w.settle(ctx); err != nil {
		return err
	}
	items, err := w.db.CollectionGroup("notifications").Documents(ctx).GetAll()
	if err != nil {
		return err
	}
	people, err := w.db.Collection("users").Documents(ctx).GetAll()
	if err != nil {
		return err
	}
	return w.account.take(observation{
		from: began, until: w.stack.Clock.Now(), ticked: ticked, expected: expected, items: items, people: people,
		pushes: w.stack.FCM.Attempts(""), mails: w.stack.Mailbox.Messages(""),
	})
}

// request calls publish until it answers: a producer whose call fails makes the same once more.
func (w *world) request(ctx context.Context, method, path string, body any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	token, err := w.stack.IDToken(ctx, "producer")
	if err != nil {
		return err
	}
	for {
		req, err := http.NewRequestWithContext(ctx, method, w.stack.Addresses.Publish+path, bytes.NewReader(raw))
		if err != nil {
			return err
		}
		req.Header = http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + token}}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			w.crash.await("publish")
			continue
		}
		said, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode >= 300 {
			return errors.New(res.Status + ": " + string(said))
		}
		return nil
	}
}

const source = "https://week.example"

func (w *world) carryOut(ctx context.Context, e entry) error {
	now, p, b := w.stack.Clock.Now(), e.who, e.burst
	switch e.what {
	case post:
		w.account.report.Events++
		w.account.note(p, "event %d of %s: %s", e.n+1, b.key, b.kind.name)
		return w.request(ctx, http.MethodPost, "/v1/events", b.event(e.n, false))
	case retract:
		w.account.note(p, "retracted: %s", b.key)
		return w.request(ctx, http.MethodPost, "/v1/events", b.event(0, true))
	case cancel:
		w.account.note(p, "cancelled: %s", b.key)
		return w.request(ctx, http.MethodDelete, "/v1/events/https:%2F%2Fweek.example/"+b.key+"-0", nil)
	case open:
		l := lease{from: now, until: now.Add(e.lasts)}
		if b != nil {
			l.target = b.kind.target + "/" + b.target
		}
		p.leases = append(p.leases, l)
		w.account.note(p, "opens a page until %s, which shows %q", clockOf(l.until), l.target)
		id := fmt.Sprintf("s%02d", len(p.leases))
		_, err := w.db.Doc("users/"+p.uid).Set(ctx, map[string]any{"sessions": map[string]any{id: map[string]any{"expiresAt": l.until, "target": l.target, "visible": true}}}, firestore.MergeAll)
		return err
	case see, read, archive, snooze:
		return w.mark(ctx, e, now)
	}
	return w.say(ctx, e, now)
}

// event is the burst's event of that number, as a producer posts it.
func (b *burst) event(n int, retract bool) map[string]any {
	actor := fmt.Sprintf("actor-%d", n)
	e := map[string]any{
		"id": fmt.Sprintf("%s-%d", b.key, n), "source": source, "type": b.kind.name, "recipients": []string{b.to.uid}, "time": b.times[n],
		"actor": map[string]any{"id": actor, "name": strings.ToUpper(actor[:1]) + actor[1:]}, "data": map[string]any{"burst": b.key, "text": "Words of " + b.key},
		"target": map[string]any{"type": b.kind.target, "id": b.target, "title": "Thing " + b.key},
	}
	if b.kind.name == "info" {
		e["title"] = "About " + b.key
	}
	if retract {
		e["id"], e["retract"], e["time"] = b.key+"-back", true, b.retracted
		return e
	}
	if !b.sendAt.IsZero() {
		e["sendAt"] = b.sendAt
		delete(e, "time")
	}
	if !b.expires.IsZero() {
		e["expiresAt"] = b.expires
	}
	return e
}

// mark is what somebody does to an item, as a client writes it. What is not there any more, they cannot.
func (w *world) mark(ctx context.Context, e entry, now time.Time) error {
	i := w.account.items[e.burst]
	if i == nil || i.id == "" || i.doc.RetractedAt != nil {
		return nil
	}
	changes := []firestore.Update{{Path: "seenAt", Value: now}}
	switch e.what {
	case read:
		changes = append(changes, firestore.Update{Path: "readAt", Value: now})
	case archive:
		changes = append(changes, firestore.Update{Path: "archivedAt", Value: now})
	case snooze:
		if i.doc.ArchivedAt != nil || i.doc.ReadAt != nil {
			return nil
		}
		changes = []firestore.Update{{Path: "snoozedUntil", Value: now.Add(e.lasts)}}
	}
	i.marked = true
	w.account.note(e.who, "does: %s%s", e.what, e.detail())
	shown := i.doc.Push.Revision
	return w.db.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		if (e.what == read || e.what == archive) && shown > i.doc.Withdrawn.Revision {
			said := w.db.Doc(fmt.Sprintf("users/%s/withdrawals/%s-%d", e.who.uid, i.id, shown))
			if err := tx.Set(said, map[string]any{"expireAt": firestore.ServerTimestamp}); err != nil {
				return err
			}
		}
		return tx.Update(w.db.Doc("users/"+e.who.uid+"/notifications/"+i.id), changes)
	})
}

// say is what somebody says in their settings.
func (w *world) say(ctx context.Context, e entry, now time.Time) error {
	p := e.who
	w.account.changed[p] = now
	change := firestore.Update{Path: "doNotDisturb"}
	switch e.what {
	case disturbNot:
		said := map[string]any{"enabled": true}
		p.dnd, p.dndEnds = true, time.Time{}
		if e.lasts > 0 {
			p.dndEnds = now.Add(e.lasts)
			said["until"] = p.dndEnds
		}
		change.Value = said
	case disturb:
		p.dnd, change.Value = false, map[string]any{"enabled": false}
	case unquiet:
		p.quiet, change = nil, firestore.Update{Path: "quietHours", Value: map[string]any{"enabled": false}}
	case mute:
		said := map[string]any{"title": "A chat"}
		p.mutes[e.burst.target] = time.Time{}
		if e.lasts > 0 {
			p.mutes[e.burst.target] = now.Add(e.lasts)
			said["until"] = now.Add(e.lasts)
		}
		change = firestore.Update{FieldPath: firestore.FieldPath{"mutes", e.burst.kind.target + "/" + e.burst.target}, Value: said}
	}
	w.account.note(p, "says: %s%s", e.what, e.detail())
	_, err := w.db.Doc("users/"+p.uid).Update(ctx, []firestore.Update{change, {Path: "dueAt", Value: now}})
	return err
}

// detail is of what, and for how long.
func (e *entry) detail() (text string) {
	if e.burst != nil {
		text = " " + orElse(e.burst.key, e.burst.target)
	}
	if e.lasts > 0 {
		text += " for " + e.lasts.Round(time.Second).String()
	}
	return text
}

func clockOf(t time.Time) string { return t.UTC().Format("Jan _2 15:04:05") }
