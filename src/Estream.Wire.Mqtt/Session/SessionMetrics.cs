using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>The sessions of an endpoint at one moment, counted.</summary>
internal struct SessionMetrics()
{
    /// <summary>Those whose client is there.</summary>
    public int Connected { get; private set; }

    /// <summary>Those whose client is away.</summary>
    public int Absent { get; private set; }

    public int Subscriptions { get; private set; }

    /// <summary>Messages of QoS 1 and 2 under way to clients.</summary>
    public int UnderWay { get; private set; }

    /// <summary>From where on the relay has to be kept for them.</summary>
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
