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
	"github.com/google/go-cmp/cmp/cmpopts"

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

// An item that changes while it is exported is imported as it was, or as it became, but not with other members than it counts: also where a page of the export, or a
// download, ends behind its first document.
func TestAnItemThatChangesWhileItIsExported(t *testing.T) {
	t.Parallel()
	for _, brokenOff := range []bool{false, true} {
		t.Run(fmt.Sprint("broken off=", brokenOff), func(t *testing.T) {
			t.Parallel()
			w, empty := newTown(t), newTown(t)
			for i := range 70 {
				w.tell(t, gone, like(other(i)))
			}
			for i := range 19 { // so that the item is the last one of a page of 20
				if _, err := w.db.Doc(fmt.Sprintf("users/%s/before/%d", gone, i)).Set(t.Context(), map[string]any{}); err != nil {
					t.Fatal(err)
				}
			}
			var all []string
			errCut := errors.New("the download breaks off")
			take := func(document []byte) error {
				all = append(all, string(document))
				if len(all) == 20 {
					w.tell(t, gone, like(other(100)))
					if brokenOff {
						return errCut
					}
				}
				return nil
			}
			if _, err := w.Export(t.Context(), gone, "", time.Now().Add(time.Minute), take); brokenOff != errors.Is(err, errCut) {
				t.Fatal(err)
			}
			if brokenOff {
				rest, _ := w.exported(t, nameOf(all[19]))
				all = append(all, rest...)
			}
			if _, err := empty.Import(t.Context(), asFile(all)); err != nil {
				t.Fatal(err)
			}
			empty.ids.Store(w.ids.Load())
			empty.tell(t, gone, like(other(100)))
			empty.tell(t, gone, like(other(101)))
			doc, err := empty.db.Collection("users/" + gone + "/notifications").Documents(t.Context()).Next()
			if err != nil {
				t.Fatal(err)
			}
			if title, _ := doc.DataAt("title"); title != "Other 101 and 71 others liked A walk" {
				t.Errorf("got %q, want 72 who liked it", title)
			}
		})
	}
}

// An item that has more documents than a page is exported whole, and each document once.
func TestAnItemOfManyParts(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	var want []string
	for i := range 3 {
		item := fmt.Sprintf("users/%s/notifications/%d", gone, i)
		want = append(want, item)
		for part := range 18 + i { // the last of a page, the first of the next one, and more than one
			want = append(want, fmt.Sprintf("%s/parts/%02d", item, part))
		}
	}
	for _, path := range want {
		if _, err := w.db.Doc(path).Set(t.Context(), map[string]any{}); err != nil {
			t.Fatal(err)
		}
	}
	for at := range want { // behind each of them: all of its item, or what follows that
		all, _ := w.exported(t, want[at])
		from := at + 1
		item := want[at][:len("users/"+gone+"/notifications/0")]
		if from < len(want) && strings.HasPrefix(want[from], item) {
			from = slices.Index(want, item)
		}
		var got []string
		for _, document := range all {
			got = append(got, nameOf(document))
		}
		if diff := cmp.Diff(want[from:], got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("behind %s (-want +got):\n%s", want[at], diff)
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
