//go:build unix

package google

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"tidings.dev/emulator/internal/process"
)

// download returns the archive's jar in our cache, and fetches it if it is not there. It writes to another name, checks the
// file and renames it, so that what has the final name is whole and right.
func (f *Finder) download(ctx context.Context, a archive) (jar string, err error) {
	file := filepath.Join(f.Cache, path.Base(a.url))
	jar = strings.TrimSuffix(file, ".zip")
	if jar != file {
		jar += ".jar"
	}
	if err := os.MkdirAll(f.Cache, 0o700); err != nil {
		return "", err
	}
	unlock, err := process.Lock(ctx, jar+".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(jar); err == nil {
		return jar, nil
	}
	part := jar + ".part" // ours alone, thanks to the lock; a leftover is overwritten
	defer os.Remove(part)
	if err := f.fetch(ctx, a, part); err != nil {
		return "", fmt.Errorf("fetching %s: %w", a.url, err)
	}
	if jar != file {
		if part, err = unzip(part, jar+".unzipped"); err != nil {
			return "", fmt.Errorf("%s: %w", a.url, err)
		}
		defer os.Remove(part)
	}
	return jar, os.Rename(part, jar)
}

// fetch writes what is at the archive's URL to file and checks it.
func (f *Finder) fetch(ctx context.Context, a archive, file string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.url, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the answer is %s", res.Status)
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer out.Close()
	sum := sha256.New()
	body := &counted{Reader: res.Body, start: time.Now(), say: func(n int64, took time.Duration) {
		f.Say(fmt.Sprintf("fetching the %s: %d of %d MB, %d s", a.name, n>>20, a.megabyte, int(took.Seconds())))
	}}
	if _, err := io.Copy(io.MultiWriter(out, sum), body); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != a.sha256 {
		return fmt.Errorf("its SHA-256 is %s, not the pinned %s", got, a.sha256)
	}
	return out.Close()
}

// counted is a reader that tells how far it has come: at once, then every few seconds.
type counted struct {
	io.Reader
	say         func(n int64, took time.Duration)
	n           int64
	start, last time.Time
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	if now := time.Now(); now.Sub(c.last) > 3*time.Second {
		c.last = now
		c.say(c.n, now.Sub(c.start))
	}
	return n, err
}

// unzip writes the one jar that a zip file holds to the file to.
func unzip(from, to string) (string, error) {
	z, err := zip.OpenReader(from)
	if err != nil {
		return "", err
	}
	defer z.Close()
	for _, entry := range z.File {
		if !strings.HasSuffix(entry.Name, "-all.jar") {
			continue
		}
		r, err := entry.Open()
		if err != nil {
			return "", err
		}
		defer r.Close()
		w, err := os.Create(to)
		if err != nil {
			return "", err
		}
		_, err = io.Copy(w, r) // checks the entry's CRC; the whole has been checked before
		if closeErr := w.Close(); err == nil {
			err = closeErr
		}
		return to, err
	}
	return "", fmt.Errorf("no jar in %s", from)
}
