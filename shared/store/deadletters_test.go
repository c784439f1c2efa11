package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/store"
)

func TestDeadLetters(t *testing.T) {
	t.Parallel()
	s, ctx := open(t), t.Context()
	want := store.DeadLetter{
		ID: "m1", Reason: "r", Attempts: 3, Subscription: "s", Data: "d", DataBytes: 1, Recipients: []string{"bob"},
		Attributes: map[string]string{"k": "v"}, PublishedAt: now, FailedAt: now,
	}
	for range 2 { // the same again replaces itself
		if err := s.Bury(ctx, want); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.DeadLetter(ctx, "m1")
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	listed := want
	listed.Data = ""
	letters, next, err := s.DeadLetters(ctx, "", 10)
	if diff := cmp.Diff([]store.DeadLetter{listed}, letters); err != nil || diff != "" || next != "" {
		t.Errorf("%v, next %q (-want +got):\n%s", err, next, diff)
	}
	if err := s.Replayed(ctx, "m1", now); err != nil {
		t.Fatal(err)
	}
	if got, err := s.DeadLetter(ctx, "m1"); err != nil || got.ReplayedAt == nil {
		t.Errorf("after a replay: got %+v and %v", got, err)
	}
	if err := s.Discard(ctx, "m1"); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{"read": ignore(s.DeadLetter(ctx, "m1")), "discarded again": s.Discard(ctx, "m1"), "replayed": s.Replayed(ctx, "m1", now)} {
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s after it was discarded: got %v, want ErrNotFound", what, err)
		}
	}
}

func ignore[T any](_ T, err error) error { return err }

// Every dead letter can be stored, whatever is in it: otherwise its message comes again for ever. What is kept is kept byte
// for byte, and what is cut is named.
func TestEveryLetterCanBeStored(t *testing.T) {
	t.Parallel()
	s := open(t)
	many := map[string]string{}
	var people []string
	for i := range 20_000 {
		many[fmt.Sprint("key", i)] = strings.Repeat("v", 50)
		people = append(people, strings.Repeat("u", 100)+fmt.Sprint(i))
	}
	const mb = 1_000_000
	tests := []struct {
		name   string
		letter store.DeadLetter
		cut    []string
	}{
		{"nothing in it", store.DeadLetter{}, nil},
		{"1.2 MB of rubbish", store.DeadLetter{Data: strings.Repeat("rubbish ", 150_000)}, []string{"data"}},
		{"10 MB of bytes", store.DeadLetter{Data: strings.Repeat("\xff\x00\x80", 10*mb/3)}, []string{"data"}},
		{"1.2 MB of long characters", store.DeadLetter{Data: "a" + strings.Repeat("漢", 400_000)}, []string{"data"}},
		{"almost a document", store.DeadLetter{Data: strings.Repeat("x", 940_000)}, nil},
		{"no text", store.DeadLetter{Data: "\xff\xfe{\x00}", Attributes: map[string]string{"k": "\xff"}}, nil},
		{"names that Firestore keeps for itself", store.DeadLetter{Attributes: map[string]string{"__name__": "1", "": "2", "\xff": "3", "a.b": "4", "`": "5", strings.Repeat("k", 1600): "6"}}, nil},
		{"a reason without end", store.DeadLetter{Reason: "\xff" + strings.Repeat("because ", mb)}, []string{"reason"}},
		{"a subscription without end", store.DeadLetter{Subscription: "\xff" + strings.Repeat("s", 2*mb)}, nil},
		{"an attribute of 2 MB", store.DeadLetter{Attributes: map[string]string{"small": "v", "large": strings.Repeat("v", 2*mb)}}, []string{"attributes"}},
		{"20,000 attributes", store.DeadLetter{Attributes: many}, []string{"attributes"}},
		{"20,000 recipients", store.DeadLetter{Recipients: people}, []string{"recipients"}},
		{"all of it", store.DeadLetter{Data: strings.Repeat("\xff", 5*mb), Attributes: many, Recipients: people, Reason: strings.Repeat("r", mb)}, []string{"attributes", "data", "reason", "recipients"}},
		{"a time before all times", store.DeadLetter{PublishedAt: time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC), FailedAt: time.Date(10_500, 1, 1, 0, 0, 0, 0, time.UTC)}, nil},
	}
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want := test.letter
			want.ID = fmt.Sprint("m", i)
			if err := s.Bury(t.Context(), want); err != nil {
				t.Fatalf("%.500v", err)
			}
			got, err := s.DeadLetter(t.Context(), want.ID)
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(got.Cut)
			if diff := cmp.Diff(test.cut, got.Cut); diff != "" {
				t.Errorf("cut (-want +got):\n%s", diff)
			}
			if got.DataBytes != len(want.Data) || !strings.HasPrefix(want.Data, got.Data) || utf8.ValidString(want.Data) != utf8.ValidString(got.Data) {
				t.Errorf("kept %d bytes and says that there were %d, want the beginning of all %d", len(got.Data), got.DataBytes, len(want.Data))
			}
			if !slices.Contains(test.cut, "data") && got.Data != want.Data {
				t.Errorf("the data changed: %.100q", got.Data)
			}
			if slices.Contains(test.cut, "data") && len(test.cut) == 1 && len(got.Data) < 900_000 {
				t.Errorf("kept %d bytes of the data; there is room for more", len(got.Data))
			}
			if !slices.Contains(test.cut, "attributes") && len(got.Attributes) != len(want.Attributes) {
				t.Errorf("kept %d attributes of %d", len(got.Attributes), len(want.Attributes))
			}
			for key, value := range got.Attributes {
				if want.Attributes[key] != value {
					t.Errorf("attribute %.50q changed: %.50q", key, value)
				}
			}
			if !slices.Equal(got.Recipients, want.Recipients[:len(got.Recipients)]) {
				t.Error("the recipients changed")
			}
		})
	}
}

// A letter goes under any name, and what cannot be a name finds nothing.
func TestOddIDsOfLetters(t *testing.T) {
	t.Parallel()
	s, ctx := open(t), t.Context()
	odd := []string{"", ".", "..", "a/b", "/", "__x__", "__", "\x00", "a\x00b", "\xff", strings.Repeat("i", 2000)}
	for _, id := range odd {
		if err := s.Bury(ctx, store.DeadLetter{ID: id, FailedAt: now}); err != nil {
			t.Errorf("bury %.20q: %v", id, err)
		}
		for what, err := range map[string]error{"read": ignore(s.DeadLetter(ctx, id)), "discard": s.Discard(ctx, id)} {
			if !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s %.20q: got %v, want ErrNotFound", what, id, err)
			}
		}
	}
	letters, _, err := s.DeadLetters(ctx, "", 100)
	if err != nil || len(letters) != len(odd) {
		t.Fatalf("got %d letters and %v, want %d", len(letters), err, len(odd))
	}
	for _, l := range letters {
		if _, err := s.DeadLetter(ctx, l.ID); err != nil {
			t.Errorf("the list names %q, but: %v", l.ID, err)
		}
	}
	for _, id := range []string{"with:colon", "percent%2F", "ünï", " "} { // not odd
		if err := s.Bury(ctx, store.DeadLetter{ID: id}); err != nil {
			t.Errorf("bury %q: %v", id, err)
		}
		if got, err := s.DeadLetter(ctx, id); err != nil || got.ID != id {
			t.Errorf("read %q: got %q and %v", id, got.ID, err)
		}
	}
}

// The list goes page by page, the latest first, also where many failed at the same moment.
func TestTheListOfLettersGoesPageByPage(t *testing.T) {
	t.Parallel()
	s, ctx := open(t), t.Context()
	var want []string
	for i := range 10 {
		id := fmt.Sprint("m", i)
		want = append(want, id)
		if err := s.Bury(ctx, store.DeadLetter{ID: id, FailedAt: now.Add(time.Duration(i/4) * time.Second)}); err != nil {
			t.Fatal(err)
		}
	}
	slices.Reverse(want)
	var got []string
	for after := ""; ; {
		letters, next, err := s.DeadLetters(ctx, after, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range letters {
			got = append(got, l.ID)
		}
		if after = next; after == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, after := range []string{"x", "/", "2026-11-21T09:00:00Z", "2026-11-21T09:00:00Z/", "2026-11-21T09:00:00Z/a/b"} {
		if _, _, err := s.DeadLetters(ctx, after, 3); !errors.Is(err, store.ErrCursor) {
			t.Errorf("after %q: got %v, want ErrCursor", after, err)
		}
	}
}

func TestALetterAsJSONKeepsItsBytes(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{"text": `"data":"text"`, "\xff\x00": `"dataBase64":"/wA="`} {
		raw, err := json.Marshal(store.DeadLetter{ID: "m", Data: data})
		if err != nil || !strings.Contains(string(raw), want) || !strings.Contains(string(raw), `"id":"m"`) {
			t.Errorf("%q: got %s and %v, want %s", data, raw, err, want)
		}
	}
}
