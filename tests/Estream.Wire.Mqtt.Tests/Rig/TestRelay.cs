using System.Text;
using Estream.Core;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Tests.Rig;

/// <summary>A relay without an endpoint. It offers appended messages to its subscribers.</summary>
internal sealed class TestRelay : IDisposable
{
    private const long SegmentBytes = 1 << 20;

    private readonly TempDirectory _folder = new();
    private readonly List<IRelayListener> _listeners = [];

    public TestRelay()
    {
        Queue = RelayQueue.Open(new AdapterPlace(_folder.Combine("place"), new QueueOptions()), SegmentBytes, keys: null,
            SystemClock.Instance);
        Groups = new SharedSubscriptions(Index, Queue, maxGroups: 10, maxMembers: 10);
    }

    public SubscriptionIndex Index { get; } =
        new(maxSubscriptions: 1_000, maxPerUser: 1_000, maxPerSession: 1_000, maxFilterLevels: 10, maxTopicBytes: 100_000);

    public RelayQueue Queue { get; }

    public SharedSubscriptions Groups { get; }

    /// <summary>Creates a session that subscribes to this filter and has no client.</summary>
    public Subscriber Subscribe(string filter, MqttQos qos)
    {
        Subscriber subscriber = new(Index, Groups, Queue, maxInflight: 100, user: null);
        byte[] name = Encoding.UTF8.GetBytes(filter);
        SubscriptionOptions options = new(qos, NoLocal: false, RetainAsPublished: false, RetainHandling.Never);
        Assert.True(TopicRules.IsShared(name) ? subscriber.TryShare(name, options, 0) : subscriber.TrySubscribe(name, options, 0, out _));
        return subscriber;
    }

    /// <summary>Appends a message of QoS 1.</summary>
    /// <returns>The position in the relay.</returns>
    public long Append(string topic)
    {
        byte[] name = Encoding.UTF8.GetBytes(topic);
        _listeners.Clear();
        Index.Match(name, _listeners);
        Assert.True(Queue.TryAppend(new RelayMessage { Topic = name, Payload = "x"u8, Qos = MqttQos.AtLeastOnce }, _listeners, note: null));
        return Queue.Newest;
    }

    public void Dispose()
    {
        Queue.Dispose();
        _folder.Dispose();
    }
}
