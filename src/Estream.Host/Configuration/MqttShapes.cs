namespace Estream.Host.Configuration;

/// <summary>What the two MQTT adapters accept. The factories check the same again; a test holds the two lists together.</summary>
internal static class MqttShapes
{
    public const string EndpointType = "mqtt-endpoint";
    public const string ClientType = "mqtt-client";

    private const int MaxPort = ushort.MaxValue;

    private static readonly ListShape s_mappings = new("mapping", new ObjectShape(
        Setting.Required("Topic", TextShape.Any),
        new Setting("Payload", new ChoiceShape("json", "raw")),
        Setting.Required("Schema", TextShape.Any),
        Setting.Required("Queue", TextShape.Any),
        new Setting("SubLexes", new NamedShape("sub-lex", TextShape.Any)),
        new Setting("Field", TextShape.Any),
        new Setting("ReceivedAt", TextShape.Any)));

    private static readonly ObjectShape s_serverTls = new(
        Setting.Required("CertificateFile", TextShape.Path),
        new Setting("KeyFile", TextShape.Path),
        new Setting("ClientCaFile", TextShape.Path),
        new Setting("ClientPins", new ListShape("pin", TextShape.Any)));

    private static readonly ObjectShape s_clientTls = new(
        new Setting("CaFile", TextShape.Path),
        new Setting("ServerName", TextShape.Any),
        new Setting("PinnedCertificateSha256", new TextShape("64 hexadecimal digits, with or without colons", 95, IsPin)),
        new Setting("Pins", new ListShape("pin", TextShape.Any)),
        new Setting("CertificateFile", TextShape.Path),
        new Setting("KeyFile", TextShape.Path));

    private static readonly ObjectShape s_broker = new(
        Setting.Required("Host", TextShape.Any),
        new Setting("Port", new IntegerShape(1, MaxPort)),
        new Setting("Tls", new SwitchShape(s_clientTls)),
        new Setting("UserName", TextShape.Any),
        new Setting("PasswordFile", TextShape.Path),
        new Setting("PasswordEnv", TextShape.Any),
        new Setting("Authentication", new ChoiceShape("password", "scram-sha-256")),
        new Setting("ReauthenticateSeconds", new IntegerShape(0, 86_400 * 365, "seconds")));

    private static readonly ListShape s_subscriptions = new("subscription", new ObjectShape(
        Setting.Required("Filter", TextShape.Any),
        new Setting("Qos", new IntegerShape(0, 2)),
        new Setting("NoLocal", BooleanShape.Instance),
        new Setting("RetainAsPublished", BooleanShape.Instance),
        new Setting("RetainHandling", new ChoiceShape("always", "if-new", "never"))));

    private static readonly ListShape s_egress = new("egress", new ObjectShape(
        Setting.Required("Queue", TextShape.Any),
        Setting.Required("Schema", TextShape.Any),
        Setting.Required("Topic", TextShape.Any),
        new Setting("Qos", new IntegerShape(0, 2)),
        new Setting("Retain", BooleanShape.Instance)));

    private static readonly ObjectShape s_will = new(
        Setting.Required("Topic", TextShape.Any),
        new Setting("Payload", TextShape.Any),
        new Setting("Qos", new IntegerShape(0, 2)),
        new Setting("Retain", BooleanShape.Instance),
        new Setting("DelaySeconds", new IntegerShape(0, 86_400 * 365, "seconds")));

    private static readonly ListShape s_endpointEgress = new("egress", new ObjectShape(
        Setting.Required("Queue", TextShape.Any),
        Setting.Required("Schema", TextShape.Any),
        Setting.Required("Topic", TextShape.Any),
        new Setting("Qos", new IntegerShape(0, 2))));

    private static readonly ObjectShape s_reconnect = new(
        new Setting("InitialMs", new IntegerShape(1, 3_600_000, "milliseconds")),
        new Setting("MaxMs", new IntegerShape(1, 3_600_000, "milliseconds")));

    public static ObjectShape Endpoint { get; } = new(
        Setting.Required(VariantShape.TypeKey, new ChoiceShape(EndpointType)),
        new Setting("Address", AddressShape.Instance),
        new Setting("Port", IntegerShape.Port),
        new Setting("Tls", s_serverTls),
        new Setting("PasswordFile", TextShape.Path),
        new Setting("ScramFile", TextShape.Path),
        new Setting("UnsafeAllowAnonymous", BooleanShape.Instance),
        new Setting("MaxConnections", new IntegerShape(1, 1_000_000)),
        new Setting("MaxSessions", new IntegerShape(1, 10_000_000)),
        new Setting("MaxClientIdBytes", new IntegerShape(23, ushort.MaxValue, "bytes")),
        new Setting("MaxPacketBytes", new IntegerShape(1_024, 256 * 1024 * 1024, "bytes")),
        new Setting("MaxTopicBytes", new IntegerShape(1, ushort.MaxValue, "bytes")),
        new Setting("ReceiveMaximum", new IntegerShape(1, ushort.MaxValue)),
        new Setting("TopicAliasMaximum", new IntegerShape(0, ushort.MaxValue)),
        new Setting("MaxKeepAliveSeconds", new IntegerShape(1, ushort.MaxValue, "seconds")),
        new Setting("MaxSessionExpirySeconds", new IntegerShape(0, int.MaxValue, "seconds")),
        new Setting("ConnectTimeoutSeconds", new IntegerShape(1, 3_600, "seconds")),
        new Setting("WriteTimeoutSeconds", new IntegerShape(1, 3_600, "seconds")),
        new Setting("AclFile", TextShape.Path),
        new Setting("RelayKeyFile", TextShape.Path),
        new Setting("RelayBytes", new IntegerShape(1 << 20, int.MaxValue, "bytes")),
        new Setting("MaxBehindBytes", new IntegerShape(1 << 16, int.MaxValue, "bytes")),
        new Setting("MaxInflight", new IntegerShape(1, ushort.MaxValue)),
        new Setting("MaxSubscriptionsPerSession", new IntegerShape(1, 100_000)),
        new Setting("MaxSubscriptions", new IntegerShape(1, 100_000_000)),
        new Setting("MaxFilterLevels", new IntegerShape(1, 1_024)),
        new Setting("MaxGroups", new IntegerShape(1, 1_000_000)),
        new Setting("MaxGroupMembers", new IntegerShape(1, 100_000)),
        new Setting("MaxRetained", new IntegerShape(1, 10_000_000)),
        new Setting("MaxRetainedBytes", new IntegerShape(1 << 16, int.MaxValue, "bytes")),
        new Setting("Egress", s_endpointEgress),
        Setting.Required("Mappings", s_mappings));

    public static ObjectShape Client { get; } = new(
        Setting.Required(VariantShape.TypeKey, new ChoiceShape(ClientType)),
        Setting.Required("Broker", s_broker),
        new Setting("ClientId", TextShape.Any),
        new Setting("Subscriptions", s_subscriptions),
        new Setting("Egress", s_egress),
        new Setting("Will", s_will),
        new Setting("Reconnect", s_reconnect),
        new Setting("SessionExpirySeconds", new IntegerShape(0, 86_400 * 365, "seconds")),
        new Setting("KeepAliveSeconds", new IntegerShape(1, ushort.MaxValue, "seconds")),
        new Setting("ReceiveMaximum", new IntegerShape(1, ushort.MaxValue)),
        new Setting("MaxPacketBytes", new IntegerShape(1_024, 256 * 1024 * 1024, "bytes")),
        new Setting("MaxTopicBytes", new IntegerShape(1, ushort.MaxValue, "bytes")),
        new Setting("TopicAliasMaximum", new IntegerShape(0, ushort.MaxValue)),
        new Setting("ConnectTimeoutSeconds", new IntegerShape(1, 3_600, "seconds")),
        new Setting("Mappings", s_mappings));

    private static bool IsPin(string text)
    {
        string digits = text.Replace(":", "", StringComparison.Ordinal);
        return digits.Length == 64 && digits.All(char.IsAsciiHexDigit);
    }
}
