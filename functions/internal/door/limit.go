package door

import (
	"fmt"
	"math"
	"net/http"
	"strconv"

	"tidings.dev/shared/event"
	"tidings.dev/shared/limit"
	"tidings.dev/shared/problem"
	"tidings.dev/shared/topics"
)

// Units are what a request costs its sender: one for each event, and one more for each further message that the event makes, of up to
// [topics.Chunk] recipients. An audience is not counted, since nobody knows here how many are in it: who may name one, grants say. A request without
// events costs one.
func Units(events []event.Event) (units int) {
	for i := range events {
		units += max(1, (len(events[i].Recipients)+topics.Chunk-1)/topics.Chunk)
	}
	return max(1, units)
}

// Admit takes the units from what the sender has left, and says in the answer's header how much that is: the fields RateLimit-Policy and RateLimit
// of draft-ietf-httpapi-ratelimit-headers-10. For no units, it only looks. Where nothing was left, the error is a 429 with Retry-After. Call done before the request ends; limiter may be
// nil, and then nobody is limited.
func Admit(w http.ResponseWriter, r *http.Request, limiter *limit.Limiter, sender string, rate limit.Rate, units int) (done func(), err error) {
	if limiter == nil {
		return func() {}, nil
	}
	v := limiter.Take(r.Context(), sender, rate, units)
	w.Header().Set("RateLimit-Policy", `"units";q=`+strconv.Itoa(rate.Burst)+";w="+strconv.Itoa(int(math.Ceil(float64(rate.Burst)/rate.PerSecond))))
	if v.OK {
		w.Header().Set("RateLimit", `"units";r=`+strconv.Itoa(v.Left))
		return v.Wait, nil
	}
	seconds := max(1, int(math.Ceil(v.Next.Seconds())))
	w.Header().Set("RateLimit", fmt.Sprintf(`"units";r=0;t=%d`, seconds))
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	return v.Wait, problem.New(http.StatusTooManyRequests, "you may send %g units a second, and %d at once; send the same request again in %d s", rate.PerSecond, rate.Burst, seconds)
}
