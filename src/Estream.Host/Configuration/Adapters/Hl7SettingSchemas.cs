namespace Estream.Host.Configuration;

/// <summary>The accepted keys of the two HL7 adapters. The factories check them again; a test compares the two lists.</summary>
internal static class Hl7SettingSchemas
{
    public const string ListenerType = "hl7-listener";
    public const string ClientType = "hl7-client";

    private static readonly ListSchema s_mappings = new("mapping", new ObjectSchema(
        Setting.Required("Schema", TextSchema.Any),
        Setting.Required("Queue", TextSchema.Any),
        new Setting("Messages", TextSchema.Any)));

    private static readonly ListSchema s_egress = new("egress", new ObjectSchema(
        Setting.Required("Queue", TextSchema.Any),
        Setting.Required("Schema", TextSchema.Any),
        Setting.Required("Keys", TextSchema.Path)));

    private static readonly IntegerSchema s_messageBytes = new(256, 256 * 1024 * 1024, "bytes");

    public static ObjectSchema Listener { get; } = new(
        Setting.Required(VariantSchema.TypeKey, new ChoiceSchema(ListenerType)),
        new Setting("Address", AddressSchema.Instance),
        new Setting("Port", IntegerSchema.Port),
        new Setting("Tls", TlsSettingSchemas.Server),
        new Setting("UnsafeAllowAnyPeer", BooleanSchema.Instance),
        new Setting("MaxConnections", new IntegerSchema(1, 100_000)),
        new Setting("MaxConnectionsPerAddress", new IntegerSchema(0, 100_000)),
        new Setting("MaxBufferedBytes", new IntegerSchema(1024 * 1024, int.MaxValue, "bytes")),
        new Setting("Peers", TlsSettingSchemas.Peers("Messages")),
        new Setting("IdleSeconds", new IntegerSchema(0, 86_400, "seconds")),
        new Setting("MessageSeconds", new IntegerSchema(1, 3_600, "seconds")),
        new Setting("DefaultOffset", TextSchema.Any),
        new Setting("PseudonymKeyFile", TextSchema.Path),
        new Setting("PseudonymKeyEnv", TextSchema.Any),
        new Setting("MaxMessageBytes", s_messageBytes),
        new Setting("MaxSegments", new IntegerSchema(1, 1_000_000)),
        new Setting("MaxFields", new IntegerSchema(100, 50_000_000)),
        Setting.Required("Mappings", s_mappings));

    public static ObjectSchema Client { get; } = new(
        Setting.Required(VariantSchema.TypeKey, new ChoiceSchema(ClientType)),
        Setting.Required("Host", TextSchema.Any),
        new Setting("Port", new IntegerSchema(1, ushort.MaxValue)),
        new Setting("Tls", new SwitchSchema(TlsSettingSchemas.Client)),
        new Setting("TimeoutSeconds", new IntegerSchema(1, 3_600, "seconds")),
        new Setting("MaxReconnectSeconds", new IntegerSchema(1, 3_600, "seconds")),
        new Setting("MaxMessageBytes", s_messageBytes),
        Setting.Required("Egress", s_egress));

    /// <summary>Whether an adapter type is an HL7 adapter. Their dead letters contain no payload.</summary>
    public static bool Has(string? type) => type is ListenerType or ClientType;
}
