using Estream.Wire.Modbus;

namespace Estream.Host.Configuration;

/// <summary>The accepted keys of all built-in adapter types.</summary>
internal static class AdapterSettingSchemas
{
    public static IReadOnlyDictionary<string, ObjectSchema> All { get; } = new Dictionary<string, ObjectSchema>(StringComparer.Ordinal)
    {
        [MqttSchemas.EndpointType] = MqttSchemas.Endpoint,
        [MqttSchemas.ClientType] = MqttSchemas.Client,
        [FixSchemas.AcceptorType] = FixSchemas.Acceptor,
        [FixSchemas.InitiatorType] = FixSchemas.Initiator,
        [Iso20022Schemas.FolderType] = Iso20022Schemas.Folder,
        [Iso20022Schemas.ListenerType] = Iso20022Schemas.Listener,
        [Iso20022Schemas.ClientType] = Iso20022Schemas.Client,
        [ModbusPollerFactory.Type] = DeclaredSettings.Of(ModbusPollerFactory.Type, new ModbusPollerFactory().Settings),
        [ModbusServerFactory.Type] = DeclaredSettings.Of(ModbusServerFactory.Type, new ModbusServerFactory().Settings),
        [Dnp3SettingSchemas.MasterType] = Dnp3SettingSchemas.Master,
        [OpcUaSettingSchemas.ClientType] = OpcUaSettingSchemas.Client,
        [Hl7SettingSchemas.ListenerType] = Hl7SettingSchemas.Listener,
        [Hl7SettingSchemas.ClientType] = Hl7SettingSchemas.Client,
        [FhirSettingSchemas.ServerType] = FhirSettingSchemas.Server,
        [FhirSettingSchemas.ClientType] = FhirSettingSchemas.Client,
    };
}

/// <summary>The accepted keys of the ISO 20022 adapters. The factories check them again; a test compares the two lists.</summary>
internal static class Iso20022Schemas
{
    public const string FolderType = "iso20022-folder";
    public const string ListenerType = "iso20022-listener";
    public const string ClientType = "iso20022-client";

    private static readonly Setting s_checks = new("Checks", new ChoiceSchema("schema", "rules", "cross-border"));
    private static readonly Setting s_answers = new("Answers", new ChoiceSchema("messages", "frames"));
    private static readonly Setting s_messageBytes = new("MaxMessageBytes", new IntegerSchema(1_024, 256 * 1024 * 1024, "bytes"));

    private static readonly ListSchema s_mappings = new("mapping", new ObjectSchema(
        Setting.Required("Topic", TextSchema.Any),
        Setting.Required("Schema", TextSchema.Any),
        Setting.Required("Queue", TextSchema.Any)));

    private static readonly ListSchema s_egress = new("egress", new ObjectSchema(
        Setting.Required("Queue", TextSchema.Any),
        Setting.Required("Schema", TextSchema.Any),
        new Setting("Keys", TextSchema.Path)));

    public static ObjectSchema Folder { get; } = new(
        Setting.Required(VariantSchema.TypeKey, new ChoiceSchema(FolderType)),
        Setting.Required("Folder", TextSchema.Path),
        s_checks,
        new Setting("PollMs", new IntegerSchema(10, 3_600_000, "milliseconds")),
        new Setting("Mappings", s_mappings),
        new Setting("Out", TextSchema.Path),
        new Setting("Egress", s_egress));

    public static ObjectSchema Listener { get; } = new(
        Setting.Required(VariantSchema.TypeKey, new ChoiceSchema(ListenerType)),
        new Setting("Address", AddressSchema.Instance),
        new Setting("Port", IntegerSchema.Port),
        new Setting("Tls", TlsSettingSchemas.Server),
        new Setting("UnsafeAllowAnyPeer", BooleanSchema.Instance),
        new Setting("MaxConnections", new IntegerSchema(1, 100_000)),
        new Setting("MaxConnectionsPerAddress", new IntegerSchema(0, 100_000)),
        new Setting("MaxBufferedBytes", new IntegerSchema(1024 * 1024, int.MaxValue, "bytes")),
        new Setting("Peers", TlsSettingSchemas.Peers("Topics")),
        new Setting("IdleSeconds", new IntegerSchema(0, 86_400, "seconds")),
        new Setting("MessageSeconds", new IntegerSchema(1, 3_600, "seconds")),
        s_messageBytes,
        s_checks,
        s_answers,
        Setting.Required("Mappings", s_mappings));

    public static ObjectSchema Client { get; } = new(
        Setting.Required(VariantSchema.TypeKey, new ChoiceSchema(ClientType)),
        Setting.Required("Host", TextSchema.Any),
        new Setting("Port", new IntegerSchema(1, ushort.MaxValue)),
        new Setting("Tls", new SwitchSchema(TlsSettingSchemas.Client)),
        new Setting("TimeoutSeconds", new IntegerSchema(1, 3_600, "seconds")),
        new Setting("MaxReconnectSeconds", new IntegerSchema(1, 3_600, "seconds")),
        s_messageBytes,
        s_checks,
        s_answers,
        new Setting("PaymentSeconds", new IntegerSchema(1, 30 * 86_400, "seconds")),
        new Setting("MaxPayments", new IntegerSchema(1, 10_000_000)),
        new Setting("Mappings", s_mappings),
        Setting.Required("Egress", s_egress));

    /// <summary>Whether an adapter type is an ISO 20022 adapter. Their dead letters contain no payload.</summary>
    public static bool Has(string? type) => type is FolderType or ListenerType or ClientType;
}
