package store_test

import (
	"context"
	"strings"
	"testing"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"

	"tidings.dev/emulator/firestoretest"
	"tidings.dev/shared/store"
)

func TestIdentities(t *testing.T) {
	t.Parallel()
	ctx, project := context.Background(), firestoretest.Project(t)
	s, err := store.Open(ctx, project)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	client, err := firestore.NewClient(ctx, project)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	for path, uid := range map[string]any{
		"github/logins/octocat": "bob", "github/logins/Codertocat": "alice", "gitlab/logins/dave": "dave",
		"github/logins/Both": "capital", "github/logins/both": "small", "github/logins/empty": "", "github/logins/number": 7,
	} {
		if _, err := client.Doc("identities/"+path).Set(ctx, map[string]any{"uid": uid}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Identities(ctx, "github", []string{
		"octocat", "Octocat", "OCTOCAT", "Codertocat", "Both", "dave", "empty", "number", "nobody",
		"", ".", "..", "a/b", "__x__", strings.Repeat("x", 2000), // what no document can be called
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"octocat": "bob", "codertocat": "alice", "both": "small"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got, err := s.Identities(ctx, "github", nil); err != nil || len(got) != 0 {
		t.Errorf("nobody asked for: got %v, %v", got, err)
	}
}
