package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
)

// Identities finds the people behind the logins of another system: uids by login, in small letters. Logins that nobody has
// linked are left out. A link is the document identities/{source}/logins/{login} with the field uid. Its login is in small
// letters: systems such as GitHub treat "Octocat" and "octocat" as one, and Firestore does not. A link that has the login as
// the system spells it is found too. It costs one read for each login, and two for one with capitals.
func (s *Store) Identities(ctx context.Context, source string, logins []string) (map[string]string, error) {
	var names []string
	for _, login := range logins {
		if !isID(login) {
			continue
		}
		for _, id := range []string{strings.ToLower(login), login} {
			if name := s.resource("identities", source, "logins", id); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	uids := make(map[string]string, len(logins))
	err := s.get(ctx, names, func(doc *pb.Document) error {
		login := s.path(doc)[3]
		small := strings.ToLower(login)
		uid := doc.Fields["uid"].GetStringValue()
		if uid != "" && (uids[small] == "" || login == small) {
			uids[small] = uid
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("identities of %s: %w", source, err)
	}
	return uids, nil
}

// isID reports whether Firestore takes s as the id of a document, and a path as one of its segments.
func isID(s string) bool {
	return s != "" && len(s) <= 1500 && utf8.ValidString(s) && !strings.ContainsAny(s, "/\x00") && s != "." && s != ".." && !strings.HasPrefix(s, "__")
}
