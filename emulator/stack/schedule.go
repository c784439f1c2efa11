//go:build unix

package stack

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"tidings.dev/shared/topology"
)

// schedule stands in for Cloud Scheduler. It calls whenever the stack's clock has passed another period, and so at once
// when somebody moves the clock that far. A step over several periods is one call. In production a call that fails is
// left to the next period. Here that would be long after the step, so schedule repeats the call after a moment. The
// log of what is called says why a call failed.
func (s *Stack) schedule(every time.Duration, call func(context.Context) error) {
	ctx, cancel := s.context()
	defer cancel()
	for {
		now := s.Clock.Now()
		if s.Clock.Sleep(ctx, now.Truncate(every).Add(every).Sub(now)) != nil {
			return
		}
		for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
			if call(ctx) == nil {
				break
			}
			select {
			case <-time.After(pause):
			case <-ctx.Done():
				return
			}
		}
	}
}

// context ends with the stack.
func (s *Stack) context() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		select {
		case <-s.done:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// Call calls a job of the table once, as the scheduler does. After an error, the next period calls it again.
func (s *Stack) Call(ctx context.Context, job string) error {
	for _, j := range deployed.Jobs {
		if j.Name == job {
			return s.post(ctx, s.urls[j.Function]+j.Path)
		}
	}
	return fmt.Errorf("there is no job %s", job)
}

// calls are what Eventarc and the scheduler do. The cloud breaks off a request that takes longer than the function's timeout, which is the
// same for all functions. Here a function that hangs would hold up its trigger or its job for ever.
var calls = &http.Client{Timeout: deployed.Functions[0].Timeout.Duration()}

// post makes one call without a body, as the scheduler does.
func (s *Stack) post(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, nil)
	if err != nil {
		return err
	}
	if err := s.authorize(topology.Scheduler, req.URL, req.Header); err != nil {
		return err
	}
	res, err := calls.Do(req)
	if err != nil {
		return err
	}
	res.Body.Close()
	if res.StatusCode >= 300 {
		return fmt.Errorf("%s answered %s", url, res.Status)
	}
	return nil
}
