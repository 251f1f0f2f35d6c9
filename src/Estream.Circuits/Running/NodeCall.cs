using Estream.Esf;
using Estream.Queue;

namespace Estream.Circuits;

/// <summary>Implements a node that is bound to code. Called for each message on the thread of the circuit. The function must not keep the
/// call or its spans.</summary>
/// <param name="call">The message, and methods that decide its outcome.</param>
/// <remarks>
/// The function must be deterministic: after a crash a message is processed again, and if rejected messages go to a queue, each message is
/// processed a second time for that queue. An exception rejects the message, so that no message stops a stream; the reason is the
/// exception's message, or only its type if the types of the node have private fields. An <see cref="Core.EstreamException"/> or an
/// <see cref="OperationCanceledException"/> indicates a failure of the environment: it ends the call of the pipeline and the message is
/// processed again later. Code that finds the message itself damaged must catch these exceptions and reject the message.
/// </remarks>
public delegate void CircuitFunction(ref NodeCall call);

/// <summary>A message at a node that is bound to code. If the function calls none of the methods, the message is dropped.</summary>
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

    /// <summary>The message; its header identifies it as a <see cref="Takes"/>. Its content is not validated: validate it first, or read
    /// fields with <see cref="EsfField"/>, which treats fields of a damaged message as absent.</summary>
    public ReadOnlySpan<byte> Message { get; }

    /// <summary>The type of the message.</summary>
    public EsfSchema Takes { get; }

    /// <summary>The type of the message to produce.</summary>
    public EsfSchema Makes { get; }

    /// <summary>When the message was appended to the input, in nanoseconds since 1970 UTC. The value is the same each time the message is
    /// processed.</summary>
    public long Time { get; }

    /// <summary>The position of the message in the input. The position is the same each time the message is processed and increases from
    /// message to message. Code that keeps state per message must key it by this position, since messages may be processed again.</summary>
    public long Position { get; }

    /// <summary>The buffer for a message of type <see cref="Makes"/>; write it with a generated writer or an
    /// <see cref="EsfMessageBuilder"/>. Its length is the maximum message length of the circuit.</summary>
    public readonly Span<byte> Buffer => _buffer;

    internal readonly ReadOnlySpan<byte> Output => _length < 0 ? Message : _buffer[.._length];

    internal readonly bool IsMade => _length > 0;

    internal readonly bool HasOutput => _length != 0 && Reason is null;

    internal string? Reason { get; private set; }

    /// <summary>Passes the message on unchanged.</summary>
    /// <exception cref="InvalidOperationException">The node produces messages of another type.</exception>
    public void Pass()
    {
        if (Takes.Id != Makes.Id)
        {
            throw new InvalidOperationException(
                $"The node takes {Takes} and produces {Makes}. Write a message to {nameof(Buffer)} and call {nameof(Make)}.");
        }

        _length = -1;
    }

    /// <summary>Passes on the message written to <see cref="Buffer"/>. The message is rejected if it is not a valid
    /// <see cref="Makes"/>.</summary>
    /// <param name="length">The length in bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is zero, negative, or greater than that of the buffer.</exception>
    public void Make(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _buffer.Length);
        _length = length;
    }

    /// <summary>Rejects the message.</summary>
    /// <param name="reason">The reason. Use the same text for the same reason, since each distinct text is kept once.</param>
    public void Reject(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        Reason = reason;
    }
}
