package fcm

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// beat is how often a stream without pushes sends a comment, so that both sides notice a dead connection.
const beat = 15 * time.Second

// stream passes on the web pushes to one target, as server-sent events in the form in which FCM reaches a service worker. It
// stands in for the browser's push service: what came while nobody listened is sent first, and every listener gets
// everything. It sends withdrawals, too, and collapses nothing: the client has to be able to do that anyway.
func (s *Server) stream(w http.ResponseWriter, r *http.Request) {
	target := r.URL.Query().Get("target")
	if target == "" {
		http.Error(w, "target: expected a token or FID", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	next := -1
	for {
		batch, end, more := s.waiting(target, next)
		for _, payload := range batch {
			if _, err := fmt.Fprintf(w, "data: %s\n\n", payload); err != nil {
				return
			}
		}
		if len(batch) == 0 {
			if _, err := fmt.Fprint(w, ": nothing\n\n"); err != nil {
				return
			}
		}
		next = s.handed(target, end) // before the listener sees it: another one that comes then would get it again
		if out.Flush() != nil {
			return
		}
		select {
		case <-more:
		case <-time.After(beat):
		case <-r.Context().Done():
			return
		}
	}
}

// waiting returns the pushes to a target from the attempt of that number on, or from where the last listener was if it is
// negative; the number to go on from; and a channel that is closed when there may be more.
func (s *Server) waiting(target string, from int) (payloads [][]byte, end int, more <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if from < 0 {
		from = s.listened[target]
	}
	for _, a := range s.attempts[max(from-s.forgotten, 0):] {
		if a.Target == target && a.Name != "" {
			payloads = append(payloads, webPayload(a))
		}
	}
	if s.more == nil {
		s.more = make(chan struct{})
	}
	return payloads, s.forgotten + len(s.attempts), s.more
}

// handed notes that a listener has everything up to there.
func (s *Server) handed(target string, end int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listened[target] = max(s.listened[target], end)
	return end
}

// webPayload is what a service worker gets of a message.
func webPayload(a Attempt) []byte {
	var m struct {
		Data map[string]string `json:"data"`
	}
	_ = json.Unmarshal(a.Message, &m) // it was taken, so it is a message
	payload, _ := json.Marshal(map[string]any{
		"from": "0", "fcmMessageId": a.Name[strings.LastIndexByte(a.Name, '/')+1:], "data": m.Data,
	})
	return payload
}
