// SPDX-License-Identifier: Apache-2.0

// Package service puts the collector's parts together.
package service

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"iot-data-collector/internal/intake"
	"iot-data-collector/internal/settings"
	"iot-data-collector/internal/store"
	"iot-data-collector/internal/uplink"
	"iot-data-collector/internal/web"
)

// Run collects until the context ends, then stops in order: no more messages, everything received on the disk, the batch
// under way given the time of grace, the store closed.
func Run(ctx context.Context, with settings.Settings, log *slog.Logger) error {
	kept, err := store.Open(with.DataDirectory, with.Store)
	if err != nil {
		return err
	}
	figures := newMetrics(kept)
	receiving := intake.New(with.Intake, kept, figures, log)
	forwarding := uplink.New(with.Uplink, kept, http.DefaultTransport, figures, log)
	listener, err := net.Listen("tcp", with.Address)
	if err != nil {
		return errors.Join(err, kept.Close())
	}
	server := &http.Server{Handler: routes(receiving, figures), ReadHeaderTimeout: 5 * time.Second}
	log.Info("Started", "address", listener.Addr().String(), "pending", kept.Stats().Pending)

	var servers, senders sync.WaitGroup
	servers.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("Health checks and metrics are not served", "error", err)
		}
	})
	sending, stopSending := context.WithCancel(context.Background())
	senders.Go(func() { forwarding.Run(sending) })

	err = receiving.Run(ctx)
	log.Info("Stopping", "pending", kept.Stats().Pending)
	timer := time.AfterFunc(with.Grace, stopSending)
	forwarding.Stop()
	senders.Wait()
	timer.Stop()
	stopSending()
	closing, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err = errors.Join(err, server.Shutdown(closing))
	servers.Wait()
	return errors.Join(err, kept.Close())
}

// routes are GET /livez (the process answers), /healthz (the disk takes messages) and /metrics.
func routes(receiving *intake.Intake, figures *metrics) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(response http.ResponseWriter, _ *http.Request) {
		response.WriteHeader(http.StatusOK)
	})
	// Whether broker and cloud can be reached does not count: being without them is what the collector is for, and
	// metrics tell of it.
	mux.HandleFunc("GET /healthz", func(response http.ResponseWriter, _ *http.Request) {
		if receiving.IsFailing() {
			http.Error(response, "the disk takes no messages", http.StatusServiceUnavailable)
			return
		}
		response.WriteHeader(http.StatusOK)
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(figures.registry, promhttp.HandlerOpts{Registry: figures.registry}))
	return web.Measure(figures.registry, mux)
}
