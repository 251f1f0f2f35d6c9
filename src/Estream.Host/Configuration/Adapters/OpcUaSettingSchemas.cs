namespace Estream.Host.Configuration;

/// <summary>The accepted keys of the OPC UA adapter. The factory checks them again; a test compares the two lists.</summary>
internal static class OpcUaSettingSchemas
{
    public const string ClientType = "opcua-client";

    private const int MaxServers = 1_000;
    private const int MaxItems = 100_000;
    private const int MaxMilliseconds = 86_400_000;

    private static readonly ListSchema s_items = new(
        "item",
        new ObjectSchema(
            Setting.Required("Name", TextSchema.Any),
            Setting.Required("Node", TextSchema.Any),
            new Setting("SamplingMs", new IntegerSchema(-1, MaxMilliseconds, "milliseconds")),
            new Setting("QueueSize", new IntegerSchema(1, 100_000)),
            new Setting("DiscardOldest", BooleanSchema.Instance),
            new Setting("Deadband", RealSchema.Instance),
            new Setting("Writable", BooleanSchema.Instance)),
        MaxItems);

    private static readonly ObjectSchema s_user = new(
        new Setting("Name", TextSchema.Any),
        new Setting("PasswordFile", TextSchema.Path),
        new Setting("PasswordEnv", TextSchema.Any),
        new Setting("CertificateFile", TextSchema.Path),
        new Setting("KeyFile", TextSchema.Path));

    private static readonly ListSchema s_servers = new(
        "server",
        new ObjectSchema(
            Setting.Required("Name", TextSchema.Any),
            Setting.Required("Url", TextSchema.Any),
            new Setting("Policy", new ChoiceSchema("Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss", "None")),
            new Setting("Mode", new ChoiceSchema("SignAndEncrypt", "Sign")),
            new Setting("Pki", TextSchema.Path),
            new Setting("User", s_user),
            new Setting("TimeoutMs", new IntegerSchema(100, 600_000, "milliseconds")),
            new Setting("SessionTimeoutMs", new IntegerSchema(1_000, MaxMilliseconds, "milliseconds")),
            new Setting("TokenLifetimeMs", new IntegerSchema(1_000, MaxMilliseconds, "milliseconds")),
            new Setting("PublishingIntervalMs", new IntegerSchema(10, 3_600_000, "milliseconds")),
            new Setting("KeepAliveMs", new IntegerSchema(100, 3_600_000, "milliseconds")),
            new Setting("LifetimeMs", new IntegerSchema(1_000, MaxMilliseconds, "milliseconds")),
            new Setting("PublishRequests", new IntegerSchema(1, 100)),
            new Setting("Items", s_items)),
        MaxServers);

    private static readonly ListSchema s_mappings = new("mapping", new ObjectSchema(
        Setting.Required("Schema", TextSchema.Any),
        Setting.Required("Queue", TextSchema.Any)));

    private static readonly ListSchema s_egress = new("egress", new ObjectSchema(
        Setting.Required("Queue", TextSchema.Any),
        Setting.Required("Schema", TextSchema.Any)));

    private static readonly ObjectSchema s_reconnect = new(
        new Setting("InitialMs", new IntegerSchema(1, MaxMilliseconds, "milliseconds")),
        new Setting("MaxMs", new IntegerSchema(1, MaxMilliseconds, "milliseconds")));

    public static ObjectSchema Client { get; } = new(
        Setting.Required(VariantSchema.TypeKey, new ChoiceSchema(ClientType)),
        Setting.Required("Servers", s_servers),
        new Setting("Mappings", s_mappings),
        new Setting("Egress", s_egress),
        new Setting("Reconnect", s_reconnect),
        new Setting("MaxWriteAgeMs", new IntegerSchema(0, MaxMilliseconds, "milliseconds")));
}
