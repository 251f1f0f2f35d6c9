namespace Estream.Host.Configuration;

/// <summary>The accepted keys of the two FHIR adapters. The factories check them again; a test compares the two lists.</summary>
internal static class FhirSettingSchemas
{
    public const string ServerType = "fhir-server";
    public const string ClientType = "fhir-client";

    private static readonly ListSchema s_mappings = new("mapping", new ObjectSchema(
        Setting.Required("Schema", TextSchema.Any),
        Setting.Required("Queue", TextSchema.Any)));

    private static readonly ListSchema s_egress = new("egress", new ObjectSchema(
        Setting.Required("Queue", TextSchema.Any),
        Setting.Required("Schema", TextSchema.Any),
        Setting.Required("Keys", TextSchema.Path)));

    private static readonly IntegerSchema s_bodyBytes = new(1_024, 256 * 1024 * 1024, "bytes");

    public static ObjectSchema Server { get; } = new(
        Setting.Required(VariantSchema.TypeKey, new ChoiceSchema(ServerType)),
        new Setting("Address", AddressSchema.Instance),
        new Setting("Port", IntegerSchema.Port),
        new Setting("BasePath", TextSchema.Any),
        new Setting("PublicUrl", TextSchema.Any),
        new Setting("OtherUrls", new ListSchema("URL", TextSchema.Any)),
        new Setting("Tls", TlsSettingSchemas.Server),
        new Setting("TokensFile", TextSchema.Path),
        new Setting("AccessQueue", TextSchema.Any),
        new Setting("UnsafeAllowAnyPeer", BooleanSchema.Instance),
        Setting.Required("Keys", TextSchema.Path),
        new Setting("PseudonymKeyFile", TextSchema.Path),
        new Setting("PseudonymKeyEnv", TextSchema.Any),
        new Setting("ConsentDefault", new ChoiceSchema("permit", "deny")),
        new Setting("AllowClientIds", BooleanSchema.Instance),
        new Setting("MaxConnections", new IntegerSchema(1, 100_000)),
        new Setting("MaxConnectionsPerAddress", new IntegerSchema(1, 100_000)),
        new Setting("MaxScannedResources", new IntegerSchema(1_000, int.MaxValue)),
        new Setting("MaxBodyBytes", s_bodyBytes),
        new Setting("MaxBundleEntries", new IntegerSchema(1, 100_000)),
        new Setting("SubscriptionEndpoints", new ListSchema("endpoint", TextSchema.Any)),
        Setting.Required("Mappings", s_mappings));

    public static ObjectSchema Client { get; } = new(
        Setting.Required(VariantSchema.TypeKey, new ChoiceSchema(ClientType)),
        Setting.Required("Url", TextSchema.Any),
        new Setting("Tls", new SwitchSchema(TlsSettingSchemas.Client)),
        new Setting("TokenFile", TextSchema.Path),
        new Setting("TokenEnv", TextSchema.Any),
        new Setting("TimeoutSeconds", new IntegerSchema(1, 3_600, "seconds")),
        new Setting("MaxReconnectSeconds", new IntegerSchema(1, 3_600, "seconds")),
        new Setting("MaxBodyBytes", s_bodyBytes),
        new Setting("PollSeconds", new IntegerSchema(1, 86_400, "seconds")),
        new Setting("Searches", new ListSchema("search", TextSchema.Any)),
        new Setting("PseudonymKeyFile", TextSchema.Path),
        new Setting("PseudonymKeyEnv", TextSchema.Any),
        new Setting("Mappings", s_mappings),
        new Setting("Egress", s_egress));

    /// <summary>Whether an adapter type is a FHIR adapter. Their dead letters contain no payload.</summary>
    public static bool Has(string? type) => type is ServerType or ClientType;
}
