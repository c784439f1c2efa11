package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
)

// Identities finds who the logins of another system are here: uids by login, in small letters, without those that nobody
// has linked. A link is the document identities/{source}/logins/{login} with the field uid; the login is in small letters,
// since systems such as GitHub do not tell "Octocat" from "octocat" and Firestore does. A link that was written as the
// system spells the login is found too. It costs one billed read a login, two where it has capitals.
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
