package tasks

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
)

func TestAPanicEndsItsTaskAlone(t *testing.T) {
	t.Parallel()
	var done atomic.Int64
	var group Group
	group.Limit(2)
	for i := range 10 {
		group.Go(func() error {
			if i == 3 {
				_ = strings.Split("", ",")[i]
			}
			done.Add(1)
			return nil
		})
	}
	err := group.Wait()
	if err == nil || !strings.Contains(err.Error(), "index out of range") || !strings.Contains(err.Error(), "tasks_test.go") {
		t.Errorf("the error is %v, want what Go says of it and where it happened", err)
	}
	if done.Load() != 9 {
		t.Errorf("%d tasks ended well, want the nine others", done.Load())
	}
}

func TestCatch(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		task      func() error
		want, not string
	}{
		"a panic's text is not repeated": {task: func() error { panic("Alice wrote: hello") }, want: "panic of type string", not: "Alice"},
		"an error stays as it is":        {task: func() error { return errors.New("no network") }, want: "no network", not: "panic"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var group Group
			group.Go(test.task)
			if err := group.Wait(); err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), test.not) {
				t.Errorf("the error is %v, want one with %q and without %q", err, test.want, test.not)
			}
		})
	}
}
