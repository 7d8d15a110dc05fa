// SPDX-License-Identifier: Apache-2.0

// Package uplink brings stored records to the cloud.
//
// Batches go one after the other and in order. A batch is sent until the cloud accepts it, always with the same records
// and the same Idempotency-Key, so a cloud that remembers keys sees every record once. Records that the cloud refuses
// for what they are do not stand in the way of others: the batch is halved until the refused record is alone, which is
// then set aside in a file.
package uplink

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"iot-data-collector/internal/store"
)

const (
	firstPause        = time.Second
	longestPause      = time.Minute
	maximumRetryAfter = 10 * time.Minute
)

// Options of the way to the cloud.
type Options struct {
	// URL receives the batches by POST.
	URL string
	// TokenFile holds the bearer token; empty for none.
	TokenFile string
	// Timeout of one request.
	Timeout time.Duration
	Limit   store.Limit
	// Linger is how long a batch that is not full waits for more records.
	Linger time.Duration
	// AsideFile takes refused records.
	AsideFile string
}

// Observer is told how batches fare.
type Observer interface {
	Sent(records int, duration time.Duration)
	Failed(reason string)
	SetAside(reason string)
}

// Forwarder sends from one store to one cloud.
type Forwarder struct {
	options  Options
	store    *store.Store
	client   *http.Client
	observer Observer
	log      *slog.Logger
	stopping chan struct{}
}

// New prepares a forwarder; the transport is http.DefaultTransport outside tests.
func New(options Options, from *store.Store, transport http.RoundTripper, observer Observer, log *slog.Logger) *Forwarder {
	client := &http.Client{
		Transport: transport,
		// A redirected POST would lose its body or its token.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &Forwarder{
		options: options, store: from, client: client, observer: observer, log: log, stopping: make(chan struct{}),
	}
}

// Stop lets a batch that is under way come to its end and begins no other; call it once.
func (f *Forwarder) Stop() { close(f.stopping) }

func (f *Forwarder) isStopping() bool {
	select {
	case <-f.stopping:
		return true
	default:
		return false
	}
}

// Run forwards until Stop, or until the context ends; a batch that is under way then stays in flight.
func (f *Forwarder) Run(ctx context.Context) {
	failures := 0
	for ctx.Err() == nil && !f.isStopping() {
		sent, err := f.forward(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			wait := pauseAfter(failures, err)
			failures++
			f.observer.Failed(err.Error())
			f.log.Warn("The cloud has not got the batch", "error", err, "failures", failures, "nextAttemptIn", wait.String())
			f.pause(ctx, wait)
		case sent:
			failures = 0
		default:
			f.awaitRecords(ctx)
		}
	}
}

// delayed is a failure after which the cloud asked to wait.
type delayed struct {
	reason string
	wait   time.Duration
}

func (d delayed) Error() string { return d.reason }

// forward sends one batch and says whether there was one.
func (f *Forwarder) forward(ctx context.Context) (bool, error) {
	batch, err := f.store.Next(f.options.Limit)
	if err != nil || len(batch.Records) == 0 {
		return false, err
	}
	began := time.Now()
	answer := f.send(ctx, batch)
	switch answer.verdict {
	case accepted:
		if err := f.store.Acknowledge(batch); err != nil {
			return false, err
		}
		f.observer.Sent(len(batch.Records), time.Since(began))
		f.log.Debug("The cloud has the batch", "key", batch.Key, "records", len(batch.Records))
		return true, nil
	case never:
		return f.narrow(batch, answer.reason)
	default:
		return false, delayed{reason: answer.reason, wait: answer.wait}
	}
}

// narrow halves a refused batch, or sets its only record aside.
func (f *Forwarder) narrow(batch store.Batch, reason string) (bool, error) {
	err := f.store.Split(batch)
	if err == nil {
		return true, nil
	}
	if !errors.Is(err, store.ErrSingle) {
		return false, err
	}
	if err := setAside(f.options.AsideFile, LineOf(batch.Records[0]), reason); err != nil {
		return false, err
	}
	f.observer.SetAside(reason)
	f.log.Error("The cloud refuses a record; it is set aside", "reason", reason,
		"sequence", batch.Records[0].Sequence, "topic", batch.Records[0].Topic, "file", f.options.AsideFile)
	return true, f.store.Acknowledge(batch)
}

// awaitRecords returns when records came in and had the time to become a batch.
func (f *Forwarder) awaitRecords(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-f.stopping:
	case <-f.store.Arrived():
		f.pause(ctx, f.options.Linger)
	}
}

// pauseAfter doubles with each failure up to a minute; half of it is left to chance, so that a fleet of collectors does
// not come back all at once.
func pauseAfter(failures int, err error) time.Duration {
	longest := min(firstPause<<min(failures, 10), longestPause)
	wait := longest/2 + rand.N(longest/2)
	var asked delayed
	if errors.As(err, &asked) && asked.wait > wait {
		// Again with some chance on top, for the same reason.
		return asked.wait + rand.N(firstPause)
	}
	return wait
}

func (f *Forwarder) pause(ctx context.Context, duration time.Duration) {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-f.stopping:
	case <-timer.C:
	}
}
