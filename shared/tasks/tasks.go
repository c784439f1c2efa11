// Package tasks runs pieces of work side by side. A panic in a goroutine ends the process, and with it what everybody else has under way;
// here it ends the task that made it, with an error. Nothing in functions/ or shared/ starts a goroutine in another way, but for the few
// that a test names.
package tasks

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Group is some tasks. The zero value is ready, and runs as many at a time as there are. It must not be copied, nor used again after Wait.
type Group struct {
	group errgroup.Group
	mu    sync.Mutex
	errs  []error
}

// Limit sets how many run at a time. Go waits while as many run.
func (g *Group) Limit(n int) { g.group.SetLimit(n) }

// Go runs the task in a goroutine of its own.
func (g *Group) Go(task func() error) {
	g.group.Go(func() error {
		if err := run(task); err != nil {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.errs = append(g.errs, err)
		}
		return nil
	})
}

func run(task func() error) (err error) {
	defer Catch(&err)
	return task()
}

// Wait waits until all have ended, and returns the errors of all that failed.
func (g *Group) Wait() error {
	_ = g.group.Wait() // the errors are here
	return errors.Join(g.errs...)
}

// Catch makes a panic the error, if deferred.
func Catch(err *error) {
	if cause := recover(); cause != nil {
		*err = Panic(cause)
	}
}

// Panic is the error that a panic becomes. What it says may be anybody's text, so the error has only what Go itself says of a mistake, and where it was
// made.
func Panic(cause any) error {
	if mistake, ok := cause.(runtime.Error); ok {
		return fmt.Errorf("panic: %s\n%s", mistake.Error(), debug.Stack())
	}
	return fmt.Errorf("panic of type %T\n%s", cause, debug.Stack())
}
