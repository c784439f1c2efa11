package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/store"
)

// What passes the door is stored, and read back as the same JSON. The limits are Firestore's, so Firestore is asked.
func TestDataThatTheDoorTakesIsStoredAsItWasSent(t *testing.T) {
	t.Parallel()
	s, ctx := open(t), context.Background()
	for name, data := range map[string]string{
		"all kinds":        `{"s":"x","n":null,"t":true,"o":{},"l":[],"deep":{"list":[{"x":[1]},null,"y",""]}}`,
		"numbers":          `{"big":9007199254740993,"max":9223372036854775807,"min":-9223372036854775808,"half":1.5,"tenth":0.1,"tiny":5e-324,"huge":1e+300,"zero":0}`,
		"names":            `{"a.b":1,"a b":1,"é":1,"a/b":1,"__":1,"a__":1,"\u0000":"\u0000\ufffe"}`,
		"a long name":      `{"` + strings.Repeat("k", 1495) + `":1}`,
		"long names":       `{"a":{"` + strings.Repeat("k", 1493) + `":1}}`,
		"20 levels":        strings.Repeat(`{"a":`, 20) + "1" + strings.Repeat("}", 20),
		"20 levels, lists": strings.Repeat(`{"a":[`, 10) + "1" + strings.Repeat("]}", 10),
	} {
		e, err := event.Decode([]byte(`{"id":"1","source":"s","type":"info","recipients":["bob"],"data":` + data + `}`))
		if err != nil || len(e.Validate(now)) > 0 {
			t.Errorf("%s: the door refuses it: %v, %v", name, err, e.Validate(now))
			continue
		}
		item := &inbox.Item{ID: "i", Notification: inbox.Notification{Type: "info", Data: e.Data, CreatedAt: now}}
		uid := strings.ReplaceAll(name, " ", "-")
		if err := s.Save(ctx, []store.Write{{UID: uid, Item: item}})[0]; err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		ref := store.Ref{UID: uid, ID: "i"}
		snap, err := s.Load(ctx, nil, []store.Ref{ref})
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(snap.Items[ref].Data)
		if err != nil || !sameJSON(t, data, string(got)) {
			t.Errorf("%s: got %s, %v; want %s", name, got, err, data)
		}
	}
}

// sameJSON compares numbers by their text.
func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var values [2]any
	for i, text := range []string{a, b} {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if err := d.Decode(&values[i]); err != nil {
			t.Fatal(err)
		}
	}
	return reflect.DeepEqual(values[0], values[1])
}

func TestNothingIsStoredInAnotherForm(t *testing.T) {
	t.Parallel()
	s := open(t)
	for name, data := range map[string]any{"a list in a list": []any{[]any{1}}, "lost digits": json.Number("12345678901234567890"), "what JSON has not": []string{"x"}} {
		item := &inbox.Item{ID: "i", Notification: inbox.Notification{Type: "info", Data: map[string]any{"x": data}, CreatedAt: now}}
		if err := s.Save(context.Background(), []store.Write{{UID: "bob", Item: item}})[0]; err == nil {
			t.Errorf("%s was stored", name)
		}
	}
}

// Firestore takes no text that is not UTF-8. An item that has one is refused by itself: of one call, it would have been everybody's error, and one
// that looks as if it passed by itself.
func TestAnItemThatCannotBeSentIsRefusedAlone(t *testing.T) {
	t.Parallel()
	s, ctx := open(t), context.Background()
	write := func(uid, title string) store.Write {
		return store.Write{UID: uid, Item: &inbox.Item{ID: "i", Notification: inbox.Notification{Type: "info", Title: title, CreatedAt: now}}}
	}
	errs := s.Save(ctx, []store.Write{write("not-text-1", "fine"), write("not-text-2", "cut in \xc3"), write("not-text-3", "fine")})
	if errs[0] != nil || errs[2] != nil {
		t.Errorf("others of the call: %v, %v", errs[0], errs[2])
	}
	if errs[1] == nil || errors.Is(errs[1], store.ErrTransient) {
		t.Errorf("the item itself: %v; want an error that stays", errs[1])
	}
}

// TestWhatCannotBeSentDoesNotPassByItself: gRPC gives what it cannot encode, here a profile's budget, the code of a fault of the server.
func TestWhatCannotBeSentDoesNotPassByItself(t *testing.T) {
	t.Parallel()
	item := &inbox.Item{ID: "i", Notification: inbox.Notification{Type: "info", CreatedAt: now}}
	err := open(t).Save(context.Background(), []store.Write{{UID: "bob", Item: item, Budget: &profile.Budget{Message: "cut in \xc3"}}})[0]
	if err == nil || errors.Is(err, store.ErrTransient) || !strings.Contains(err.Error(), "UTF-8") {
		t.Errorf("got %v, want an error that stays", err)
	}
}

func TestThePathOfADocument(t *testing.T) {
	t.Parallel()
	if got := store.Path("users/bob/devices/phone"); !reflect.DeepEqual(got, []string{"users", "bob", "devices", "phone"}) {
		t.Errorf("got %q", got)
	}
	for _, bad := range []string{"", "users//devices/phone", "users/bob/", "users/b\xffb/devices/phone", "users/b\x00b", "users/..", "users/__x__", "users/" + strings.Repeat("x", 1501)} {
		if got := store.Path(bad); got != nil {
			t.Errorf("%.40q: got %q, which Firestore never has", bad, got)
		}
	}
}
