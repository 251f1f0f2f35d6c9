using Estream.Esf;
using Estream.Queue;

namespace Estream.Circuits;

/// <summary>Does what a node does that is bound to code. Called for each message, on the thread that runs the circuit; it must not keep the
/// call or its spans.</summary>
/// <param name="call">The message, and what becomes of it.</param>
/// <remarks>
/// The same message has to come to the same: after a kill it is taken again, and where rejected messages go to a queue it is taken a second
/// time for that. An exception makes the message a rejected one with the exception's message as the reason, or its type where the types of
/// the node have private fields, so that no message stops a stream. What is wrong with the world and not with the message, an
/// <see cref="Core.EstreamException"/> or an <see cref="OperationCanceledException"/>, ends the call of the pipeline, with the message
/// still to come: code that finds the message itself damaged catches that and rejects it.
/// </remarks>
public delegate void CircuitFunction(ref NodeCall call);

/// <summary>A message at a node that is bound to code. Without a word of the function it is dropped.</summary>
public ref struct NodeCall
{
    private readonly Span<byte> _buffer;
    private int _length;

    internal NodeCall(ReadOnlySpan<byte> message, EsfSchema takes, EsfSchema makes, scoped in QueueMessage origin, Span<byte> room)
    {
        Message = message;
        Takes = takes;
        Makes = makes;
        Time = origin.Time;
        Position = origin.Position;
        _buffer = room;
    }

    /// <summary>The message: by its header one of <see cref="Takes"/>. Who reads it from outside validates it, or asks fields by
    /// <see cref="EsfField"/>, which of a damaged one are absent.</summary>
    public ReadOnlySpan<byte> Message { get; }

    /// <summary>The type of the message.</summary>
    public EsfSchema Takes { get; }

    /// <summary>The type of what has to be made.</summary>
    public EsfSchema Makes { get; }

    /// <summary>When the message at the input was appended, in nanoseconds since 1970 UTC: a clock that says the same whenever the message
    /// is taken.</summary>
    public long Time { get; }

    /// <summary>The position of the message at the input: the same whenever it is taken, and above those of all before it. What code
    /// remembers of messages it keeps by this, since some of them may come again.</summary>
    public long Position { get; }

    /// <summary>Where a message of <see cref="Makes"/> is written, with a generated writer or an <see cref="EsfMessageBuilder"/>; as long
    /// as the circuit's messages may be.</summary>
    public readonly Span<byte> Buffer => _buffer;

    internal readonly ReadOnlySpan<byte> Output => _length < 0 ? Message : _buffer[.._length];

    internal readonly bool IsMade => _length > 0;

    internal readonly bool HasOutput => _length != 0 && Reason is null;

    internal string? Reason { get; private set; }

    /// <summary>Has the message go on as it is.</summary>
    /// <exception cref="InvalidOperationException">The node makes messages of another type.</exception>
    public void Pass()
    {
        if (Takes.Id != Makes.Id)
        {
            throw new InvalidOperationException(
                $"The node takes {Takes} and makes {Makes}: write a message in {nameof(Buffer)} and say {nameof(Make)}.");
        }

        _length = -1;
    }

    /// <summary>Has what was written in <see cref="Buffer"/> go on. It is one of <see cref="Makes"/>, or is rejected.</summary>
    /// <param name="length">Its length in bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is longer than the room, or has no byte.</exception>
    public void Make(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _buffer.Length);
        _length = length;
    }

    /// <summary>Has the message rejected.</summary>
    /// <param name="reason">Why; the same text for the same reason, since each is kept once.</param>
    public void Reject(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        Reason = reason;
    }
}
