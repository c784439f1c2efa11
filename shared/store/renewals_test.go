package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/option"
	"google.golang.org/grpc"

	"tidings.dev/emulator/firestoretest"
	"tidings.dev/shared/digest"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/store"
)

// duePerson is the one person who is due.
func duePerson(ctx context.Context, s *store.Store) (store.DuePerson, error) {
	due, err := s.DuePeople(ctx, now, 10)
	if err != nil || len(due) != 1 {
		return store.DuePerson{}, fmt.Errorf("%d people are due, want one (%w)", len(due), err)
	}
	return due[0], nil
}

// TestARenewedLeaseIsInNobodysWay: a page of bob's renews its lease when a function has read the profile and not written it yet. What does not follow from leases is
// written all the same. What follows from something that has changed is not written, or is computed anew.
func TestARenewedLeaseIsInNobodysWay(t *testing.T) {
	t.Parallel()
	lease := firestore.Update{Path: "sessions.tab", Value: map[string]any{"expiresAt": now.Add(time.Minute), "target": nil, "visible": true}}
	language := firestore.Update{Path: "locale", Value: "fr"}
	for _, test := range []struct {
		name   string
		write  func(context.Context, *store.Store) error
		change firestore.Update
		want   error
	}{
		{"the copies of devices", func(ctx context.Context, s *store.Store) error { return s.MirrorDevices(ctx, "bob") }, lease, nil},
		{"a device that goes", func(ctx context.Context, s *store.Store) error {
			return s.RemoveDevice(ctx, profile.Device{UID: "bob", ID: "old", Value: "a"})
		}, lease, nil},
		{"settings by the product", func(ctx context.Context, s *store.Store) error {
			_, err := s.ChangeSettings(ctx, "bob", now, func(p *profile.Settings) error { p.Locale = "nl"; return nil })
			return err
		}, lease, nil},
		{"a look at who is due", lookedAt, lease, nil},
		{"a look at who is due, and has said something else", lookedAt, language, store.ErrConflict},
		{"a plan", keepPlan, lease, nil},
		{"a plan, and they have said something else", keepPlan, language, store.ErrConflict},
		{"a plan that is computed", func(ctx context.Context, s *store.Store) error {
			return s.ChangePlan(ctx, "bob", func(p digest.Plan, _ *profile.Settings) digest.Plan { p.Last = "2026-11-20"; return p })
		}, language, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			project := firestoretest.Project(t)
			db, err := firestore.NewClient(t.Context(), project)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			var meanwhile atomic.Bool
			s, err := store.Open(t.Context(), project, option.WithGRPCDialOption(grpc.WithChainUnaryInterceptor(
				func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, call grpc.UnaryInvoker, opts ...grpc.CallOption) error {
					if strings.HasSuffix(method, "/Commit") && !meanwhile.Swap(true) {
						if _, err := db.Doc("users/bob").Update(ctx, []firestore.Update{test.change}); err != nil {
							t.Error(err)
						}
					}
					return call(ctx, method, req, reply, cc, opts...)
				})))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			for path, data := range map[string]map[string]any{
				"users/bob":               {"locale": "de", store.DueAt: now, "devices": map[string]any{"old": map[string]any{"kind": "fid", "value": "a"}}},
				"users/bob/devices/phone": {"kind": "fid", "value": "b", "platform": "web", "locale": "de", "lastSeenAt": now},
			} {
				if _, err := db.Doc(path).Set(t.Context(), data); err != nil {
					t.Fatal(err)
				}
			}
			if err := test.write(t.Context(), s); !errors.Is(err, test.want) || !meanwhile.Load() {
				t.Errorf("got %v, want %v; the profile was changed meanwhile: %t", err, test.want, meanwhile.Load())
			}
		})
	}
}

func lookedAt(ctx context.Context, s *store.Store) error {
	p, err := duePerson(ctx, s)
	return errors.Join(err, s.LookedAt(ctx, p))
}

func keepPlan(ctx context.Context, s *store.Store) error {
	p, err := duePerson(ctx, s)
	p.Digests.At = now
	return errors.Join(err, s.KeepPlan(ctx, p))
}
