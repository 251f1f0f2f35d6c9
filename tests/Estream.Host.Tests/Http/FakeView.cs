using System.Text;
using System.Text.Json;
using Estream.Circuits;
using Estream.Core;
using Estream.Esf;
using Estream.Host.Http;
using Estream.Host.Remote;
using Estream.Host.Runtime;
using Estream.Wire;

namespace Estream.Host.Tests.Http;

/// <summary>A host with one queue, one map and a health that the test sets.</summary>
internal sealed class FakeView : IHostView, IQueueView, IMapView
{
    public HealthReport Health { get; set; } = new("ready", [new AdapterHealth("devices", "mqtt-endpoint", "healthy", "listening")]);

    public Overview Overview { get; set; } =
        new("1.2.3", DateTimeOffset.UnixEpoch, 1.5, [], [new QueueOverview("telemetry", 1, 2, 3, 4.5, "PageCache")], [], [], [], [], []);

    public Exception? Failure { get; set; }

    public QueueDetail? Describe(string queue) => QueueList.Find(Overview.Queues, queue) is { } row
        ? new QueueDetail(row) { FirstSequence = 3, NextSequence = 4, Retention = new QueueRetention(5, 6.5, ["map-latest"], 7) }
        : null;

    public QueueAccess Access { get; init; } = new([], [], [], []);

    public IQueueView? Queue(string name) => name == "telemetry" ? this : null;

    /// <summary>The view that proves messages of the queue.</summary>
    public IWitnessView? Witnessed { get; set; }

    public IWitnessView? Witness(string queue) => queue == "telemetry" ? Witnessed : null;

    public HistoryRecorder? History { get; init; }

    public AlertRuntime? Alerts { get; init; }

    public IQueueView? Audit => this;

    public IMapView? Map(string name) => name == "latest" ? this : null;

    public LexDirectory Streams { get; } = new();

    public RunningCircuit? Circuit(string name) => null;

    public IAdapterView? Adapter(string name) => name == "front" ? Front : null;

    /// <summary>The adapter <c>front</c>.</summary>
    public FakeAdapter Front { get; } = new();

    public IReadOnlyList<DeviceStatus>? Devices(string adapter) => adapter == "plant"
        ? [
            new DeviceStatus("plc", "10.0.0.5:502", HealthStatus.Healthy("The device answers."), 7, 1, 1_700_000_000_123_456_789)
            {
                JitterMicros = 250,
            },
            new DeviceStatus("rtu", "/dev/ttyS0", HealthStatus.Unhealthy("The device is not connected yet."), 0, 0, 0),
        ]
        : null;

    public IReadOnlyList<WaitingPayment>? WaitingPayments(string adapter, int max) => adapter == "bank"
        ? [.. new[]
        {
            new WaitingPayment("M-1", 0, "E-1", true, "PDNG", 1_700_000_000_123_456_789, 1_700_000_060_123_456_789),
            new WaitingPayment("M-1", 1, null, false, null, 1_700_000_000_123_456_789, 1_700_000_060_123_456_789),
        }.Take(max)]
        : null;

    public ComponentDetail? Component(string adapter) => adapter == "doors"
        ? new ComponentDetail("doors", "@acme/doors", "1.0.0", new string('a', 64), ["queue:append.telemetry"])
        : null;

    public void WriteLast(int count, MessagePatterns patterns, Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        writer.WriteNumberValue(count);
        foreach (EsfAddressPattern pattern in new[] { patterns.Lattice, patterns.Path }.OfType<EsfAddressPattern>())
        {
            writer.WriteStringValue(pattern.ToString());
        }

        if (Failure is not null)
        {
            throw Failure;
        }

        writer.WriteEndArray();
    }

    public MessageSearch Search(SearchTerms terms) => throw new NotSupportedException();

    public EsfMessageFilter? FilterOf(MessagePatterns patterns) => null;

    public bool TryWriteOne(long sequence, Utf8JsonWriter writer) => false;

    /// <summary>The task that <see cref="WriteEntriesAsync"/> waits for.</summary>
    public Task Listing { get; set; } = Task.CompletedTask;

    public IReadOnlyCollection<string> MapNames => ["latest"];

    public MapTraits Traits { get; } = new("client", "", "", "", null);

    public long Count => 3;

    public KeyValueMap? Writable => null;

    public string WhyNoHistory => "";

    MessageSearch? IMapView.History(byte[] key, int limit) => null;

    public T Change<T>(Func<T> change) => change();

    public async Task WriteEntriesAsync(MapPageRequest request, Utf8JsonWriter writer, CancellationToken cancellation)
    {
        await Listing;
        writer.WriteStartObject();
        writer.WriteString("prefix", request.Prefix.Span);
        writer.WriteNumber("limit", request.Limit);
        writer.WriteEndObject();
    }

    public bool TryWriteEntry(ReadOnlySpan<byte> key, Utf8JsonWriter writer)
    {
        if (!key.StartsWith("pump"u8))
        {
            return false;
        }

        writer.WriteStringValue(Encoding.UTF8.GetString(key));
        return true;
    }
}
