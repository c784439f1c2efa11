package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/inbox"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/store"
)

// TestABudgetIsWrittenWithAnItem: with a small and with a large one, also where the item has lost a race, whatever else changes in the profile, and never for somebody who
// has none.
func TestABudgetIsWrittenWithAnItem(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, db := openBoth(t)
	if _, err := db.Doc("users/bob").Set(ctx, map[string]any{"locale": "de", "pushesPerHour": 7}); err != nil {
		t.Fatal(err)
	}
	large := &inbox.Item{ID: "large", Notification: inbox.Notification{PartCount: 1}}
	part := inbox.Part{Changed: true}
	part.Members, _ = crowd("alice")
	large.Attach(0, part)
	at := func(minutes int) *profile.Budget {
		return &profile.Budget{FullAt: now.Add(time.Duration(minutes) * time.Minute), Message: "m1"}
	}
	for i, step := range []struct {
		item *inbox.Item
		want error
	}{{&inbox.Item{ID: "i"}, nil}, {large, nil}, {&inbox.Item{ID: "i"}, store.ErrConflict}} {
		writes := []store.Write{{UID: "bob", Item: &inbox.Item{ID: "other", Notification: inbox.Notification{Revision: int64(i)}}}, {UID: "bob", Item: step.item, Budget: at(i)}, {UID: "gone", Item: &inbox.Item{ID: step.item.ID}, Budget: at(i)}}
		if got := s.Save(ctx, writes)[1]; !errors.Is(got, step.want) {
			t.Errorf("%d: got %v, want %v", i, got, step.want)
		}
		snap, err := s.Load(ctx, []string{"bob", "gone"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := profile.Profile{Settings: profile.Settings{Locale: "de", PushesPerHour: new(7)}, Devices: []profile.Device{}, Budget: *at(i)}
		if diff := cmp.Diff(want, snap.Profiles["bob"]); diff != "" {
			t.Errorf("%d: -want +got:\n%s", i, diff)
		}
		if p, ok := snap.Profiles["gone"]; ok {
			t.Errorf("%d: a profile was made: %+v", i, p)
		}
	}
}

// TestWhatIsCountedIsAdded: to what others have counted, and to nothing of another hour; beside a budget, with a small and with a large item.
func TestWhatIsCountedIsAdded(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, db := openBoth(t)
	if _, err := db.Doc("users/bob").Set(ctx, map[string]any{"locale": "de"}); err != nil {
		t.Fatal(err)
	}
	large := &inbox.Item{ID: "large", Notification: inbox.Notification{PartCount: 1}}
	part := inbox.Part{Changed: true}
	part.Members, _ = crowd("alice")
	large.Attach(0, part)
	budget := &profile.Budget{FullAt: now, Message: "m1"}
	for i, step := range []struct {
		item   *inbox.Item
		budget *profile.Budget
		add    store.Counted
		want   profile.Received
	}{
		{&inbox.Item{ID: "a"}, nil, store.Counted{Hour: 7, Items: map[string]int{"0x": 100}, First: true}, profile.Received{Hour: 7, Items: map[string]int{"0x": 100}}},
		{&inbox.Item{ID: "b"}, budget, store.Counted{Hour: 7, Items: map[string]int{"0x": 100, "y": 5}}, profile.Received{Hour: 7, Items: map[string]int{"0x": 200, "y": 5}}},
		{large, nil, store.Counted{Hour: 7, Items: map[string]int{"y": 5}}, profile.Received{Hour: 7, Items: map[string]int{"0x": 200, "y": 10}}},
		{&inbox.Item{ID: "c"}, nil, store.Counted{Hour: 8, Items: map[string]int{"y": 5}, First: true}, profile.Received{Hour: 8, Items: map[string]int{"y": 5}}},
	} {
		if err := s.Save(ctx, []store.Write{{UID: "bob", Item: step.item, Budget: step.budget, Counted: &step.add}})[0]; err != nil {
			t.Errorf("%d: %v", i, err)
		}
		snap, err := s.Load(ctx, []string{"bob"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(step.want, snap.Profiles["bob"].Received); diff != "" {
			t.Errorf("%d: -want +got:\n%s", i, diff)
		}
		if step.budget != nil && snap.Profiles["bob"].Budget != *budget {
			t.Errorf("%d: the budget is %+v", i, snap.Profiles["bob"].Budget)
		}
	}
}

// What a client could not have written is as if it were not there.
func TestPushesPerHourOutOfRange(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, db := openBoth(t)
	for _, value := range []any{0, -1, 61, 2.5, "6", nil} {
		if _, err := db.Doc("users/bob").Set(ctx, map[string]any{"pushesPerHour": value}); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Settings(ctx, "bob"); err != nil || got.PushesPerHour != nil {
			t.Errorf("%v: got %v and %v, want nothing said", value, got.PushesPerHour, err)
		}
	}
}
