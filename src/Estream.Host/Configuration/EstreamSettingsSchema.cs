using System.Globalization;
using Estream.Circuits;
using Estream.Host.Components;
using Estream.Host.Http;
using Estream.Host.Runtime;
using Estream.Marketplace;

namespace Estream.Host.Configuration;

/// <summary>
/// The schema of the section <c>Estream</c>. This tree is the only definition of the accepted keys; docs/guides/operating explains them,
/// and a test compares the two.
/// </summary>
internal static class EstreamSettingsSchema
{
    public const string SectionName = "Estream";

    private const int MinTokenEnvLength = 1;
    private const int MostApprovals = 16;

    private static readonly ObjectSchema s_http = new(
        new Setting("Address", AddressSchema.Instance),
        new Setting("Port", IntegerSchema.Port),
        new Setting("LoopbackRole", new ChoiceSchema("none", "metrics", "viewer", "operator", "developer", "admin")),
        new Setting("TokenFile", TextSchema.Path),
        new Setting("TokenEnv", new TextSchema("the name of an environment variable", 256, t => t.Length >= MinTokenEnvLength)),
        new Setting("TokensFile", TextSchema.Path),
        new Setting("Certificate", TextSchema.Path),
        new Setting("CertificateKey", TextSchema.Path),
        new Setting("AllowPlaintext", BooleanSchema.Instance),
        new Setting("Socket", new TextSchema($"a path of up to {HttpSocket.MaxPathBytes} bytes, or none", HttpSocket.MaxPathBytes)),
        new Setting("Proxies", new ListSchema("network", NetworkSchema.Instance, maxCount: 64)),
        new Setting("MaxConnectionsPerAddress", new IntegerSchema(1, 100_000)),
        new Setting("Management", new ObjectSchema(
            new Setting("Address", AddressSchema.Instance),
            Setting.Required("Port", IntegerSchema.Port))));

    private static readonly TextSchema s_card = new("the address of a card: sim: or vfio:0000:3b:00.0", 63,
        text => text.StartsWith("sim:", StringComparison.Ordinal) || text.StartsWith("vfio:", StringComparison.Ordinal));

    private static readonly RefusedSchema s_target = new(
        "is not a setting of a host: a card holds only copies, and one access over the bus takes longer than an append or a put, so a "
        + "card would not be faster. Remove this key. A card can hash the messages of a witness: set Witness:Card of the queue. A program "
        + "can run operations of circuits on a card: see FpgaTarget.");

    private static readonly ObjectSchema s_witness = new(
        Setting.Required("KeyFile", TextSchema.Path),
        new Setting("EarlierKeys", new ListSchema("path", TextSchema.Path)),
        new Setting("MaxMessages", new IntegerSchema(1, 1 << 24)),
        new Setting("MaxDelayMs", new IntegerSchema(0, 24 * 3_600 * 1_000, "milliseconds")),
        new Setting("Durable", BooleanSchema.Instance),
        new Setting("Card", s_card));

    private static readonly ObjectSchema s_queue = new(
        new Setting(PartitionedSections.Setting, PartitionedSections.Schema),
        new Setting("SegmentBytes", new PowerOfTwoSchema(64 * 1024, 1L << 30)),
        new Setting("RetainedBytes", new IntegerSchema(0, long.MaxValue, "bytes")),
        new Setting("RetainedAge", AgeSchema.Instance),
        new Setting(QueueDurability.Key, new ChoiceSchema([.. QueueDurability.Names])),
        new Setting("UsesReserve", BooleanSchema.Instance),
        new Setting("MemoryBytes", new IntegerSchema(0, long.MaxValue, "bytes")),
        new Setting("KeyFile", TextSchema.Path),
        new Setting("PrivateKeyFile", TextSchema.Path),
        new Setting(SignatureRules.Setting, TextSchema.Path),
        new Setting(CircuitAddresses.Key, LexAddressSchema.Instance),
        new Setting("Region", LexAddressSchema.Instance),
        new Setting("Witness", s_witness),
        new Setting(PartySection.Key, PartySection.Schema),
        new Setting("Target", s_target));

    private static readonly ObjectSchema s_map = new(
        Setting.Required("Queue", TextSchema.Any),
        Setting.Required("Schema", TextSchema.Any),
        Setting.Required("Key", TextSchema.Any),
        new Setting("Target", s_target));

    private static readonly ObjectSchema s_vault = new(
        Setting.Required("Directory", TextSchema.Path),
        Setting.Required("KeyFile", TextSchema.Path));

    private static readonly ObjectSchema s_tenant = new(
        new Setting("Circuits", new ListSchema("path", TextSchema.Path)),
        new Setting("OperationsPerSecond", new IntegerSchema(1, TenantLimits.Most)),
        new Setting("CpuMillis", new IntegerSchema(1, TenantLimits.MostCpuMillis)),
        new Setting("IngressBytesPerSecond", new IntegerSchema(1, TenantLimits.Most, "bytes")),
        new Setting("EgressBytesPerSecond", new IntegerSchema(1, TenantLimits.Most, "bytes")),
        new Setting("StorageBytes", new IntegerSchema(1, TenantLimits.Most, "bytes")));

    private static readonly ObjectSchema s_category = new(Setting.Required("Approvals", new IntegerSchema(1, MostApprovals)));

    private static readonly ObjectSchema s_sight = new(
        new Setting("Level", new ChoiceSchema(Levels.All)),
        new Setting("AlertLevel", new ChoiceSchema(Levels.All)),
        new Setting("TracesPerSecond", new IntegerSchema(1, StreamObservationOptions.MaxTracesPerSecond)),
        new Setting("SampleEvery", new IntegerSchema(1, 1_000_000)));

    private static readonly ObjectSchema s_telemetry = new(
        Setting.Required("Endpoint", EndpointSchema.Instance),
        new Setting("Protocol", new ChoiceSchema("Grpc", "HttpProtobuf")),
        new Setting("HeadersFile", TextSchema.Path),
        new Setting("ServiceName", TextSchema.Any),
        new Setting("Metrics", BooleanSchema.Instance),
        new Setting("Traces", BooleanSchema.Instance),
        new Setting("IntervalMs", new IntegerSchema(1_000, 3_600_000, "milliseconds")));

    private static readonly ObjectSchema s_components = new(
        Setting.Required("Workspace", TextSchema.Path),
        new Setting("Cache", TextSchema.Path),
        new Setting("RevokedFile", TextSchema.Path),
        new Setting("WidgetBytes", new IntegerSchema(0, 1L << 40, "bytes")),
        new Setting(InstalledComponents.IntegrationsKey, new ListSchema("component", ComponentOf("fix-trading-gateway"), maxCount: 16)));

    private static readonly ObjectSchema s_gateway = new(
        Setting.Required("Component", ComponentOf("gateway-lite")),
        new Setting("Standby", BooleanSchema.Instance));

    private static TextSchema ComponentOf(string example) =>
        new($"the name of a component, such as {example}", 128, text => ComponentName.TryParse(text, out _, out _));

    /// <summary>Returns the root schema, with one adapter variant per registered type.</summary>
    public static ObjectSchema Of(IReadOnlyDictionary<string, ObjectSchema> adapterShapes) => new(
        new Setting("Data", TextSchema.Path),
        new Setting("Http", s_http),
        new Setting(ClientSection.Key, ClientSection.Schema),
        new Setting("Storage", new ObjectSchema(
            new Setting("MinFreeBytes", new IntegerSchema(0, long.MaxValue, "bytes")),
            new Setting("GroupReaders", BooleanSchema.Instance))),
        new Setting("Retention", new ObjectSchema(new Setting("MaxHoldSeconds", new IntegerSchema(1, 30 * 24 * 3_600, "seconds")))),
        new Setting("History", new ObjectSchema(
            new Setting("Enabled", BooleanSchema.Instance),
            new Setting("MaxSeries", new IntegerSchema(1, HistoryPlan.MostSeries)))),
        new Setting(AlertSection.Key, AlertSection.Schema),
        new Setting("Schemas", new ListSchema("path", TextSchema.Path)),
        new Setting("Privacy",
            new ObjectSchema(new Setting("Keys", TextSchema.Path), new Setting("CircuitKeys", TextSchema.Path),
                new Setting("Vault", s_vault))),
        new Setting("Queues", new NamedObjectsSchema("queue", s_queue)),
        new Setting("Maps", new NamedObjectsSchema("map", s_map)),
        new Setting(MulticastSections.Key, MulticastSections.Schema),
        new Setting(ReplicaSections.Key, ReplicaSections.Schema),
        new Setting(ReplicationSection.Key, ReplicationSection.Schema),
        new Setting("Pipelines", new ListSchema("path", TextSchema.Path)),
        new Setting("Circuits", new ListSchema("path", TextSchema.Path)),
        new Setting("Approvers", new ListSchema("path", TextSchema.Path)),
        new Setting("Governance", new NamedObjectsSchema("governance category", s_category)),
        new Setting("Tenants", new NamedObjectsSchema("tenant", s_tenant)),
        new Setting("Cards", new ListSchema("card", s_card, maxCount: 16)),
        new Setting("StreamSight", s_sight),
        new Setting("OpenTelemetry", s_telemetry),
        new Setting("Components", s_components),
        new Setting("Gateway", s_gateway),
        new Setting(MarketplaceSection.Key, MarketplaceSection.Schema),
        new Setting("Adapters", new NamedObjectsSchema("adapter", new AdapterSettingSchema(new VariantSchema(adapterShapes)))));
}

/// <summary>The address of a stream.</summary>
internal sealed class LexAddressSchema : ScalarSchema
{
    public static LexAddressSchema Instance { get; } = new();

    public override string Expectation => "an address such as lex://acme/boilers/telemetry";

    protected override bool Accepts(string text) => LexAddress.TryParse(text, out _, out _);

    protected override string Hint(string text) => LexAddress.TryParse(text, out _, out string? reason) ? "" : $" Here {reason}.";
}

/// <summary>A size in bytes that must be a power of two.</summary>
internal sealed class PowerOfTwoSchema(long minimum, long maximum) : ScalarSchema
{
    public override string Expectation =>
        string.Create(CultureInfo.InvariantCulture, $"a power of two from {minimum} to {maximum}, in bytes");

    protected override bool Accepts(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value)
        && value >= minimum && value <= maximum && long.IsPow2(value);
}
