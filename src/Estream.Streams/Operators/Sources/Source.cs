using Estream.Queue;
using Estream.Streams.Observing;

namespace Estream.Streams.Operators;

/// <summary>The beginning of a pipeline that is set up: it reads events and gives them to the first operator.</summary>
internal abstract class Source
{
    /// <summary>Messages of other schemas that were passed.</summary>
    public long Passed { get; protected set; }

    /// <summary>Bytes of the messages that were read, and of those that were refused as often as they came.</summary>
    public long BytesRead { get; protected set; }

    /// <summary>Who is told of messages; null where nobody asks.</summary>
    public MessageSight? Sight { get; set; }

    /// <summary>0, and 1 for the other queue of a join.</summary>
    public int Side { get; set; }

    /// <summary>Reads events until there is none, so many were read, or the end wants to commit.</summary>
    /// <returns>How many messages were read.</returns>
    public abstract int Pump(QueueTailer tailer, PumpEnd end, int most);
}
