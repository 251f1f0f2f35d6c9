using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Internal;

namespace Estream.Streams;

/// <summary>
/// Space for several messages that become visible to readers all at once or not at all. For each message, <see cref="Begin"/> a writer, set
/// its fields and <see cref="Add"/> it; <see cref="Commit"/> makes all of them visible. Disposing without committing makes none visible.
/// Allocates nothing.
/// </summary>
/// <typeparam name="TWriter">The generated writer.</typeparam>
/// <remarks>Like a <see cref="BatchClaim"/>: used once, on the thread of its appender.</remarks>
public readonly ref struct EsfBatch<TWriter>
    where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
{
    private readonly BatchClaim _batch;
    private readonly SealingSpace? _space;

    internal EsfBatch(BatchClaim batch, SealingSpace? space, int maxBytes)
    {
        _batch = batch;
        _space = space;
        if (space is not null)
        {
            space.Left = maxBytes;
        }
    }

    /// <summary>The position of the first message.</summary>
    public long Position => _batch.Position;

    /// <summary>The number of messages added so far.</summary>
    /// <exception cref="InvalidOperationException">The batch was already committed or disposed.</exception>
    public int Count => _batch.Count;

    /// <summary>Starts the next message; fields that are not set stay absent or zero. The message may use all remaining bytes of the
    /// batch.</summary>
    /// <exception cref="ArgumentException">The remaining space is shorter than the shortest message, or the batch already has its maximum
    /// number of messages.</exception>
    /// <exception cref="InvalidOperationException">The batch was already committed or disposed.</exception>
    public TWriter Begin()
    {
        Span<byte> left = _batch.Span;
        return TWriter.Begin(_space is null ? left : _space.Take(left.IsEmpty ? 0 : _space.Left));
    }

    /// <summary>Checks the written message as <see cref="EsfValidator.Check(EsfSchema, ReadOnlySpan{byte})"/> does, and adds it to the
    /// batch.</summary>
    /// <param name="writer">The writer that <see cref="Begin"/> returned, with every required field set.</param>
    /// <exception cref="ArgumentException">The writer belongs to another message or was added before; or a field is invalid: a required
    /// field without a value, an unknown value of an enum, text that is not UTF-8. The exception names the field, and the batch stays
    /// unchanged.</exception>
    /// <exception cref="InvalidOperationException">The batch was already committed or disposed.</exception>
    /// <remarks>The check takes time proportional to the number of fields and items. A required number that is not set has the value
    /// 0.</remarks>
    public void Add(scoped in TWriter writer)
    {
        ReadOnlySpan<byte> space = Space;
        int length = Message.LengthOf(writer, space);
        Message.RequireValid(TWriter.Schema, space[..length]);
        Append(length);
    }

    /// <summary>Adds the written message to the batch without checking its fields. Readers of an invalid message get an
    /// <see cref="Core.EstreamFormatException"/>.</summary>
    /// <param name="writer">The writer that <see cref="Begin"/> returned, with every required field set to a valid value.</param>
    /// <exception cref="ArgumentException">The writer belongs to another message or was added before; or the message is to be sealed and a
    /// required field is not set.</exception>
    /// <exception cref="InvalidOperationException">The batch was already committed or disposed.</exception>
    public void AddUnchecked(scoped in TWriter writer) => Append(Message.LengthOf(writer, Space));

    /// <summary>Makes all messages visible to readers at once. A batch without messages appends nothing.</summary>
    /// <exception cref="InvalidOperationException">The batch was already committed or disposed, or its appender was disposed.</exception>
    /// <exception cref="Core.EstreamStorageException">The queue of a sub-lex cannot be written. No message was appended.</exception>
    public void Commit()
    {
        _space?.AppendParts();
        _batch.Commit();
    }

    /// <summary>Aborts the batch if it was not committed. Idempotent.</summary>
    public void Dispose()
    {
        _space?.Clear();
        _space?.ForgetParts();
        _batch.Dispose();
    }

    // The span in which Begin has started the message.
    private ReadOnlySpan<byte> Space => _space is null ? _batch.Span : _space.Taken;

    private void Append(int length)
    {
        if (_space is null)
        {
            _batch.Add(length);
            return;
        }

        _batch.Add(_space.Seal(length, _batch.Span));
        _space.Left -= length;
    }
}
