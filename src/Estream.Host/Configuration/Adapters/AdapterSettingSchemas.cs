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
        [ModbusSettingSchemas.ClientType] = ModbusSettingSchemas.Client,
        [ModbusSettingSchemas.ServerType] = ModbusSettingSchemas.Server,
        [Dnp3SettingSchemas.MasterType] = Dnp3SettingSchemas.Master,
        [OpcUaSettingSchemas.ClientType] = OpcUaSettingSchemas.Client,
        [Hl7SettingSchemas.ListenerType] = Hl7SettingSchemas.Listener,
        [Hl7SettingSchemas.ClientType] = Hl7SettingSchemas.Client,
        [FhirSettingSchemas.ServerType] = FhirSettingSchemas.Server,
        [FhirSettingSchemas.ClientType] = FhirSettingSchemas.Client,
    };
}

/// <summary>The accepted keys of the ISO 20022 adapter. The factory checks them again; a test compares the two lists.</summary>
internal static class Iso20022Schemas
{
    public const string FolderType = "iso20022-folder";

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
        new Setting("Checks", new ChoiceSchema("schema", "rules", "cross-border")),
        new Setting("PollMs", new IntegerSchema(10, 3_600_000, "milliseconds")),
        new Setting("Mappings", s_mappings),
        new Setting("Out", TextSchema.Path),
        new Setting("Egress", s_egress));
}
