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
    public FailedResult LastFailure { get; protected set; }

    /// <summary>The most bytes that the message of an event takes in the queue, where that is asked.</summary>
    public virtual int MaxStoredOf(scoped in T item) => MaxStored;

    /// <summary>Makes the message of an event at the beginning of a place that has room for the longest.</summary>
    /// <returns>How long it is; 0 where none can be made of what an operator with a state results in, and <see cref="LastFailure"/> says
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
    public virtual FailedResult DescribeFailure(scoped in T item, string reason) => new(reason, 0);

    /// <summary>Writes a message in clear.</summary>
    /// <returns>As <see cref="Make"/>.</returns>
    protected abstract int Write(scoped in T item, Span<byte> place);
}

/// <summary>A message that a delegate writes.</summary>
/// <param name="maxLength">The most bytes of it before it is sealed.</param>
/// <param name="write">Writes it.</param>
/// <param name="space">Seals it, where its schema has private fields.</param>
/// <param name="mayLeaveOut">Whether the delegate leaves one out by leaving nothing in the writer.</param>
internal sealed class WrittenMessage<T, TWriter>(int maxLength, EventWriter<T, TWriter> write, SealingSpace? space,
    bool mayLeaveOut = false) : MessageMaker<T>(maxLength, space)
    where T : allows ref struct
    where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
{
    protected override int Write(scoped in T item, Span<byte> place)
    {
        TWriter writer = TWriter.Begin(place);
        write(in item, ref writer);
        return mayLeaveOut && writer.Written.IsEmpty ? 0 : Message.LengthOf(in writer, place);
    }
}
