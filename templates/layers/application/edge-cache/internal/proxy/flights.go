// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"context"
	"net/http"
	"strings"
	"sync"
)

// flights lets one ask while others wait for the same.
type flights struct {
	mutex    sync.Mutex
	underWay map[string]*flight
}

type flight struct {
	landed chan struct{}
	got    fetched
}

// do runs the question, or waits for the one under way; the second value says whether it was the caller's own.
func (f *flights) do(ctx context.Context, key string, ask func() fetched) (fetched, bool) {
	f.mutex.Lock()
	if other, isUnderWay := f.underWay[key]; isUnderWay {
		f.mutex.Unlock()
		select {
		case <-other.landed:
			return other.got, false
		case <-ctx.Done():
			return fetched{err: ctx.Err()}, false
		}
	}
	mine := &flight{landed: make(chan struct{})}
	f.underWay[key] = mine
	f.mutex.Unlock()
	defer func() {
		f.mutex.Lock()
		delete(f.underWay, key)
		f.mutex.Unlock()
		close(mine.landed)
	}()
	mine.got = ask()
	return mine.got, true
}

func joinedValues(header http.Header, name string) string {
	return strings.Join(header.Values(name), ",")
}
