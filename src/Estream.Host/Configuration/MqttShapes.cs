namespace Estream.Host.Configuration;

/// <summary>What the two MQTT adapters accept.</summary>
internal static class MqttShapes
{
    public const string EndpointType = "mqtt-endpoint";
    public const string ClientType = "mqtt-client";

    private static readonly ChoiceShape s_endpointType = new(EndpointType);
    private static readonly ChoiceShape s_clientType = new(ClientType);

    private static readonly ListShape s_mappings = new("mapping", new ObjectShape(
        Setting.Required("Topic", TextShape.Any),
        new Setting("Payload", new ChoiceShape("json", "raw")),
        Setting.Required("Schema", TextShape.Any),
        Setting.Required("Queue", TextShape.Any),
        new Setting("Field", TextShape.Any)));

    private static readonly ObjectShape s_tls = new(
        new Setting("CaFile", TextShape.Path),
        new Setting("CertificateFile", TextShape.Path),
        new Setting("KeyFile", TextShape.Path),
        new Setting("ServerName", TextShape.Any));

    private static readonly ObjectShape s_broker = new(
        Setting.Required("Host", TextShape.Any),
        Setting.Required("Port", new IntegerShape(1, 65535)),
        new Setting("Tls", s_tls),
        new Setting("UserName", TextShape.Any),
        new Setting("PasswordFile", TextShape.Path),
        new Setting("PasswordEnv", TextShape.Any));

    private static readonly ListShape s_subscriptions = new("subscription", new ObjectShape(
        Setting.Required("Filter", TextShape.Any),
        new Setting("Qos", new IntegerShape(0, 2))));

    private static readonly ObjectShape s_reconnect = new(
        new Setting("InitialMs", new IntegerShape(1, 3_600_000, "milliseconds")),
        new Setting("MaxMs", new IntegerShape(1, 3_600_000, "milliseconds")));

    public static ObjectShape Endpoint { get; } = new(
        Setting.Required(VariantShape.TypeKey, s_endpointType),
        new Setting("Address", AddressShape.Instance),
        new Setting("Port", IntegerShape.Port),
        new Setting("Mappings", s_mappings));

    public static ObjectShape Client { get; } = new(
        Setting.Required(VariantShape.TypeKey, s_clientType),
        Setting.Required("Broker", s_broker),
        new Setting("ClientId", new TextShape("a text of 1 to 256 bytes", 256)),
        Setting.Required("Subscriptions", s_subscriptions),
        new Setting("Reconnect", s_reconnect),
        new Setting("Mappings", s_mappings));
}
