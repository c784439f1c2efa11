// Package clock is the time of the local stack: the system's clock plus an offset that can only grow. Everything that
// tells the time or waits on this machine follows it (the functions through a file, the dispatcher and the fake FCM in
// process), so that quiet hours, a five-minute window or ten minutes of retry back-off are a matter of one call to
// Advance instead of a wait.
//
// Two kinds of waiting are meant to differ: a pause that the stack imposes (a retry's back-off) follows this clock; a
// limit on work really under way (the ack deadline of a running request) follows the system's, because moving the clock
// does not make the work any slower.
package clock

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// A Clock is the system's clock plus an offset. The zero value is the system's clock. It is safe for concurrent use and
// must not be copied.
type Clock struct {
	file string

	mu     sync.Mutex
	offset time.Duration
	moved  chan struct{} // closed and replaced by each Advance; nil until somebody waits
}

// New returns a clock that keeps its offset in file as decimal nanoseconds, replaced atomically, for other processes to
// read at every look at the time (CLOCK_FILE). An empty name keeps it in memory only.
func New(file string) (*Clock, error) {
	c := &Clock{file: file}
	if err := c.write(0); err != nil {
		return nil, err
	}
	return c, nil
}

// Now returns the time, without a monotonic reading: a difference of two readings includes what Advance added between.
func (c *Clock) Now() time.Time { return time.Now().Round(0).Add(c.Offset()) }

// Offset returns how far the clock is ahead of the system's.
func (c *Clock) Offset() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offset
}

// Advance moves the clock forwards by d, for this process and for the readers of the file, and wakes the sleepers whose
// time has come. It refuses to move backwards and leaves the clock as it was when the file cannot be written.
func (c *Clock) Advance(d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("the clock only moves forwards, not by %s", d)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.offset+d < c.offset {
		return fmt.Errorf("%s is further than the clock can move", d)
	}
	if err := c.write(c.offset + d); err != nil {
		return err
	}
	c.offset += d
	if c.moved != nil {
		close(c.moved)
		c.moved = nil
	}
	return nil
}

// Sleep returns nil once the clock has moved on by d, or ctx's error if that ends first.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	deadline := c.Now().Add(d)
	for {
		left, moved := c.left(deadline)
		if left <= 0 {
			return nil
		}
		timer := time.NewTimer(left)
		select {
		case <-timer.C:
		case <-moved:
			timer.Stop()
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// left returns how long the deadline is away, and a channel that is closed when that answer is out of date.
func (c *Clock) left(deadline time.Time) (time.Duration, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.moved == nil {
		c.moved = make(chan struct{})
	}
	return deadline.Sub(time.Now().Round(0).Add(c.offset)), c.moved
}

func (c *Clock) write(offset time.Duration) error {
	if c.file == "" {
		return nil
	}
	tmp, err := os.CreateTemp(filepath.Dir(c.file), ".clock-*")
	if err != nil {
		return fmt.Errorf("clock file: %w", err)
	}
	defer os.Remove(tmp.Name()) // nothing to remove once renamed
	_, err = tmp.WriteString(strconv.FormatInt(int64(offset), 10))
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), c.file)
	}
	if err != nil {
		return fmt.Errorf("clock file: %w", err)
	}
	return nil
}
