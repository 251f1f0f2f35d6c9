using System.Net;
using Estream.Esf;
using Estream.Wire.Mqtt.Internal;

namespace Estream.Wire.Mqtt;

/// <summary>Creates endpoints from settings, for adapters of type mqtt-endpoint.</summary>
public sealed class MqttEndpointFactory : IWireAdapterFactory
{
    internal static AdapterDescriptor EndpointDescriptor { get; } = new(
        "mqtt-endpoint",
        "MQTT 5",
        ProtocolFamily.Iot,
        ["TCP", "TLS"],
        IsBidirectional: true,
        IsRequestResponse: false,
        "Devices connect, publish and subscribe; no broker is needed.");

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => EndpointDescriptor;

    /// <inheritdoc/>
    /// <remarks>False: the next value of a device replaces a lost one. Set the durability of queues whose messages must not be
    /// lost.</remarks>
    public bool NeedsDurableQueues => false;

    /// <inheritdoc/>
    public void Check(string name, EsfSchemaSet schemas, IReadOnlyCollection<string> queues, WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        ArgumentNullException.ThrowIfNull(queues);
        ArgumentNullException.ThrowIfNull(settings);
        MqttEndpointOptions options = Read(settings, schemas, queues, out _);
        QualifiedKeys.In(settings, () => MqttEndpoint.CheckFiles(options));
    }

    /// <inheritdoc/>
    public IWireAdapter Create(AdapterContext context, WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(settings);
        MqttEndpointOptions options = Read(settings, context.Schemas, [.. context.Ingress.Names], out IReadOnlyList<TopicMapping> mappings);
        return new MqttEndpoint(options, mappings, context);
    }

    private static MqttEndpointOptions Read(
        WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues, out IReadOnlyList<TopicMapping> mappings)
    {
        MqttEndpointOptions defaults = new();
        settings.Text("Type");
        MqttEndpointOptions options = new()
        {
            Address = Address(settings, defaults.Address),
            Port = settings.Number("Port", defaults.Port, 0, ushort.MaxValue),
            PasswordFile = settings.Text("PasswordFile"),
            ScramFile = settings.Text("ScramFile"),
            AllowPlaintext = settings.Flag("AllowPlaintext", defaults.AllowPlaintext),
            UnsafeAllowAnonymous = settings.Flag("UnsafeAllowAnonymous", defaults.UnsafeAllowAnonymous),
            Tls = WireServerTlsOptions.Read(settings),
            MaxConnections = settings.Number("MaxConnections", defaults.MaxConnections, 1, 1_000_000),
            MaxConnectionsPerAddress = settings.Number("MaxConnectionsPerAddress", defaults.MaxConnectionsPerAddress, 0, 1_000_000),
            MaxFailedLoginsPerMinute = settings.Number("MaxFailedLoginsPerMinute", defaults.MaxFailedLoginsPerMinute, 1, 1_000_000),
            MaxUnfinishedBytesPerUser = settings.Number(
                "MaxUnfinishedBytesPerUser", defaults.MaxUnfinishedBytesPerUser, 1, 1 << 30),
            MaxSessionsPerUser = settings.Number("MaxSessionsPerUser", defaults.MaxSessionsPerUser, 0, 10_000_000),
            MaxSessions = settings.Number("MaxSessions", defaults.MaxSessions, 1, 10_000_000),
            MaxClientIdBytes = settings.Number("MaxClientIdBytes", defaults.MaxClientIdBytes, 23, ushort.MaxValue),
            MaxPacketBytes = settings.Number("MaxPacketBytes", defaults.MaxPacketBytes, 1_024, 256 * 1024 * 1024),
            MaxTopicBytes = settings.Number("MaxTopicBytes", defaults.MaxTopicBytes, 1, ushort.MaxValue),
            ReceiveMaximum = settings.Number("ReceiveMaximum", defaults.ReceiveMaximum, 1, ushort.MaxValue),
            TopicAliasMaximum = settings.Number("TopicAliasMaximum", defaults.TopicAliasMaximum, 0, ushort.MaxValue),
            MaxKeepAliveSeconds = settings.Number("MaxKeepAliveSeconds", defaults.MaxKeepAliveSeconds, 1, ushort.MaxValue),
            MaxSessionExpirySeconds = settings.Number("MaxSessionExpirySeconds", defaults.MaxSessionExpirySeconds, 0, int.MaxValue),
            ConnectTimeoutSeconds = settings.Number("ConnectTimeoutSeconds", defaults.ConnectTimeoutSeconds, 1, 3_600),
            WriteTimeoutSeconds = settings.Number("WriteTimeoutSeconds", defaults.WriteTimeoutSeconds, 1, 3_600),
        };
        options = Serving(settings, schemas, options);
        mappings = MappingSettings.Read(settings, schemas, queues);
        settings.RefuseUnknown();
        QualifiedKeys.In(settings, () => EndpointChecks.Check(options));
        return options;
    }

    private static MqttEndpointOptions Serving(WireSettings settings, EsfSchemaSet schemas, MqttEndpointOptions defaults)
    {
        return defaults with
        {
            AclFile = settings.Text("AclFile"),
            RelayKeyFile = settings.Text("RelayKeyFile"),
            RelayPrivateKeyFile = settings.Text("RelayPrivateKeyFile"),
            RelayBytes = settings.Number("RelayBytes", defaults.RelayBytes, 1 << 20, int.MaxValue),
            MaxBehindBytes = settings.Number("MaxBehindBytes", defaults.MaxBehindBytes, 1 << 16, int.MaxValue),
            MaxInflight = settings.Number("MaxInflight", defaults.MaxInflight, 1, ushort.MaxValue),
            MaxSubscriptionsPerSession = settings.Number("MaxSubscriptionsPerSession", defaults.MaxSubscriptionsPerSession, 1, 100_000),
            MaxSubscriptionsPerUser = settings.Number("MaxSubscriptionsPerUser", defaults.MaxSubscriptionsPerUser, 0, 100_000_000),
            MaxRetainedPerUser = settings.Number("MaxRetainedPerUser", defaults.MaxRetainedPerUser, 0, 10_000_000),
            MaxSubscriptions = settings.Number("MaxSubscriptions", defaults.MaxSubscriptions, 1, 100_000_000),
            MaxFilterLevels = settings.Number("MaxFilterLevels", defaults.MaxFilterLevels, 1, 1_024),
            MaxGroups = settings.Number("MaxGroups", defaults.MaxGroups, 1, 1_000_000),
            MaxGroupMembers = settings.Number("MaxGroupMembers", defaults.MaxGroupMembers, 1, 100_000),
            MaxRetained = settings.Number("MaxRetained", defaults.MaxRetained, 1, 10_000_000),
            MaxRetainedBytes = settings.Number("MaxRetainedBytes", defaults.MaxRetainedBytes, 1 << 16, int.MaxValue),
            Egress = EgressSettings.Read(settings, schemas, mayRetain: false),
        };
    }

    private static IPAddress Address(WireSettings settings, IPAddress defaultValue)
    {
        string? text = settings.Text("Address");
        if (text is null || text.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            return text is null ? defaultValue : IPAddress.Loopback;
        }

        return IPAddress.TryParse(text, out IPAddress? address)
            ? address
            : throw new WireConfigurationException(
                settings.KeyOf("Address"), $"'{text}' is not accepted; write an IP address such as 127.0.0.1, 0.0.0.0 or ::.");
    }
}
