// Package loopback opens ports that this machine alone can reach: nothing of the local stack asks for a password.
package loopback

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// Listen opens a port on the loopback interface.
func Listen(port int) (net.Listener, error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("port %d is taken (%w): stop what uses it, or move this stack with -port-base", port, err)
	}
	return l, nil
}

// ListenAnywhere opens a free port below those that systems give to outgoing connections. A child is going to open it after
// we have closed it, and an outgoing connection could get such a port in between.
func ListenAnywhere() (l net.Listener, err error) {
	for range 100 {
		if l, err = Listen(12000 + rand.IntN(20000)); err == nil {
			return l, nil
		}
	}
	return nil, err
}
