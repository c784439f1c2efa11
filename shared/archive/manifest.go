package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/storage"
	"google.golang.org/api/googleapi"
)

// Object is what a manifest says of an object.
type Object struct {
	Name     string    `json:"name"`
	SHA256   string    `json:"sha256"` // of the whole object, in hexadecimal digits
	Bytes    int64     `json:"bytes"`
	Messages int       `json:"messages"`
	First    time.Time `json:"first"` // when the first of its messages was published
	Last     time.Time `json:"last"`
}

// Manifest is what the objects that were begun on a day were when the day was sealed.
type Manifest struct {
	Day      string    `json:"day"` // 2006-01-02, in UTC
	SealedAt time.Time `json:"sealedAt"`
	Objects  []Object  `json:"objects"`
}

// sealAfter is how long after its end a day may be sealed. An object that is begun in its last second is finished after ten minutes at the latest
// (infra/archive.tf); the rest is for Cloud Storage and for clocks.
const sealAfter = time.Hour

// What can be wrong with sealing a day.
var (
	ErrOpen   = errors.New("archive: the day is not over for an hour; objects of it may still come")
	ErrSealed = errors.New("archive: the day is sealed, and a manifest is written once")
)

func manifestName(day time.Time) string {
	return "manifests/" + day.UTC().Format(time.DateOnly) + ".json"
}

// Seal reads all objects of a day and writes its manifest, once. It returns [ErrOpen] or [ErrSealed] where it cannot.
func (a *Archive) Seal(ctx context.Context, of, now time.Time) (Manifest, error) {
	of = day(of)
	m := Manifest{Day: of.Format(time.DateOnly), SealedAt: now.UTC(), Objects: []Object{}}
	if now.Before(of.Add(24*time.Hour + sealAfter)) {
		return m, fmt.Errorf("%w: %s", ErrOpen, m.Day)
	}
	listed, err := a.list(ctx, of)
	if err != nil {
		return m, err
	}
	for _, f := range listed {
		object, err := a.look(ctx, f.name)
		if err != nil {
			return m, err
		}
		m.Objects = append(m.Objects, object)
	}
	content, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return m, fmt.Errorf("archive: manifest of %s: %w", m.Day, err)
	}
	w := a.bucket.Object(manifestName(of)).If(storage.Conditions{DoesNotExist: true}).NewWriter(ctx)
	w.ContentType = "application/json"
	_, err = w.Write(content)
	err = errors.Join(err, w.Close())
	if refused := new(googleapi.Error); errors.As(err, &refused) && refused.Code == http.StatusPreconditionFailed {
		return m, fmt.Errorf("%w: %s", ErrSealed, m.Day)
	}
	if err != nil {
		return m, fmt.Errorf("archive: write the manifest of %s: %w", m.Day, err)
	}
	return m, nil
}

// look reads an object, and says what it is.
func (a *Archive) look(ctx context.Context, name string) (Object, error) {
	content, err := a.read(ctx, name)
	if err != nil {
		return Object{}, err
	}
	messages, err := decode(name, content)
	if err != nil {
		return Object{}, err
	}
	o := Object{Name: name, SHA256: hashOf(content), Bytes: int64(len(content)), Messages: len(messages)}
	if len(messages) > 0 {
		o.First, o.Last = messages[0].Published, messages[len(messages)-1].Published
	}
	return o, nil
}

func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// manifest reads the manifest of a day; ok is false where the day is not sealed.
func (a *Archive) manifest(ctx context.Context, of time.Time) (m Manifest, ok bool, err error) {
	content, err := a.read(ctx, manifestName(of))
	if missing := new(Fault); errors.As(err, &missing) {
		return m, false, nil
	}
	if err != nil {
		return m, false, err
	}
	if err := json.Unmarshal(content, &m); err != nil {
		return m, false, &Fault{manifestName(of), fmt.Sprintf("cannot be read: %v", err)}
	}
	return m, true, nil
}

// Index is what the archive holds of a span of time.
type Index struct {
	From, To time.Time // messages that were published from From on and before To
	Objects  []Object  // that may have such messages, by the first one
	Unsealed []string  // days of which objects were read that no manifest vouches for
	Faults   []*Fault  // objects that are missing, came later, or have another size than their manifest says
}

// stray is how much later than its messages an object may have been begun: Pub/Sub keeps for a week what it cannot store.
const stray = 7 * 24 * time.Hour

// Index finds the objects of a span, up to now. The manifests vouch for days that are sealed; objects of other days it reads.
func (a *Archive) Index(ctx context.Context, from, to, now time.Time) (Index, error) {
	x := Index{From: from.UTC(), To: to.UTC()}
	last := day(to.Add(stray))
	if today := day(now); last.After(today) {
		last = today
	}
	for d := day(from.Add(-time.Hour)); !d.After(last); d = d.AddDate(0, 0, 1) {
		if err := a.indexDay(ctx, &x, d); err != nil {
			return x, err
		}
	}
	slices.SortFunc(x.Objects, func(p, q Object) int {
		if c := p.First.Compare(q.First); c != 0 {
			return c
		}
		return strings.Compare(p.Name, q.Name)
	})
	return x, nil
}

// indexDay adds the objects of a day.
func (a *Archive) indexDay(ctx context.Context, x *Index, of time.Time) error {
	m, sealed, err := a.manifest(ctx, of)
	if err != nil {
		return err
	}
	listed, err := a.list(ctx, of)
	if err != nil {
		return err
	}
	if !sealed {
		for _, f := range listed {
			o, err := a.look(ctx, f.name)
			if fault := new(Fault); errors.As(err, &fault) {
				x.Faults = append(x.Faults, fault)
				continue
			}
			if err != nil {
				return err
			}
			m.Objects = append(m.Objects, o)
		}
		if len(listed) > 0 {
			x.Unsealed = append(x.Unsealed, of.Format(time.DateOnly))
		}
	} else {
		x.Faults = append(x.Faults, m.compare(listed)...)
	}
	for _, o := range m.Objects {
		if o.Messages > 0 && !o.Last.Before(x.From) && o.First.Before(x.To) {
			x.Objects = append(x.Objects, o)
		}
	}
	return nil
}

// compare holds what is in the bucket against the manifest. Whether the content is the same, only reading tells.
func (m *Manifest) compare(listed []found) (faults []*Fault) {
	there := map[string]int64{}
	for _, f := range listed {
		there[f.name] = f.size
	}
	for _, o := range m.Objects {
		size, is := there[o.Name]
		switch {
		case !is:
			faults = append(faults, &Fault{o.Name, "is missing"})
		case size != o.Bytes:
			faults = append(faults, &Fault{o.Name, fmt.Sprintf("has %d bytes, and had %d when %s was sealed", size, o.Bytes, m.Day)})
		}
		delete(there, o.Name)
	}
	for _, f := range listed {
		if _, extra := there[f.name]; extra {
			faults = append(faults, &Fault{f.name, "came after " + m.Day + " was sealed"})
		}
	}
	return faults
}
