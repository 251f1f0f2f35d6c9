namespace Estream.Host.Configuration;

/// <summary>The accepted keys of the two MQTT adapters. The factories check them again; a test compares the two lists.</summary>
internal static class MqttSchemas
{
    public const string EndpointType = "mqtt-endpoint";
    public const string ClientType = "mqtt-client";

    private const int MaxPort = ushort.MaxValue;

    private static readonly ListSchema s_mappings = new("mapping", new ObjectSchema(
        Setting.Required("Topic", TextSchema.Any),
        new Setting("Payload", new ChoiceSchema("json", "raw")),
        Setting.Required("Schema", TextSchema.Any),
        Setting.Required("Queue", TextSchema.Any),
        new Setting("SubLexes", new NamedObjectsSchema("sub-lex", TextSchema.Any)),
        new Setting("Field", TextSchema.Any),
        new Setting("ReceivedAt", TextSchema.Any)));

    private static readonly ObjectSchema s_clientTls =
        TlsSettingSchemas.ClientWith(new TextSchema("64 hexadecimal digits, with or without colons", 95, IsPin));

    private static readonly ObjectSchema s_broker = new(
        Setting.Required("Host", TextSchema.Any),
        new Setting("Port", new IntegerSchema(1, MaxPort)),
        new Setting("Tls", new SwitchSchema(s_clientTls)),
        new Setting("UserName", TextSchema.Any),
        new Setting("PasswordFile", TextSchema.Path),
        new Setting("PasswordEnv", TextSchema.Any),
        new Setting("Authentication", new ChoiceSchema("password", "scram-sha-256")),
        new Setting("ReauthenticateSeconds", new IntegerSchema(0, 86_400 * 365, "seconds")));

    private static readonly ListSchema s_subscriptions = new("subscription", new ObjectSchema(
        Setting.Required("Filter", TextSchema.Any),
        new Setting("Qos", new IntegerSchema(0, 2)),
        new Setting("NoLocal", BooleanSchema.Instance),
        new Setting("RetainAsPublished", BooleanSchema.Instance),
        new Setting("RetainHandling", new ChoiceSchema("always", "if-new", "never"))));

    private static readonly ListSchema s_egress = new("egress", new ObjectSchema(
        Setting.Required("Queue", TextSchema.Any),
        Setting.Required("Schema", TextSchema.Any),
        Setting.Required("Topic", TextSchema.Any),
        new Setting("Qos", new IntegerSchema(0, 2)),
        new Setting("Retain", BooleanSchema.Instance)));

    private static readonly ObjectSchema s_will = new(
        Setting.Required("Topic", TextSchema.Any),
        new Setting("Payload", TextSchema.Any),
        new Setting("Qos", new IntegerSchema(0, 2)),
        new Setting("Retain", BooleanSchema.Instance),
        new Setting("DelaySeconds", new IntegerSchema(0, 86_400 * 365, "seconds")));

    private static readonly ListSchema s_endpointEgress = new("egress", new ObjectSchema(
        Setting.Required("Queue", TextSchema.Any),
        Setting.Required("Schema", TextSchema.Any),
        Setting.Required("Topic", TextSchema.Any),
        new Setting("Qos", new IntegerSchema(0, 2))));

    private static readonly ObjectSchema s_reconnect = new(
        new Setting("InitialMs", new IntegerSchema(1, 3_600_000, "milliseconds")),
        new Setting("MaxMs", new IntegerSchema(1, 3_600_000, "milliseconds")));

    public static ObjectSchema Endpoint { get; } = new(
        Setting.Required(VariantSchema.TypeKey, new ChoiceSchema(EndpointType)),
        new Setting("Address", AddressSchema.Instance),
        new Setting("Port", IntegerSchema.Port),
        new Setting("Tls", TlsSettingSchemas.Server),
        new Setting("PasswordFile", TextSchema.Path),
        new Setting("ScramFile", TextSchema.Path),
        new Setting("UnsafeAllowAnonymous", BooleanSchema.Instance),
        new Setting("AllowPlaintext", BooleanSchema.Instance),
        new Setting("MaxConnections", new IntegerSchema(1, 1_000_000)),
        new Setting("MaxConnectionsPerAddress", new IntegerSchema(0, 1_000_000)),
        new Setting("MaxFailedLoginsPerMinute", new IntegerSchema(1, 1_000_000)),
        new Setting("MaxUnfinishedBytesPerUser", new IntegerSchema(1, 1 << 30, "bytes")),
        new Setting("MaxSessionsPerUser", new IntegerSchema(0, 10_000_000)),
        new Setting("MaxSessions", new IntegerSchema(1, 10_000_000)),
        new Setting("MaxClientIdBytes", new IntegerSchema(23, ushort.MaxValue, "bytes")),
        new Setting("MaxPacketBytes", new IntegerSchema(1_024, 256 * 1024 * 1024, "bytes")),
        new Setting("MaxTopicBytes", new IntegerSchema(1, ushort.MaxValue, "bytes")),
        new Setting("ReceiveMaximum", new IntegerSchema(1, ushort.MaxValue)),
        new Setting("TopicAliasMaximum", new IntegerSchema(0, ushort.MaxValue)),
        new Setting("MaxKeepAliveSeconds", new IntegerSchema(1, ushort.MaxValue, "seconds")),
        new Setting("MaxSessionExpirySeconds", new IntegerSchema(0, int.MaxValue, "seconds")),
        new Setting("ConnectTimeoutSeconds", new IntegerSchema(1, 3_600, "seconds")),
        new Setting("WriteTimeoutSeconds", new IntegerSchema(1, 3_600, "seconds")),
        new Setting("AclFile", TextSchema.Path),
        new Setting("RelayKeyFile", TextSchema.Path),
        new Setting("RelayPrivateKeyFile", TextSchema.Path),
        new Setting("RelayBytes", new IntegerSchema(1 << 20, int.MaxValue, "bytes")),
        new Setting("MaxBehindBytes", new IntegerSchema(1 << 16, int.MaxValue, "bytes")),
        new Setting("MaxInflight", new IntegerSchema(1, ushort.MaxValue)),
        new Setting("MaxSubscriptionsPerSession", new IntegerSchema(1, 100_000)),
        new Setting("MaxSubscriptionsPerUser", new IntegerSchema(0, 100_000_000)),
        new Setting("MaxRetainedPerUser", new IntegerSchema(0, 10_000_000)),
        new Setting("MaxSubscriptions", new IntegerSchema(1, 100_000_000)),
        new Setting("MaxFilterLevels", new IntegerSchema(1, 1_024)),
        new Setting("MaxGroups", new IntegerSchema(1, 1_000_000)),
        new Setting("MaxGroupMembers", new IntegerSchema(1, 100_000)),
        new Setting("MaxRetained", new IntegerSchema(1, 10_000_000)),
        new Setting("MaxRetainedBytes", new IntegerSchema(1 << 16, int.MaxValue, "bytes")),
        new Setting("Egress", s_endpointEgress),
        Setting.Required("Mappings", s_mappings));

    public static ObjectSchema Client { get; } = new(
        Setting.Required(VariantSchema.TypeKey, new ChoiceSchema(ClientType)),
        Setting.Required("Broker", s_broker),
        new Setting("ClientId", TextSchema.Any),
        new Setting("Subscriptions", s_subscriptions),
        new Setting("Egress", s_egress),
        new Setting("Will", s_will),
        new Setting("Reconnect", s_reconnect),
        new Setting("SessionExpirySeconds", new IntegerSchema(0, 86_400 * 365, "seconds")),
        new Setting("KeepAliveSeconds", new IntegerSchema(1, ushort.MaxValue, "seconds")),
        new Setting("ReceiveMaximum", new IntegerSchema(1, ushort.MaxValue)),
        new Setting("MaxPacketBytes", new IntegerSchema(1_024, 256 * 1024 * 1024, "bytes")),
        new Setting("MaxTopicBytes", new IntegerSchema(1, ushort.MaxValue, "bytes")),
        new Setting("TopicAliasMaximum", new IntegerSchema(0, ushort.MaxValue)),
        new Setting("ConnectTimeoutSeconds", new IntegerSchema(1, 3_600, "seconds")),
        new Setting("Mappings", s_mappings));

    private static bool IsPin(string text)
    {
        string digits = text.Replace(":", "", StringComparison.Ordinal);
        return digits.Length == 64 && digits.All(char.IsAsciiHexDigit);
    }
}
