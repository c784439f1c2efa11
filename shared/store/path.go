package store

import "strings"

// Path splits the name of a document within the database, "users/bob/devices/phone", as an event of Firestore's or an export has it. It is nil where no
// document can have that name: a request for one would be tried again and again, and never be answered.
func Path(document string) []string {
	path := strings.Split(document, "/")
	for _, id := range path {
		if !isID(id) {
			return nil
		}
	}
	return path
}
