using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>The counts of an endpoint's sessions at one moment.</summary>
internal struct SessionMetrics()
{
    /// <summary>The number of sessions whose client is connected.</summary>
    public int Connected { get; private set; }

    /// <summary>The number of sessions whose client is disconnected.</summary>
    public int Absent { get; private set; }

    public int Subscriptions { get; private set; }

    /// <summary>The number of messages of QoS 1 and 2 in flight to clients.</summary>
    public int UnderWay { get; private set; }

    /// <summary>The oldest position of the relay that the sessions need.</summary>
    public long OldestNeeded { get; private set; } = RelayPlace.Nothing;

    public void Add(EndpointSession session)
    {
        if (session.Owner is null)
        {
            Absent++;
        }
        else
        {
            Connected++;
        }

        if (session.Subscriber is { } subscriber)
        {
            Subscriptions += subscriber.Subscriptions.Length + subscriber.Shared.Length;
            UnderWay += subscriber.Window.Count;
            OldestNeeded = Math.Min(OldestNeeded, subscriber.OldestNeeded);
        }
    }
}
