package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/store"
)

// exported is an export of the person, from calls that each have no more time than for one page.
func (w *town) exported(t *testing.T, after string) (documents []string, calls int) {
	t.Helper()
	for {
		calls++
		next, err := w.Export(t.Context(), gone, after, time.Now(), func(document []byte) error {
			documents = append(documents, string(document))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if after = next; next == "" {
			return documents, calls
		}
	}
}

func asFile(documents []string) *bytes.Reader {
	return bytes.NewReader(fmt.Appendf(nil, `{"format":%q,"uid":%q,"exportedAt":"2026-11-21T09:30:00Z","documents":[%s],"next":""}`, store.ExportFormat, gone, strings.Join(documents, ",\n")))
}

// nameOf is the name of an exported document.
func nameOf(document string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(document, `{"name":"`), `"`)
	return name
}

// What is exported of a person, in however many calls, is the same as what is in the database, and it imports into an empty one: the inbox goes on there as here.
func TestAnExportImportsIntoAnEmptyProject(t *testing.T) {
	t.Parallel()
	w, empty := newTown(t), newTown(t)
	w.settle(t, 1)
	for i := range 70 { // a large item, and many small ones
		w.tell(t, gone, like(other(i)))
		e := like(other(i))
		e.Target.ID = fmt.Sprint("post-", i)
		w.tell(t, gone, e)
	}
	all, calls := w.exported(t, "")
	if calls < 4 || !slices.IsSortedFunc(all[:50], func(a, b string) int { return strings.Compare(nameOf(a), nameOf(b)) }) {
		t.Errorf("%d documents came in %d calls", len(all), calls)
	}
	for _, at := range []int{0, 1, 30, len(all) - 10, len(all) - 5} { // a download that broke off behind that one
		rest, _ := w.exported(t, nameOf(all[at]))
		if diff := cmp.Diff(all[at+1:], rest); diff != "" && (!strings.HasPrefix(nameOf(all[at]), "audiences/") || strings.Contains(nameOf(all[at]), "/lists/")) {
			t.Errorf("behind %s (-want +got):\n%s", nameOf(all[at]), diff)
		}
	}
	for range 2 {
		if n, err := empty.Import(t.Context(), asFile(all)); err != nil || n != len(all) {
			t.Fatalf("imported %d of %d, %v", n, len(all), err)
		}
	}
	again, _ := empty.exported(t, "")
	if diff := cmp.Diff(all, again); diff != "" {
		t.Errorf("exported from the other project (-want +got):\n%s", diff)
	}
	empty.ids.Store(w.ids.Load())
	for _, town := range []*town{w, empty} { // life goes on
		town.tell(t, gone, like(other(100)))
		doc, err := town.db.Collection("users/"+gone+"/notifications").Where("target.id", "==", "42").Documents(t.Context()).Next()
		if err != nil {
			t.Fatal(err)
		}
		if title, _ := doc.DataAt("title"); title != "Other 100 and 70 others liked A walk" {
			t.Errorf("the next like: %q", title)
		}
	}
}

// list is an exported list of an audience that has these.
func list(uids string) string {
	return `{"name":"audiences/all/lists/1","fields":{"uids":{"arrayValue":{"values":[` + uids + `]}}}}`
}

func TestWhatIsNoExportIsRefused(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	file := func(documents ...string) string {
		all := make([]byte, asFile(documents).Len())
		_, _ = asFile(documents).Read(all)
		return string(all)
	}
	tests := []struct{ name, file string }{
		{"nothing", ""},
		{"a list", "[]"},
		{"another object", `{"uid":"bob"}`},
		{"another format", strings.Replace(file(), "export/1", "export/2", 1)},
		{"cut off", file(`{"name":"users/` + gone + `"}`)[:120]},
		{"cut off before its end", strings.Split(file(`{"name":"users/`+gone+`"}`), "]")[0]},
		{"another's inbox", file(`{"name":"users/bob/notifications/n"}`)},
		{"another's membership", file(`{"name":"audiences/staff/members/bob"}`)},
		{"another's list", file(list(`{"stringValue":"bob"}`))},
		{"a list with others, too", file(list(`{"stringValue":"` + gone + `"},{"stringValue":"bob"}`))},
		{"a list without anybody", file(list(""))},
		{"a list with more", file(strings.Replace(list(`{"stringValue":"`+gone+`"}`), `{"uids"`, `{"more":{"stringValue":"bob"},"uids"`, 1))},
		{"a list that is no list", file(`{"name":"audiences/all/lists/1","fields":{"uids":{"stringValue":"` + gone + `"}}}`)},
		{"below a list", file(strings.Replace(list(`{"stringValue":"`+gone+`"}`), "lists/1", "lists/1/lists/1", 1))},
		{"another's login", file(`{"name":"identities/github/logins/bob","fields":{"uid":{"stringValue":"bob"}}}`)},
		{"a way around", file(`{"name":"users/` + gone + `/../bob/x"}`)},
		{"a collection", file(`{"name":"users/` + gone + `/notifications"}`)},
		{"another collection", file(`{"name":"deadLetters/` + gone + `"}`)},
		{"no document", file(`{"name":"users/` + gone + `","fields":{"a":{"b":1}}}`)},
	}
	for _, test := range tests {
		if n, err := w.Import(t.Context(), strings.NewReader(test.file)); n != 0 || !errors.Is(err, store.ErrExport) {
			t.Errorf("%s: got %d, %v", test.name, n, err)
		}
	}
	if found := w.search(t, ""); len(found) != 0 {
		t.Errorf("something was written: %v", found)
	}
	for _, after := range []string{"users/bob", "users/" + gone + "x", "users/" + gone + "/notifications", "x", "/"} {
		if _, err := w.Export(t.Context(), gone, after, time.Now(), nil); !errors.Is(err, store.ErrCursor) {
			t.Errorf("after %s: got %v", after, err)
		}
	}
}
