// SPDX-License-Identifier: Apache-2.0

package service

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"edge-cache/internal/proxy"
	"edge-cache/internal/shelf"
)

// metrics implements the proxy's observer and shows the shelf's figures.
type metrics struct {
	registry *prometheus.Registry
	results  *prometheus.CounterVec
	failures prometheus.Counter
	notKept  prometheus.Counter
}

func newMetrics(kept *shelf.Shelf) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		results: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "edge_cache_answers_total", Help: "Requests by where their answer came from.",
		}, []string{"result"}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "edge_cache_origin_failures_total", Help: "Questions that the origin did not answer.",
		}),
		notKept: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "edge_cache_not_kept_total", Help: "Answers that the disk did not take.",
		}),
	}
	m.registry.MustRegister(m.results, m.failures, m.notKept, shelfFigures{kept},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) Answered(result proxy.Result) { m.results.WithLabelValues(string(result)).Inc() }

func (m *metrics) OriginFailed() { m.failures.Inc() }

func (m *metrics) NotKept() { m.notKept.Inc() }

var (
	shelfBytes   = prometheus.NewDesc("edge_cache_bytes", "Bytes on disk.", nil, nil)
	shelfEntries = prometheus.NewDesc("edge_cache_entries", "Answers on disk.", nil, nil)
	shelfEvicted = prometheus.NewDesc("edge_cache_evicted_total", "Answers given up for room.", nil, nil)
	shelfDamaged = prometheus.NewDesc("edge_cache_damaged_total", "Answers that were damaged on disk.", nil, nil)
	shelfPurged  = prometheus.NewDesc("edge_cache_purged_total", "Answers removed by purges.", nil, nil)
)

type shelfFigures struct{ shelf *shelf.Shelf }

func (f shelfFigures) Describe(into chan<- *prometheus.Desc) { prometheus.DescribeByCollect(f, into) }

func (f shelfFigures) Collect(into chan<- prometheus.Metric) {
	now := f.shelf.Stats()
	into <- prometheus.MustNewConstMetric(shelfBytes, prometheus.GaugeValue, float64(now.Bytes))
	into <- prometheus.MustNewConstMetric(shelfEntries, prometheus.GaugeValue, float64(now.Entries))
	into <- prometheus.MustNewConstMetric(shelfEvicted, prometheus.CounterValue, float64(now.Evicted))
	into <- prometheus.MustNewConstMetric(shelfDamaged, prometheus.CounterValue, float64(now.Damaged))
	into <- prometheus.MustNewConstMetric(shelfPurged, prometheus.CounterValue, float64(now.Purged))
}
