// SPDX-License-Identifier: Apache-2.0

// Command collector receives messages by MQTT, keeps them on disk and brings them to the cloud. With the argument
// healthcheck it asks the collector that runs beside it how it is, and says so by its exit code.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"iot-data-collector/internal/service"
	"iot-data-collector/internal/settings"
	"iot-data-collector/internal/web"
)

func main() { os.Exit(run(os.Args[1:])) }

func run(arguments []string) int {
	with, err := settings.Read(os.LookupEnv)
	log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: with.LogLevel})).With("service", with.ServiceName)
	if err != nil {
		log.Error("The configuration is not valid", "error", err)
		return 2
	}
	if len(arguments) == 1 && arguments[0] == "healthcheck" {
		return web.Healthcheck(with.Address)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := service.Run(ctx, with, log); err != nil {
		log.Error("Stopped by an error", "error", err)
		return 1
	}
	log.Info("Stopped")
	return 0
}
