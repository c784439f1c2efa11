package stack

import (
	"context"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// OpenFirestore connects to a stack's Firestore, or to a tap before it, with the rights of an administrator: security rules do not apply.
func OpenFirestore(ctx context.Context, host string) (*firestore.Client, error) {
	conn, err := grpc.NewClient(host, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithPerRPCCredentials(owner{}))
	if err != nil {
		return nil, err
	}
	return firestore.NewClient(ctx, Project, option.WithGRPCConn(conn))
}

// owner is the emulator's administrator.
type owner struct{}

func (owner) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer owner"}, nil
}
func (owner) RequireTransportSecurity() bool { return false }
