using Estream.Esf;
using Estream.Streams.Internal;

namespace Estream.Streams.Operators;

/// <summary>Creates the message of an event. Used on one thread.</summary>
/// <param name="maxLength">The maximum length in bytes of a message before it is sealed.</param>
/// <param name="space">Seals the messages if their schema has private fields; otherwise null.</param>
internal abstract class MessageMaker<T>(int maxLength, SealingSpace? space)
    where T : allows ref struct
{
    /// <summary>The maximum length in bytes of a message before it is sealed.</summary>
    public int MaxLength => maxLength;

    /// <summary>The schema whose private fields are sealed; null if there are none.</summary>
    protected EsfSchema? Sealed => space?.Schema;

    /// <summary>The maximum length in bytes of a message in the queue.</summary>
    public int MaxStored => space?.MaxSealedLength(maxLength) ?? maxLength;

    /// <summary>The length in bytes to which any message can be shortened, by omitting content, if there is no room for its full
    /// length.</summary>
    public virtual int LeastStored => MaxStored;

    /// <summary>Describes the last event for which no message could be created.</summary>
    public FailedResult LastFailure { get; protected set; }

    /// <summary>Returns the maximum length in bytes that the message of an event takes in the queue.</summary>
    public virtual int MaxStoredOf(scoped in T item) => MaxStored;

    /// <summary>Creates the message of an event at the start of a span that has room for the longest message.</summary>
    /// <returns>The length of the message; 0 if none can be created from the result of a stateful operator, and <see cref="LastFailure"/>
    /// describes why.</returns>
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
            // Also clears the plaintext that a delegate wrote before it threw.
            space.Clear();
        }
    }

    /// <summary>Describes an event from which no message or entry can be created.</summary>
    /// <param name="item">The event.</param>
    /// <param name="reason">The reason.</param>
    public virtual FailedResult DescribeFailure(scoped in T item, string reason) => new(reason, 0);

    /// <summary>Writes a plaintext message.</summary>
    /// <returns>The length of the message, or 0, as for <see cref="Make"/>.</returns>
    protected abstract int Write(scoped in T item, Span<byte> place);
}

/// <summary>Creates messages with a delegate.</summary>
/// <param name="maxLength">The maximum length in bytes of a message before it is sealed.</param>
/// <param name="write">Writes a message.</param>
/// <param name="space">Seals the messages if their schema has private fields; otherwise null.</param>
/// <param name="mayLeaveOut">True if the delegate can skip a message by leaving the writer empty.</param>
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
