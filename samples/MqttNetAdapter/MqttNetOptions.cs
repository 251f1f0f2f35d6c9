using Estream.Esf;
using Estream.Wire;

namespace MqttNetAdapter;

/// <summary>The checked settings of an adapter.</summary>
internal sealed record MqttNetOptions
{
    private const int MaxSeconds = 86_400 * 365;
    private const int MaxMilliseconds = 3_600_000;

    public required string Host { get; init; }

    public required int Port { get; init; }

    public required string ClientId { get; init; }

    public string? UserName { get; init; }

    public WireSecret? Password { get; init; }

    /// <summary>The client sends a ping after this time without a packet.</summary>
    public TimeSpan KeepAlive { get; init; }

    /// <summary>The maximum time to wait for a response of the broker.</summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>The maximum number of unacknowledged messages. The adapter reads no message beyond this limit.</summary>
    public int ReceiveMaximum { get; init; }

    /// <summary>The time that the broker keeps subscriptions and messages of a disconnected client, in seconds.</summary>
    public int SessionExpirySeconds { get; init; }

    public TimeSpan ReconnectInitial { get; init; }

    public TimeSpan ReconnectMax { get; init; }

    public IReadOnlyList<MqttNetSubscription> Subscriptions { get; init; } = [];

    public IReadOnlyList<TopicMapping> Mappings { get; init; } = [];

    public IReadOnlyList<MqttNetEgress> Egress { get; init; } = [];

    /// <summary>Reads the settings.</summary>
    /// <exception cref="WireConfigurationException">A setting is missing, unknown or invalid.</exception>
    public static MqttNetOptions Read(string name, WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues)
    {
        settings.Text("Type");
        WireSettings reconnect = settings.Section("Reconnect");
        MqttNetOptions options = new()
        {
            Host = settings.RequireText("Host"),
            Port = settings.Number("Port", 1883, 1, ushort.MaxValue),
            ClientId = settings.Text("ClientId") ?? name,
            UserName = settings.Text("UserName"),
            Password = WireSecret.From(settings, "Password"),
            KeepAlive = TimeSpan.FromSeconds(settings.Number("KeepAliveSeconds", 30, 1, ushort.MaxValue)),
            Timeout = TimeSpan.FromSeconds(settings.Number("TimeoutSeconds", 10, 1, 3_600)),
            ReceiveMaximum = settings.Number("ReceiveMaximum", 1_000, 1, ushort.MaxValue),
            SessionExpirySeconds = settings.Number("SessionExpirySeconds", 3_600, 0, MaxSeconds),
            ReconnectInitial = TimeSpan.FromMilliseconds(reconnect.Number("InitialMs", 100, 1, MaxMilliseconds)),
            ReconnectMax = TimeSpan.FromMilliseconds(reconnect.Number("MaxMs", 30_000, 1, MaxMilliseconds)),
            Subscriptions = [.. settings.List("Subscriptions").Select(Subscription)],
            Mappings = [.. settings.List("Mappings").Select(mapping => Mapping(mapping, schemas, queues))],
            Egress = [.. settings.List("Egress").Select(egress => Sent(egress, schemas))],
        };
        settings.RefuseUnknown();
        return options.ReconnectMax >= options.ReconnectInitial
            ? options
            : throw new WireConfigurationException(reconnect.KeyOf("MaxMs"), "is less than InitialMs.");
    }

    /// <summary>Refuses QoS 2, because MQTTnet does not distinguish a message that the broker sends again from a new message.</summary>
    private static MqttNetSubscription Subscription(WireSettings settings)
    {
        return new MqttNetSubscription(settings.RequireText("Filter"), settings.Number("Qos", 1, 0, 1));
    }

    private static TopicMapping Mapping(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues)
    {
        string topic = settings.RequireText("Topic");
        string queue = settings.RequireQueue("Queue", queues);
        EsfSchema schema = settings.RequireSchema("Schema", schemas);
        return Accept(settings, () => TopicMapping.Json(topic, schema, queue));
    }

    private static MqttNetEgress Sent(WireSettings settings, EsfSchemaSet schemas)
    {
        settings.RequireText("Queue");
        string topic = settings.RequireText("Topic");
        EsfSchema schema = settings.RequireSchema("Schema", schemas);
        return new MqttNetEgress(Accept(settings, () => TopicTemplate.Parse(topic, schema)), settings.Number("Qos", 1, 0, 1));
    }

    private static T Accept<T>(WireSettings settings, Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (FormatException refusal)
        {
            throw new WireConfigurationException(settings.KeyOf("Topic"), refusal.Message, refusal);
        }
    }
}

/// <summary>A topic filter and the highest quality of service of its messages.</summary>
internal sealed record MqttNetSubscription(string Filter, int Qos);

/// <summary>The topic and the quality of service of the messages of a schema.</summary>
internal sealed record MqttNetEgress(TopicTemplate Topic, int Qos);
