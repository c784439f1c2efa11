//go:build unix

package stack

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
)

// The services in the order of their ports. New ones are added at the end: people remember the numbers.
const (
	webPort = iota
	publishPort
	notifyPort
	deadLettersPort
	firestorePort
	pubsubPort
	authPort
	fcmPort
	clockPort
	githubPort
	alertmanagerPort
	ordersPort
	mirrorPort
	eventarcPort
	withdrawPort
	duePort
	portCount
)

// PortCount is how many ports a stack takes, from its first one on.
const PortCount = portCount

// hostVariables are the SDKs' own names for an emulator that runs already.
var hostVariables = map[int]string{
	firestorePort: "FIRESTORE_EMULATOR_HOST",
	pubsubPort:    "PUBSUB_EMULATOR_HOST",
	authPort:      "FIREBASE_AUTH_EMULATOR_HOST",
}

// ports are the stack's addresses, each held open until the service that it is for takes it over, so that two stacks that
// start at once do not choose the same.
type ports struct {
	addresses [portCount]string
	held      [portCount]net.Listener
}

func (s *Stack) reserve() (*ports, error) {
	p := new(ports)
	for i := range portCount {
		if host := os.Getenv(hostVariables[i]); hostVariables[i] != "" && host != "" {
			p.addresses[i] = host // somebody else's
			continue
		}
		var err error
		if s.opts.PortBase != 0 {
			p.held[i], err = listen(s.opts.PortBase + i)
		} else {
			p.held[i], err = listenAnywhere()
		}
		if err != nil {
			p.close()
			return nil, err
		}
		p.addresses[i] = p.held[i].Addr().String()
	}
	return p, nil
}

func listen(port int) (net.Listener, error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("port %d is taken (%w): stop what uses it, or move this stack with -port-base", port, err)
	}
	return l, nil
}

// listenAnywhere takes a free port below those that systems give to outgoing connections: between our closing it and a
// child's opening it, one of these could get it.
func listenAnywhere() (l net.Listener, err error) {
	for range 100 {
		if l, err = listen(12000 + rand.IntN(20000)); err == nil {
			return l, nil
		}
	}
	return nil, err
}

func (p *ports) host(i int) string { return p.addresses[i] }
func (p *ports) url(i int) string  { return "http://" + p.addresses[i] }

// release frees a port for the child that is about to open it.
func (p *ports) release(i int) {
	if p.held[i] != nil {
		p.held[i].Close()
		p.held[i] = nil
	}
}

// take hands over a port that this process serves.
func (p *ports) take(i int) net.Listener {
	l := p.held[i]
	p.held[i] = nil
	return l
}

func (p *ports) close() {
	for i := range portCount {
		p.release(i)
	}
}
