//go:build unix

package stack

import (
	"fmt"
	"net"
	"os"

	"tidings.dev/emulator/internal/loopback"
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
	tracesPort
	peoplePort
	mailerPort
	unsubscribePort
	smtpPort
	mailboxPort
	insightPort
	bigqueryPort
	beaconPort
	webhooksPort
	storagePort
	portCount
)

// functionPorts are the functions' ports, by FUNCTION_TARGET.
var functionPorts = map[string]int{
	"publish": publishPort, "people": peoplePort, "insight": insightPort, "beacon": beaconPort, "notify": notifyPort, "mirror": mirrorPort, "withdraw": withdrawPort, "due": duePort, "mailer": mailerPort, "unsubscribe": unsubscribePort, "deadletters": deadLettersPort,
	"github": githubPort, "alertmanager": alertmanagerPort, "orders": ordersPort, "webhooks": webhooksPort,
}

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
			p.held[i], err = loopback.Listen(s.opts.PortBase + i)
		} else {
			p.held[i], err = loopback.ListenAnywhere()
		}
		if err != nil {
			p.close()
			return nil, err
		}
		p.addresses[i] = p.held[i].Addr().String()
	}
	return p, nil
}

func (p *ports) host(i int) string { return p.addresses[i] }
func (p *ports) url(i int) string  { return "http://" + p.addresses[i] }

// functionURLs returns where each function that is deployed serves, by its name.
func (p *ports) functionURLs() (map[string]string, error) {
	urls := map[string]string{}
	for _, f := range deployed.Functions {
		port, ok := functionPorts[f.Name]
		if !ok {
			return nil, fmt.Errorf("the function %s has no port; give it one in emulator/stack/ports.go", f.Name)
		}
		urls[f.Name] = p.url(port)
	}
	return urls, nil
}

// release closes a port, so that a child can open it.
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
