using Estream.Esf;
using Estream.Streams.Internal;

namespace Estream.Streams.Operators;

/// <summary>Makes the message that an event becomes. One thread.</summary>
/// <param name="maxLength">The most bytes of a message before it is sealed.</param>
/// <param name="space">Seals them, where their schema has private fields.</param>
internal abstract class MessageMaker<T>(int maxLength, SealingSpace? space)
    where T : allows ref struct
{
    /// <summary>The most bytes of a message before it is sealed.</summary>
    public int MaxLength => maxLength;

    /// <summary>The schema whose private fields are sealed; null where there are none.</summary>
    protected EsfSchema? Sealed => space?.Schema;

    /// <summary>The most bytes of a message in the queue.</summary>
    public int MaxStored => space?.MaxSealedLength(maxLength) ?? maxLength;

    /// <summary>So many bytes are enough for any message where there is no room for more: it says less then.</summary>
    public virtual int LeastStored => MaxStored;

    /// <summary>What is said of the last event of which no message could be made.</summary>
    public Unmade WhyNot { get; protected set; }

    /// <summary>The most bytes that the message of an event takes in the queue, where that is asked.</summary>
    public virtual int MaxStoredOf(scoped in T item) => MaxStored;

    /// <summary>Makes the message of an event at the beginning of a place that has room for the longest.</summary>
    /// <returns>How long it is; 0 where none can be made of what an operator with a state results in, and <see cref="WhyNot"/> says
    /// why.</returns>
    public virtual int Make(scoped in T item, Span<byte> place)
    {
        if (space is null)
        {
            return Write(in item, place);
        }

        try
        {
            return space.Seal(Write(in item, space.Take(maxLength)), place);
        }
        finally
        {
            // Also what a delegate has begun to write before it threw.
            space.Clear();
        }
    }

    /// <summary>What is said of an event of which something cannot be made.</summary>
    /// <param name="item">The event.</param>
    /// <param name="reason">Why it cannot.</param>
    public virtual Unmade Tell(scoped in T item, string reason) => new(reason, 0);

    /// <summary>Writes a message in clear.</summary>
    /// <returns>As <see cref="Make"/>.</returns>
    protected abstract int Write(scoped in T item, Span<byte> place);
}
