using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Estream.Circuits;
using Estream.Core;
using Estream.Host.Configuration;
using Estream.Host.Telemetry;
using Estream.Host.Tests.Process;
using Estream.Testing;
using Microsoft.Extensions.Logging;

namespace Estream.Host.Tests.Telemetry;

/// <summary>Goal: metrics and traces reach any OTLP receiver.</summary>
[Collection(ProcessCollection.Name)]
public sealed class TelemetryExportTests
{
    private const string GrpcTraces = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    private const string GrpcMetrics = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";

    [PeerTheory("protoc", "protobuf-compiler")]
    [InlineData(true, GrpcTraces, GrpcMetrics)]
    [InlineData(false, "/base/v1/traces", "/base/v1/metrics")]
    public async Task The_last_metrics_and_traces_are_sent_at_the_end(bool isGrpc, string traces, string metrics)
    {
        await using OtlpEndpoint endpoint = await OtlpEndpoint.StartAsync(isGrpc);
        using Meter meter = new("Estream.Test.Export");
        using ActivitySource source = new(StreamObservation.ActivitySourceName);

        // A stop waits three seconds for the collector. On a slow machine, the first export of the process can take longer.
        await Eventually.TrueAsync(async () =>
        {
            using TelemetryExport export = new(Settings(isGrpc ? endpoint.Address : new Uri(endpoint.Address, "base/"), isGrpc),
                SystemClock.Instance, new LoggerFactory());
            await export.StartAsync(CancellationToken.None);
            meter.CreateCounter<long>("estream.test.exported").Add(3);
            source.StartActivity("process something")!.Dispose();
            await export.StopAsync(CancellationToken.None);
            return endpoint.Received(traces).Contains("\"process something\"", StringComparison.Ordinal)
                && endpoint.Received(metrics).Contains("\"estream.test.exported\"", StringComparison.Ordinal);
        }, "a stop sends the last metrics and traces");

        string[] both = [endpoint.Received(traces), endpoint.Received(metrics)];
        Assert.All(both, sent =>
        {
            Assert.Contains("authorization: Bearer a=b c%20d", sent, StringComparison.Ordinal);
            Assert.Contains("\"service.name\"", sent, StringComparison.Ordinal);
            Assert.Contains("\"plant 7\"", sent, StringComparison.Ordinal);
        });
        Assert.Contains("\"process something\"", both[0], StringComparison.Ordinal);
        Assert.Contains("\"estream.test.exported\"", both[1], StringComparison.Ordinal);
    }

    [PeerTheory("protoc", "protobuf-compiler")]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Disabled_signals_are_not_sent(bool hasMetrics, bool hasTraces)
    {
        await using OtlpEndpoint endpoint = await OtlpEndpoint.StartAsync(isGrpc: true);
        using Meter meter = new("Estream.Test.Export");
        using ActivitySource source = new(StreamObservation.ActivitySourceName);
        await Eventually.TrueAsync(async () =>
        {
            using TelemetryExport export = new(
                Settings(endpoint.Address, isGrpc: true) with { HasMetrics = hasMetrics, HasTraces = hasTraces }, SystemClock.Instance,
                new LoggerFactory());
            await export.StartAsync(CancellationToken.None);
            meter.CreateCounter<long>("estream.test.exported").Add(3);
            source.StartActivity("process something")?.Dispose();
            await export.StopAsync(CancellationToken.None);
            return endpoint.Received(hasMetrics ? GrpcMetrics : GrpcTraces).Length > 0;
        }, "a stop sends the enabled signal");
        Assert.Equal((hasMetrics, hasTraces), (endpoint.Received(GrpcMetrics).Length > 0, endpoint.Received(GrpcTraces).Length > 0));
    }

    [Fact]
    public async Task An_unavailable_collector_is_logged_once_and_blocks_nothing()
    {
        List<string> log = [];
        using ILoggerFactory loggers = LoggerFactory.Create(builder => builder.AddProvider(new ListLog(log)));
        using ActivitySource source = new(StreamObservation.ActivitySourceName);
        using (TelemetryExport export =
            new(Settings(new Uri($"http://127.0.0.1:{FreePort.Next()}"), isGrpc: false), SystemClock.Instance, loggers))
        {
            await export.StartAsync(CancellationToken.None);
            source.StartActivity("process something")!.Dispose();
            await export.StopAsync(CancellationToken.None);
            Eventually.True(
                () =>
                {
                    lock (log)
                    {
                        return log.Count > 0;
                    }
                },
                "the failure is logged");
        }

        string told = Assert.Single(log);
        Assert.StartsWith("Metrics or traces could not be sent to http://127.0.0.1:", told, StringComparison.Ordinal);
        Assert.DoesNotContain("Bearer", told, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', told);
    }

    [PeerFact("protoc", "protobuf-compiler")]
    public async Task A_host_sends_its_metrics_and_the_traces_of_its_circuits()
    {
        await using OtlpEndpoint endpoint = await OtlpEndpoint.StartAsync(isGrpc: true);
        using HostFiles files = new();
        Configure(files, endpoint.Address);
        using HostProcess host = HostProcess.Start(files.Data, configFile: files.Config,
            environment: new Dictionary<string, string?> { ["OTEL_BSP_SCHEDULE_DELAY"] = "100" }).WaitUntilReady();
        await using (AcknowledgedLoad load = new(host.MqttPort, "d", devices: 2, maxMessages: 20))
        {
            await load.Completion;
        }

        Eventually.True(() => files.Count("copies") == 20, "the circuit has read all messages");
        Eventually.True(() => host.Get("/api/circuits/acme.copies.v1/traces").Contains("\"outcome\":\"taken\"", StringComparison.Ordinal),
            "the traces are shown");

        // The stop waits only three seconds for the collector, so wait for the regular exports.
        Eventually.True(
            () => endpoint.Received(GrpcTraces).Split("\"process telemetry\"").Length - 1 == 20
                && endpoint.Received(GrpcMetrics).Contains("\"estream.circuit.operations\"", StringComparison.Ordinal),
            "the collector has the spans and the metrics");
        ProcessResult end = host.Stop();
        Assert.Equal(0, end.ExitCode);
        Assert.DoesNotContain("secret", end.Output + end.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("could not be sent", end.Output + end.Error, StringComparison.Ordinal);
        string spans = endpoint.Received(GrpcTraces);
        Assert.Contains("authorization: Bearer secret", spans, StringComparison.Ordinal);
        Assert.Contains("\"process telemetry\"", spans, StringComparison.Ordinal);
        Assert.Contains("\"estream.circuit.output\"", spans, StringComparison.Ordinal);
        Assert.Equal(20, spans.Split("\"process telemetry\"").Length - 1);
        string measured = endpoint.Received(GrpcMetrics);
        Assert.Contains("\"estream.circuit.operations\"", measured, StringComparison.Ordinal);
        Assert.Contains("\"estream.queue.messages\"", measured, StringComparison.Ordinal);
    }

    private static TelemetrySettings Settings(Uri endpoint, bool isGrpc) => new(
        endpoint, isGrpc, new Dictionary<string, string> { ["authorization"] = "Bearer a=b c%20d" }, "plant 7", HasMetrics: true,
        HasTraces: true, TimeSpan.FromMinutes(60));

    private static void Configure(HostFiles files, Uri endpoint)
    {
        string folder = Path.GetDirectoryName(files.Config)!, circuit = Path.Combine(folder, "copies.circuit.yaml"),
        headers = Path.Combine(folder, "headers");
        File.WriteAllText(circuit, """
            escir_version: "0.8.0"
            name: acme.copies.v1
            version: "1.0.0"
            inputs: [{ name: telemetry, type: IoTTelemetry }]
            outputs: [{ name: copies, type: IoTTelemetry }]
            compute: [{ id: known, type: filter, when: has(value) }]
            flows: [telemetry -> known -> copies]
            """);
        SecretFiles.Write(headers, "authorization: Bearer secret\n");
        File.WriteAllText(files.Config, File.ReadAllText(files.Config)
            .Replace("\"dead-letters\":", "\"copies\":{\"SegmentBytes\":131072},\"dead-letters\":", StringComparison.Ordinal)
            .Replace(
                "\"Maps\":",
                $"\"Circuits\":[{JsonSerializer.Serialize(circuit)}],"
                + $"\"StreamSight\":{{\"Level\":\"L3\",\"TracesPerSecond\":20000}},"
                + $"\"OpenTelemetry\":{{\"Endpoint\":\"{endpoint}\",\"IntervalMs\":1000,"
                + $"\"HeadersFile\":{JsonSerializer.Serialize(headers)}}},\"Maps\":",
                StringComparison.Ordinal));
    }

    private sealed class ListLog(List<string> log) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            lock (log)
            {
                log.Add(formatter(state, exception));
            }
        }

        public void Dispose()
        {
        }
    }
}
