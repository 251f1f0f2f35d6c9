using Estream.Circuits;
using Estream.Core;
using Estream.Host.Configuration;
using Estream.Host.Metrics;
using Estream.Host.Runtime;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Estream.Host.Telemetry;

/// <summary>
/// Exports metrics and circuit traces by OTLP while the host runs. Data that cannot be sent is dropped and logged, and does not affect the
/// host.
/// </summary>
internal sealed class TelemetryExport(TelemetrySettings settings, IClock clock, ILoggerFactory loggers) : IHostedService, IDisposable
{
    // Time to send the last data; an unreachable collector must not delay the shutdown.
    private const int LastSendMs = 3_000;

    // More spans than arrive in a second, so none is lost while a batch is sent.
    private const int WaitingSpans = 1 << 15;

    private const string EverySource = MetricRegistry.MeterPrefix + "*";

    private readonly ExporterWatch _watch = new(settings.Endpoint, clock, loggers.CreateLogger("Estream.Host.Telemetry"));
    private MeterProvider? _metrics;
    private TracerProvider? _traces;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        ResourceBuilder resource = ResourceBuilder.CreateDefault().AddService(settings.ServiceName, serviceVersion: HostVersion.Text);
        if (settings.HasMetrics)
        {
            _metrics = Sdk.CreateMeterProviderBuilder()
                .SetResourceBuilder(resource)
                .AddMeter(EverySource)
                .AddOtlpExporter((exporter, reader) =>
                {
                    Configure(exporter, "v1/metrics");
                    reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)settings.Interval.TotalMilliseconds;
                })
                .Build();
        }

        if (settings.HasTraces)
        {
            _traces = Sdk.CreateTracerProviderBuilder()
                .SetResourceBuilder(resource)
                .AddSource(StreamObservation.ActivitySourceName)
                .AddOtlpExporter(exporter =>
                {
                    Configure(exporter, "v1/traces");
                    exporter.BatchExportProcessorOptions.MaxQueueSize = WaitingSpans;
                })
                .Build();
        }

        return Task.CompletedTask;
    }

    /// <summary>Sends the remaining data and stops the export.</summary>
    public Task StopAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Task.Run(() => _traces?.Shutdown(LastSendMs), CancellationToken.None),
            Task.Run(() => _metrics?.Shutdown(LastSendMs), CancellationToken.None));

    public void Dispose()
    {
        _traces?.Dispose();
        _metrics?.Dispose();
        _watch.Dispose();
    }

    private void Configure(OtlpExporterOptions exporter, string path)
    {
        exporter.Protocol = settings.IsGrpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;

        // gRPC addresses its services itself; over HTTP each signal has its own URL.
        exporter.Endpoint = settings.IsGrpc ? settings.Endpoint : new Uri($"{settings.Endpoint.AbsoluteUri.TrimEnd('/')}/{path}");
        exporter.Headers = string.Join(',', settings.Headers.Select(header => $"{header.Key}={Uri.EscapeDataString(header.Value)}"));
    }
}
