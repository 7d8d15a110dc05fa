// SPDX-License-Identifier: Apache-2.0

// Package web is what every HTTP server of ours does the same.
package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Measure counts and times what the handler answers, by the names that alerts, dashboards and canaries read. Methods are
// known words, because clients choose their text.
func Measure(registry prometheus.Registerer, handler http.Handler) http.Handler {
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "http_requests_total", Help: "Requests answered.",
	}, []string{"method", "status"})
	durations := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "http_request_duration_seconds", Help: "Time to answer.", Buckets: prometheus.DefBuckets,
	})
	registry.MustRegister(requests, durations)
	return http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		began := time.Now()
		recorder := &statusRecorder{ResponseWriter: response, status: http.StatusOK}
		handler.ServeHTTP(recorder, request)
		method := "other"
		switch request.Method {
		case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
			method = request.Method
		}
		requests.WithLabelValues(method, strconv.Itoa(recorder.status)).Inc()
		durations.Observe(time.Since(began).Seconds())
	})
}

type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (r *statusRecorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets handlers stream and upgrade connections.
func (r *statusRecorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
