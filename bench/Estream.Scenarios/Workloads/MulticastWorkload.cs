using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>The work of `multicast` in a round: messages of 64 bytes from one network namespace to another, each timed.</summary>
internal sealed record MulticastWorkload(RunSize Size)
{
    /// <summary>The time between two messages: 20,000 a second.</summary>
    public const long IntervalNanos = 50_000;

    /// <summary>Messages of a round.</summary>
    public long Messages => Size.Of(20_000, 200);
}

/// <summary>A way for messages from one namespace to another. One thread sends, one receives.</summary>
internal abstract class MessageRoute : IDisposable
{
    /// <summary>Sends a message with a number.</summary>
    public abstract void Send(long number);

    /// <summary>Does what the sender has to do between two messages.</summary>
    public virtual void Poll()
    {
    }

    /// <summary>Returns whether the message with this number, which is the next one, has arrived.</summary>
    public abstract bool TryReceive(long number);

    public abstract void Dispose();
}
