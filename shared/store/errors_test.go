package store

import (
	"errors"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// A missing index looks like a lost race to whoever reads the code only, and would be tried again for ever.
func TestEachAnswerOfFirestoreHasItsSentinel(t *testing.T) {
	t.Parallel()
	all := []error{ErrConflict, ErrTransient, ErrNotFound, ErrIndex}
	tests := []struct {
		name    string
		code    codes.Code
		message string
		want    error // nil is none of them
	}{
		{"changed since it was read", codes.FailedPrecondition, "the stored version (1732000000) does not match the required base version (1731000000)", ErrConflict},
		{"changed, as the emulator says it", codes.FailedPrecondition, "the stored version (17) does not match the required base version (12)", ErrConflict},
		{"a document whose name says index", codes.FailedPrecondition, "users/index does not match the required base version", ErrConflict},
		{"no longer missing", codes.AlreadyExists, "entity already exists", ErrConflict},
		{"no index", codes.FailedPrecondition, "The query requires an index. You can create it here: https://console.example/indexes?x=1", ErrIndex},
		{"no index for a collection group", codes.FailedPrecondition, "The query requires a COLLECTION_GROUP_ASC index for collection notifications and field dueAt. You can create it here: https://console.example/indexes?x=1", ErrIndex},
		{"the index is being built", codes.FailedPrecondition, "The query requires an index. That index is currently building and cannot be used yet. See its status here: https://console.example/indexes?x=1", ErrIndex},
		{"gone", codes.NotFound, "no entity to update", ErrNotFound},
		{"lost a lock", codes.Aborted, "too much contention", ErrTransient},
		{"over the quota", codes.ResourceExhausted, "quota", ErrTransient},
		{"a fault of Firestore's", codes.Internal, "internal error", ErrTransient},
		{"not allowed", codes.PermissionDenied, "missing permissions", nil},
		{"nonsense", codes.InvalidArgument, "field name", nil},
	}
	for _, test := range tests {
		got := sentinel(status.Error(test.code, test.message))
		for _, other := range all {
			if errors.Is(got, other) != (other == test.want) {
				t.Errorf("%s: got %v, want %v and nothing else", test.name, got, test.want)
			}
		}
		if test.want == ErrIndex && (!strings.Contains(got.Error(), "infra/firestore.indexes.json") || !strings.Contains(got.Error(), "https://console.example/indexes?x=1")) {
			t.Errorf("%s: %q names neither the file to deploy nor the link", test.name, got)
		}
	}
	if sentinel(nil) != nil {
		t.Error("no error became one")
	}
}
