using Estream.Esf;
using Estream.Wire.Mqtt.Internal;

namespace Estream.Wire.Mqtt;

/// <summary>Creates clients from settings, for adapters of type mqtt-client.</summary>
public sealed class MqttClientFactory : IWireAdapterFactory
{
    private const int MaxSeconds = 86_400 * 365;
    private const int MaxMilliseconds = 3_600_000;

    internal static AdapterDescriptor ClientDescriptor { get; } = new(
        "mqtt-client",
        "MQTT 5",
        ProtocolFamily.Iot,
        ["TCP", "TLS"],
        IsBidirectional: true,
        IsRequestResponse: false,
        "Bridges an existing broker: subscribes to its topics and publishes messages of the host.");

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => ClientDescriptor;

    /// <inheritdoc/>
    /// <remarks>False: the next value of a device replaces a lost one. Set the durability of queues whose messages must not be
    /// lost.</remarks>
    public bool NeedsDurableQueues => false;

    /// <inheritdoc/>
    /// <remarks>Files are read at each connection, so that a new password or certificate authority needs no restart. A missing file is
    /// therefore not an error here.</remarks>
    public void Check(string name, EsfSchemaSet schemas, IReadOnlyCollection<string> queues, WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        ArgumentNullException.ThrowIfNull(queues);
        ArgumentNullException.ThrowIfNull(settings);
        Read(name, settings, schemas, queues, out _);
    }

    /// <inheritdoc/>
    public IWireAdapter Create(AdapterContext context, WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(settings);
        MqttClientOptions options = Read(
            context.Name, settings, context.Schemas, [.. context.Ingress.Names], out IReadOnlyList<TopicMapping> mappings);
        return new MqttClient(options, mappings, context);
    }

    private static MqttClientOptions Read(
        string name, WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues,
        out IReadOnlyList<TopicMapping> mappings)
    {
        settings.Text("Type");
        WireSettings broker = settings.Section("Broker");
        WireSettings reconnect = settings.Section("Reconnect");
        MqttClientOptions options = new()
        {
            Host = broker.RequireText("Host"),
            Port = broker.Number("Port", 1883, 1, ushort.MaxValue),
            Tls = WireTlsOptions.Read(broker),
            UserName = broker.Text("UserName"),
            PasswordFile = broker.Text("PasswordFile"),
            PasswordEnv = broker.Text("PasswordEnv"),
            Authentication = broker.Choice("Authentication", "password", "password", "scram-sha-256") == "password"
                ? MqttAuthentication.Password
                : MqttAuthentication.ScramSha256,
            ReauthenticateSeconds = broker.Number("ReauthenticateSeconds", 0, 0, MaxSeconds),
            ClientId = settings.Text("ClientId") ?? $"estream-{Environment.MachineName}-{name}",
            Subscriptions = [.. settings.List("Subscriptions").Select(Subscription)],
            Egress = EgressSettings.Read(settings, schemas, mayRetain: true),
            Will = Will(settings),
        };
        options = options with
        {
            SessionExpirySeconds = (uint)settings.Number("SessionExpirySeconds", (int)options.SessionExpirySeconds, 0, MaxSeconds),
            KeepAliveSeconds = settings.Number("KeepAliveSeconds", options.KeepAliveSeconds, 1, ushort.MaxValue),
            ReceiveMaximum = settings.Number("ReceiveMaximum", options.ReceiveMaximum, 1, ushort.MaxValue),
            MaxPacketBytes = settings.Number("MaxPacketBytes", options.MaxPacketBytes, 1_024, 256 * 1024 * 1024),
            MaxTopicBytes = settings.Number("MaxTopicBytes", options.MaxTopicBytes, 1, ushort.MaxValue),
            TopicAliasMaximum = settings.Number("TopicAliasMaximum", options.TopicAliasMaximum, 0, ushort.MaxValue),
            ConnectTimeoutSeconds = settings.Number("ConnectTimeoutSeconds", options.ConnectTimeoutSeconds, 1, 3_600),
            ReconnectInitial = Milliseconds(reconnect, "InitialMs", options.ReconnectInitial),
            ReconnectMax = Milliseconds(reconnect, "MaxMs", options.ReconnectMax),
        };
        mappings = MappingSettings.Read(settings, schemas, queues);
        settings.RefuseUnknown();
        QualifiedKeys.In(settings, () => ClientChecks.Check(options));
        return options;
    }

    private static MqttSubscription Subscription(WireSettings settings)
    {
        string handling = settings.Choice("RetainHandling", "if-new", "always", "if-new", "never");
        return new MqttSubscription(settings.RequireText("Filter"), (MqttQos)settings.Number("Qos", 1, 0, 2))
        {
            NoLocal = settings.Flag("NoLocal", false),
            RetainAsPublished = settings.Flag("RetainAsPublished", false),
            RetainHandling = handling switch
            {
                "always" => MqttRetainHandling.Always,
                "never" => MqttRetainHandling.Never,
                _ => MqttRetainHandling.IfNew,
            },
        };
    }

    private static MqttWill? Will(WireSettings settings)
    {
        if (!settings.Has("Will"))
        {
            return null;
        }

        WireSettings section = settings.Section("Will");
        return new MqttWill
        {
            Topic = section.RequireText("Topic"),
            Payload = section.Text("Payload") ?? "",
            Qos = (MqttQos)section.Number("Qos", 1, 0, 2),
            Retain = section.Flag("Retain", false),
            DelaySeconds = (uint)section.Number("DelaySeconds", 0, 0, MaxSeconds),
        };
    }

    private static TimeSpan Milliseconds(WireSettings settings, string key, TimeSpan defaultValue)
    {
        return TimeSpan.FromMilliseconds(settings.Number(key, (int)defaultValue.TotalMilliseconds, 1, MaxMilliseconds));
    }
}
