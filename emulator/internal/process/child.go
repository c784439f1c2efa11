//go:build unix

package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"
)

// A Child is a running or finished process of a group.
type Child struct {
	Name string
	Log  string // the file with its output

	pid  int
	done chan struct{}
	err  error // valid once done is closed
}

// PID returns the process's id, which is its group's too.
func (c *Child) PID() int { return c.pid }

// Done is closed when the process has ended and nothing is left of its group.
func (c *Child) Done() <-chan struct{} { return c.done }

// Stop asks the process to end, ends it after grace, and returns when it has ended: true if it ended by itself.
func (c *Child) Stop(grace time.Duration) bool {
	select {
	case <-c.done:
		return true // its id may belong to another process by now: no signal
	default:
	}
	c.signal(syscall.SIGTERM)
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-c.done:
		return true
	case <-timer.C:
		c.signal(syscall.SIGKILL)
		<-c.done
		return false
	}
}

// Kill ends it by SIGKILL, and returns when nothing is left of it.
func (c *Child) Kill() {
	select {
	case <-c.done: // its id may be somebody else's by now
	default:
		c.signal(syscall.SIGKILL)
		<-c.done
	}
}

// signal reaches the whole group; an error means that nothing is left of it.
func (c *Child) signal(s syscall.Signal) { _ = syscall.Kill(-c.pid, s) }

// Err waits for the process to end and returns how it did: nil for exit status 0, else an error that ends with the last
// lines of its log.
func (c *Child) Err() error {
	<-c.done
	if c.err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w%s", c.Name, c.err, tail(c.Log, 10))
}

// Ended waits for a process that was meant to go on and returns the error that its end is, whatever its exit status.
func (c *Child) Ended() error {
	<-c.done
	err := c.err
	if err == nil {
		err = errors.New("exit status 0")
	}
	return fmt.Errorf("%s ended: %w%s", c.Name, err, tail(c.Log, 10))
}

// tail returns the last n lines of a file, indented, ready to be put behind an error.
func tail(file string, n int) string {
	const most = 16 << 10
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > most {
		if _, err := f.Seek(-most, io.SeekEnd); err != nil {
			return ""
		}
	}
	b, err := io.ReadAll(f)
	text := strings.TrimSpace(string(b))
	if err != nil || text == "" {
		return ""
	}
	lines := strings.Split(text, "\n")
	lines = lines[max(0, len(lines)-n):]
	return "\n    | " + strings.Join(lines, "\n    | ")
}

// readyTime bounds the wait for a service to come up: a cold JVM on a busy machine takes tens of seconds.
const readyTime = 90 * time.Second

// errSlow is what a service that did not come up in time is.
var errSlow = errors.New("not ready in time")

// Ready waits until the process answers a GET of url with 200. The error says why it does not: the process ended, it took more than
// readyTime, or ctx ended.
func (c *Child) Ready(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, readyTime, fmt.Errorf("%s: %w (%s)", c.Name, errSlow, readyTime))
	defer cancel()
	tick := time.NewTicker(30 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-c.Done():
			return c.Ended()
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
			if serving(ctx, url) {
				return nil
			}
		}
	}
}

func serving(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}
