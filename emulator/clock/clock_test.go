package clock_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tidings.dev/emulator/clock"
)

func TestAdvance(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "clock")
	c, err := clock.New(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, file); got != "0" {
		t.Errorf("new clock's file = %q, want 0", got)
	}
	before := c.Now()
	if err := c.Advance(6 * time.Minute); err != nil {
		t.Fatal(err)
	}
	if got := c.Now().Sub(before); got < 6*time.Minute || got > 7*time.Minute {
		t.Errorf("the clock moved by %s, want 6m", got)
	}
	if got, want := read(t, file), "360000000000"; got != want {
		t.Errorf("file = %q, want %q", got, want)
	}
	if err := c.Advance(-time.Second); err == nil {
		t.Error("the clock moved backwards")
	}
	if err := c.Advance(1<<63 - 1); err == nil {
		t.Error("the offset overflowed")
	}
	if got, want := c.Offset(), 6*time.Minute; got != want {
		t.Errorf("offset after refused moves = %s, want %s", got, want)
	}
}

func TestSleep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := new(clock.Clock)
		var short, long atomic.Bool
		go func() { short.Store(c.Sleep(t.Context(), time.Hour) == nil) }()
		go func() { long.Store(c.Sleep(t.Context(), 3*time.Hour) == nil) }()
		synctest.Wait()
		if err := c.Advance(2 * time.Hour); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if !short.Load() || long.Load() {
			t.Errorf("after two hours: the sleeper of one woke = %t, of three = %t; want true, false", short.Load(), long.Load())
		}
		time.Sleep(time.Hour) // the bubble's clock: without a move, sleepers wake as time passes
		synctest.Wait()
		if !long.Load() {
			t.Error("the sleeper of three hours slept on")
		}
	})
}

func TestSleepEndsWithItsContext(t *testing.T) {
	t.Parallel()
	c := new(clock.Clock)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("Sleep with a dead context = %v, want Canceled", err)
	}
	if err := c.Sleep(ctx, 0); err != nil {
		t.Errorf("Sleep(0) = %v, want nil: its time has come", err)
	}
}

func TestHandler(t *testing.T) {
	t.Parallel()
	c := new(clock.Clock)
	srv := httptest.NewServer(c.Handler())
	t.Cleanup(srv.Close)

	for _, tc := range []struct {
		name, method, path, body string
		status                   int
		offset                   string
	}{
		{"read", "GET", "/", "", 200, "0s"},
		{"advance", "POST", "/advance", `{"by":"6m"}`, 200, "6m0s"},
		{"and again", "POST", "/advance", `{"by":"1h"}`, 200, "1h6m0s"},
		{"backwards", "POST", "/advance", `{"by":"-1h"}`, 400, ""},
		{"no duration", "POST", "/advance", `{"by":"soon"}`, 400, ""},
		{"no JSON", "POST", "/advance", `6m`, 400, ""},
		{"nothing there", "GET", "/else", "", 404, ""},
	} {
		req, err := http.NewRequest(tc.method, srv.URL+tc.path, strings.NewReader(tc.body))
		if err != nil {
			t.Fatal(err)
		}
		res, err := srv.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if res.StatusCode != tc.status {
			t.Errorf("%s: status = %d, want %d", tc.name, res.StatusCode, tc.status)
		}
		if tc.status != 200 {
			continue
		}
		var got struct {
			Now    time.Time
			Offset string
		}
		if err := json.NewDecoder(res.Body).Decode(&got); err != nil {
			t.Fatal(err)
		}
		if got.Offset != tc.offset {
			t.Errorf("%s: offset = %q, want %q", tc.name, got.Offset, tc.offset)
		}
		if d := c.Now().Sub(got.Now); d < 0 || d > time.Minute {
			t.Errorf("%s: now is %s away from the clock's", tc.name, d)
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
