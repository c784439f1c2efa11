package archive_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/emulator/gcs"
	"tidings.dev/shared/archive"
)

var (
	topics = []string{"events", "events-urgent"}
	begin  = time.Date(2026, 11, 20, 22, 0, 0, 0, time.UTC) // two hours before midnight
)

// bucket is an archive on a server of its own.
func bucket(t *testing.T) (*gcs.Server, *archive.Archive) {
	t.Helper()
	server, err := gcs.New("", "events")
	must(t, err)
	a, err := archive.Open(t.Context(), "events", topics, server.Options()...)
	must(t, err)
	t.Cleanup(func() { _ = a.Close() })
	return server, a
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// written are n messages, a second after each other, in objects as Pub/Sub writes them: several side by side, of some minutes each, and one in a hundred so late
// that it is in an object of the next day. It returns the messages in order, and the objects' names.
func written(t *testing.T, server *gcs.Server, n int) (all []archive.Message, names []string) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	objects := map[string][]archive.Message{}
	for i := range n {
		at := begin.Add(time.Duration(i) * time.Second)
		topic := topics[random.IntN(2)]
		m := archive.Message{
			Topic: topic, ID: fmt.Sprint(i), Published: at.Add(123 * time.Microsecond),
			Attributes: map[string]string{"ce-type": "post.liked", "acceptedAt": at.Format(time.RFC3339Nano)}, Data: []byte(fmt.Sprintf(`{"id":"%d"}`, i)),
		}
		all = append(all, m)
		begun := at.Truncate(5 * time.Minute)
		if i%100 == 99 {
			begun = begun.Add(20 * time.Hour)
		}
		key := fmt.Sprintf("%s %s %d", begun.Format(time.RFC3339), topic, random.IntN(2))
		objects[key] = append(objects[key], m)
	}
	for key, messages := range objects {
		begun, err := time.Parse(time.RFC3339, strings.Fields(key)[0])
		must(t, err)
		random.Shuffle(len(messages), func(i, j int) { messages[i], messages[j] = messages[j], messages[i] })
		name, err := server.Write("archive-"+messages[0].Topic, begun, "u"+strings.Fields(key)[2], messages)
		must(t, err)
		names = append(names, name)
	}
	slices.Sort(names)
	return all, names
}

// read reads a span.
func read(t *testing.T, a *archive.Archive, from, to time.Time) (all []archive.Message, x archive.Index, err error) {
	t.Helper()
	x, err = a.Index(t.Context(), from, to, begin.AddDate(0, 0, 10))
	must(t, err)
	for m, err := range a.Messages(t.Context(), x) {
		if err != nil {
			return all, x, err
		}
		all = append(all, m)
	}
	return all, x, nil
}

// What was published comes out as it went in, in the order of time, whatever the objects; sealed or not.
func TestMessagesComeInTheOrderOfTime(t *testing.T) {
	t.Parallel()
	for _, sealed := range []bool{false, true} {
		t.Run(fmt.Sprintf("sealed=%t", sealed), func(t *testing.T) {
			t.Parallel()
			server, a := bucket(t)
			want, _ := written(t, server, 9_000)
			if sealed {
				for _, d := range []int{0, 1} {
					_, err := a.Seal(t.Context(), begin.AddDate(0, 0, d), begin.AddDate(0, 0, 5))
					must(t, err)
				}
			}
			got, x, err := read(t, a, begin, begin.AddDate(0, 0, 1))
			must(t, err)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-published +read:\n%.2000s", diff)
			}
			if unsealed := len(x.Unsealed); (unsealed == 0) != sealed {
				t.Errorf("unsealed days: got %q, with sealed = %t", x.Unsealed, sealed)
			}
			from, to := begin.Add(40*time.Minute), begin.Add(45*time.Minute)
			got, x, err = read(t, a, from, to)
			must(t, err)
			if diff := cmp.Diff(want[40*60:45*60], got); diff != "" {
				t.Errorf("a span: -published +read:\n%.2000s", diff)
			}
			if len(x.Objects) > 30 {
				t.Errorf("for five minutes it reads %d objects", len(x.Objects))
			}
		})
	}
}

// Whatever happens to an object of a sealed day is noticed, and the object named, before any message of it is given.
func TestFaultsAreNamed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		do     func(t *testing.T, server *gcs.Server, name string)
		what   string
		listed bool // the index knows without reading
	}{
		{"missing", func(t *testing.T, s *gcs.Server, name string) { must(t, s.Delete(name)) }, "is missing", true},
		{"one byte changed", func(t *testing.T, s *gcs.Server, name string) {
			content, err := s.Get(name)
			must(t, err)
			content = slices.Clone(content)
			content[len(content)/2] ^= 1
			must(t, s.Put(name, content))
		}, "was changed", false},
		{"cut", func(t *testing.T, s *gcs.Server, name string) {
			content, err := s.Get(name)
			must(t, err)
			must(t, s.Put(name, content[:len(content)-20]))
		}, "bytes", true},
		{"another one put in its place", func(t *testing.T, s *gcs.Server, name string) {
			content, err := archive.Encode("archive-events", []archive.Message{{ID: "1", Published: begin, Data: []byte("{}")}})
			must(t, err)
			must(t, s.Put(name, content))
		}, "bytes", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server, a := bucket(t)
			_, names := written(t, server, 500)
			_, err := a.Seal(t.Context(), begin, begin.AddDate(0, 0, 5))
			must(t, err)
			victim := names[0]
			tt.do(t, server, victim)
			got, x, err := read(t, a, begin, begin.AddDate(0, 0, 1))
			fault := new(archive.Fault)
			if !errors.As(err, &fault) || fault.Object != victim {
				t.Errorf("reading: got %v, want a fault of %s", err, victim)
			}
			if len(got) > 0 && tt.name == "one byte changed" && slices.ContainsFunc(got, func(m archive.Message) bool { return m.Topic == "" }) {
				t.Error("it gave messages of an object that was changed")
			}
			faults, err := a.Check(t.Context(), x)
			must(t, err)
			if len(faults) != 1 || faults[0].Object != victim || !strings.Contains(faults[0].What, tt.what) {
				t.Errorf("check: got %v, want %q of %s alone", faults, tt.what, victim)
			}
			if (len(x.Faults) == 1) != tt.listed {
				t.Errorf("without reading it knows of %v", x.Faults)
			}
		})
	}
}

func TestLateObjectIsAFault(t *testing.T) {
	t.Parallel()
	server, a := bucket(t)
	written(t, server, 100)
	_, err := a.Seal(t.Context(), begin, begin.AddDate(0, 0, 5))
	must(t, err)
	name, err := server.Write("archive-events", begin, "late", []archive.Message{{Topic: "events", ID: "x", Published: begin, Data: []byte("{}")}})
	must(t, err)
	x, err := a.Index(t.Context(), begin, begin.Add(time.Hour), begin.AddDate(0, 0, 5))
	must(t, err)
	if len(x.Faults) != 1 || x.Faults[0].Object != name || !strings.Contains(x.Faults[0].What, "came after") {
		t.Errorf("got %v, want that %s came later", x.Faults, name)
	}
}

// A day is sealed once, and not before nothing of it can come any more.
func TestSealing(t *testing.T) {
	t.Parallel()
	server, a := bucket(t)
	_, names := written(t, server, 50)
	end := begin.Truncate(24*time.Hour).AddDate(0, 0, 1)
	if _, err := a.Seal(t.Context(), begin, end.Add(59*time.Minute)); !errors.Is(err, archive.ErrOpen) {
		t.Errorf("within the hour: got %v, want ErrOpen", err)
	}
	first, err := a.Seal(t.Context(), begin, end.Add(time.Hour))
	must(t, err)
	if len(first.Objects) != len(names) {
		t.Errorf("got %d objects in the manifest, want %d", len(first.Objects), len(names))
	}
	if _, err := a.Seal(t.Context(), begin, end.Add(48*time.Hour)); !errors.Is(err, archive.ErrSealed) {
		t.Errorf("the second time: got %v, want ErrSealed", err)
	}
	days, err := a.Days(t.Context(), begin.AddDate(0, 0, -3), begin.AddDate(0, 0, 3))
	must(t, err)
	if diff := cmp.Diff([]archive.Day{{Day: "2026-11-20", Sealed: true, Objects: len(names)}}, days); diff != "" {
		t.Errorf("days: -want +got:\n%s", diff)
	}
}
