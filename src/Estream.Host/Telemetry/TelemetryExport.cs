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
/// Sends metrics and the traces of circuits by OTLP as long as the host runs. What cannot be sent is given up: it is in nobody's way, and
/// the log says so.
/// </summary>
internal sealed class TelemetryExport(TelemetrySettings settings, IClock clock, ILoggerFactory loggers) : IHostedService, IDisposable
{
    // What was measured last is to be sent, and a collector that is away must not hold the end up.
    private const int LastSendMs = 3_000;

    // More than come in a second, so that none is lost while a batch is sent.
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

    /// <summary>Sends what is left. Nothing is sent behind it.</summary>
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

        // gRPC names its services itself; over HTTP each kind has an address of its own.
        exporter.Endpoint = settings.IsGrpc ? settings.Endpoint : new Uri($"{settings.Endpoint.AbsoluteUri.TrimEnd('/')}/{path}");
        exporter.Headers = string.Join(',', settings.Headers.Select(header => $"{header.Key}={Uri.EscapeDataString(header.Value)}"));
    }
}
