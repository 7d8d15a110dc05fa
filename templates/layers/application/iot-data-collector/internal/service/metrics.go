// SPDX-License-Identifier: Apache-2.0

package service

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"iot-data-collector/internal/store"
)

// metrics implements the observers of intake and uplink, and shows the store's own figures.
type metrics struct {
	registry  *prometheus.Registry
	messages  prometheus.Counter
	payload   prometheus.Counter
	refused   *prometheus.CounterVec
	waits     prometheus.Counter
	connected prometheus.Gauge
	sent      prometheus.Counter
	failures  prometheus.Counter
	setAside  prometheus.Counter
	durations prometheus.Histogram
}

func newMetrics(from *store.Store) *metrics {
	m := &metrics{
		registry:  prometheus.NewRegistry(),
		messages:  counter("collector_messages_stored_total", "Messages that were stored."),
		payload:   counter("collector_payload_bytes_total", "Bytes of payload in stored messages."),
		waits:     counter("collector_store_waits_total", "Times the store took nothing and the broker held messages back."),
		sent:      counter("collector_records_sent_total", "Records that the cloud accepted."),
		failures:  counter("collector_uplink_failures_total", "Batches that did not reach the cloud and are sent again."),
		setAside:  counter("collector_records_set_aside_total", "Records that the cloud refused for what they are."),
		connected: prometheus.NewGauge(prometheus.GaugeOpts{Name: "collector_broker_connected", Help: "1 while the broker delivers messages."}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "collector_messages_refused_total", Help: "Messages that were not stored, by reason.",
		}, []string{"reason"}),
		durations: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "collector_uplink_duration_seconds",
			Help:    "How long the cloud took to accept a batch.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}),
	}
	m.registry.MustRegister(m.messages, m.payload, m.refused, m.waits, m.connected, m.sent, m.failures, m.setAside, m.durations,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), storeFigures{from})
	return m
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
}

func (m *metrics) Stored(messages, payloadBytes int) {
	m.messages.Add(float64(messages))
	m.payload.Add(float64(payloadBytes))
}

func (m *metrics) Refused(reason string) { m.refused.WithLabelValues(reason).Inc() }

func (m *metrics) Waiting(error) { m.waits.Inc() }

func (m *metrics) Connected(isConnected bool) {
	if isConnected {
		m.connected.Set(1)
		return
	}
	m.connected.Set(0)
}

func (m *metrics) Sent(records int, duration time.Duration) {
	m.sent.Add(float64(records))
	m.durations.Observe(duration.Seconds())
}

func (m *metrics) Failed(string) { m.failures.Inc() }

func (m *metrics) SetAside(string) { m.setAside.Inc() }

var (
	storeBytes      = description("collector_store_bytes", "Bytes that the store takes.")
	storePending    = description("collector_store_pending_records", "Records that wait for the cloud.")
	storeOldest     = description("collector_store_oldest_timestamp_seconds", "When the oldest waiting record was received; 0 when none waits.")
	storeDuplicates = description("collector_store_duplicates_total", "Messages that were stored already.")
	storeDropped    = description("collector_store_dropped_records_total", "Records given up because the store was full.")
	storeDamaged    = description("collector_store_damaged_bytes_total", "Bytes that could not be read back.")
	storeRecovered  = description("collector_store_cut_off_bytes_total", "Bytes of half written records cut off at the start.")
)

func description(name, help string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, nil, nil)
}

type storeFigures struct{ store *store.Store }

func (f storeFigures) Describe(descriptions chan<- *prometheus.Desc) {
	prometheus.DescribeByCollect(f, descriptions)
}

func (f storeFigures) Collect(into chan<- prometheus.Metric) {
	now := f.store.Stats()
	oldest := 0.0
	if !now.Oldest.IsZero() {
		oldest = float64(now.Oldest.UnixMilli()) / 1000
	}
	into <- prometheus.MustNewConstMetric(storeBytes, prometheus.GaugeValue, float64(now.Bytes))
	into <- prometheus.MustNewConstMetric(storePending, prometheus.GaugeValue, float64(now.Pending))
	into <- prometheus.MustNewConstMetric(storeOldest, prometheus.GaugeValue, oldest)
	into <- prometheus.MustNewConstMetric(storeDuplicates, prometheus.CounterValue, float64(now.Duplicates))
	into <- prometheus.MustNewConstMetric(storeDropped, prometheus.CounterValue, float64(now.Dropped))
	into <- prometheus.MustNewConstMetric(storeDamaged, prometheus.CounterValue, float64(now.DamagedBytes))
	into <- prometheus.MustNewConstMetric(storeRecovered, prometheus.CounterValue, float64(now.RecoveredBytes))
}
