using System.Globalization;
using Estream.Circuits;
using Estream.Host.Http;

namespace Estream.Host.Configuration;

/// <summary>
/// The whole accepted document below <c>Estream</c>. This tree is the one place that says which keys exist;
/// docs/guides/operating.md explains them and a test compares the two.
/// </summary>
internal static class EstreamShape
{
    public const string SectionName = "Estream";

    private const int MinTokenEnvLength = 1;

    private static readonly ObjectShape s_http = new(
        new Setting("Address", AddressShape.Instance),
        new Setting("Port", IntegerShape.Port),
        new Setting("TokenFile", TextShape.Path),
        new Setting("TokenEnv", new TextShape("the name of an environment variable", 256, t => t.Length >= MinTokenEnvLength)));

    private static readonly ObjectShape s_witness = new(
        Setting.Required("KeyFile", TextShape.Path),
        new Setting("EarlierKeys", new ListShape("path", TextShape.Path)),
        new Setting("MaxMessages", new IntegerShape(1, 1 << 24)),
        new Setting("MaxDelayMs", new IntegerShape(0, 24 * 3_600 * 1_000, "milliseconds")),
        new Setting("Durable", BooleanShape.Instance));

    private static readonly ObjectShape s_queue = new(
        new Setting("SegmentBytes", new PowerOfTwoShape(64 * 1024, 1L << 30)),
        new Setting("RetainedBytes", new IntegerShape(0, long.MaxValue, "bytes")),
        new Setting("RetainedAge", AgeShape.Instance),
        new Setting("MemoryBytes", new IntegerShape(0, long.MaxValue, "bytes")),
        new Setting("KeyFile", TextShape.Path),
        new Setting(CircuitAddresses.Key, LexShape.Instance),
        new Setting("Witness", s_witness));

    private static readonly ObjectShape s_map = new(
        Setting.Required("Queue", TextShape.Any),
        Setting.Required("Schema", TextShape.Any),
        Setting.Required("Key", TextShape.Any));

    private static readonly ObjectShape s_vault = new(
        Setting.Required("Directory", TextShape.Path),
        Setting.Required("KeyFile", TextShape.Path));

    private static readonly ObjectShape s_tenant = new(
        new Setting("Circuits", new ListShape("path", TextShape.Path)),
        new Setting("OperationsPerSecond", new IntegerShape(1, TenantLimits.Most)),
        new Setting("CpuMillis", new IntegerShape(1, TenantLimits.MostCpuMillis)),
        new Setting("IngressBytesPerSecond", new IntegerShape(1, TenantLimits.Most, "bytes")),
        new Setting("EgressBytesPerSecond", new IntegerShape(1, TenantLimits.Most, "bytes")),
        new Setting("StorageBytes", new IntegerShape(1, TenantLimits.Most, "bytes")));

    private static readonly TextShape s_card = new("the address of a card: sim: or vfio:0000:3b:00.0", 63,
        text => text.StartsWith("sim:", StringComparison.Ordinal) || text.StartsWith("vfio:", StringComparison.Ordinal));

    private static readonly ObjectShape s_sight = new(
        new Setting("Level", new ChoiceShape(Levels.All)),
        new Setting("AlertLevel", new ChoiceShape(Levels.All)),
        new Setting("TracesPerSecond", new IntegerShape(1, StreamSightOptions.MaxTracesPerSecond)),
        new Setting("SampleEvery", new IntegerShape(1, 1_000_000)));

    private static readonly ObjectShape s_telemetry = new(
        Setting.Required("Endpoint", EndpointShape.Instance),
        new Setting("Protocol", new ChoiceShape("Grpc", "HttpProtobuf")),
        new Setting("HeadersFile", TextShape.Path),
        new Setting("ServiceName", TextShape.Any),
        new Setting("Metrics", BooleanShape.Instance),
        new Setting("Traces", BooleanShape.Instance),
        new Setting("IntervalMs", new IntegerShape(1_000, 3_600_000, "milliseconds")));

    private static readonly ObjectShape s_components = new(
        Setting.Required("Workspace", TextShape.Path),
        new Setting("Cache", TextShape.Path));

    /// <summary>The root shape, with one variant of an adapter per registered type.</summary>
    public static ObjectShape Of(IReadOnlyDictionary<string, ObjectShape> adapterShapes) => new(
        new Setting("Data", TextShape.Path),
        new Setting("Http", s_http),
        new Setting("Schemas", new ListShape("path", TextShape.Path)),
        new Setting("Privacy",
            new ObjectShape(new Setting("Keys", TextShape.Path), new Setting("CircuitKeys", TextShape.Path),
                new Setting("Vault", s_vault))),
        new Setting("Queues", new NamedShape("queue", s_queue)),
        new Setting("Maps", new NamedShape("map", s_map)),
        new Setting("Pipelines", new ListShape("path", TextShape.Path)),
        new Setting("Circuits", new ListShape("path", TextShape.Path)),
        new Setting("Approvers", new ListShape("path", TextShape.Path)),
        new Setting("Tenants", new NamedShape("tenant", s_tenant)),
        new Setting("Cards", new ListShape("card", s_card, maxCount: 16)),
        new Setting("StreamSight", s_sight),
        new Setting("OpenTelemetry", s_telemetry),
        new Setting("Components", s_components),
        new Setting("Adapters", new NamedShape("adapter", new AdapterShape(new VariantShape(adapterShapes)))));
}

/// <summary>The address of a stream.</summary>
internal sealed class LexShape : ScalarShape
{
    public static LexShape Instance { get; } = new();

    public override string Expectation => "an address such as lex://acme/boilers/telemetry";

    protected override bool Accepts(string text) => LexAddress.TryParse(text, out _, out _);

    protected override string Hint(string text) => LexAddress.TryParse(text, out _, out string? reason) ? "" : $" Here {reason}.";
}

/// <summary>A size in bytes that has to be a power of two.</summary>
internal sealed class PowerOfTwoShape(long minimum, long maximum) : ScalarShape
{
    public override string Expectation =>
        string.Create(CultureInfo.InvariantCulture, $"a power of two from {minimum} to {maximum}, in bytes");

    protected override bool Accepts(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value)
        && value >= minimum && value <= maximum && long.IsPow2(value);
}
