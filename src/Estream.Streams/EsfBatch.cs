using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Internal;

namespace Estream.Streams;

/// <summary>
/// Space for several messages that readers see together or not at all. <see cref="Begin"/> a writer, set its fields, <see cref="Add"/> it,
/// and so on; <see cref="Commit"/> shows them all. Disposing without committing shows none. Allocates nothing.
/// </summary>
/// <typeparam name="TWriter">The generated writer.</typeparam>
/// <remarks>As a <see cref="BatchClaim"/>: used once, on the thread of its appender.</remarks>
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

    /// <summary>The position the first message will have.</summary>
    public long Position => _batch.Position;

    /// <summary>Messages added so far.</summary>
    /// <exception cref="InvalidOperationException">The batch was already committed or disposed.</exception>
    public int Count => _batch.Count;

    /// <summary>Starts the next message; what is not set stays absent or zero. It may take all that is left of the bytes.</summary>
    /// <exception cref="ArgumentException">What is left is shorter than the shortest message, or all messages that were claimed are in the
    /// batch.</exception>
    /// <exception cref="InvalidOperationException">The batch was already committed or disposed.</exception>
    public TWriter Begin()
    {
        Span<byte> left = _batch.Span;
        return TWriter.Begin(_space is null ? left : _space.Take(left.IsEmpty ? 0 : _space.Left));
    }

    /// <summary>Makes what was written the next message of the batch.</summary>
    /// <param name="writer">What <see cref="Begin"/> returned, with every required field set.</param>
    /// <exception cref="ArgumentException">It is a writer of something else, or was added before; or a required field was not set, where
    /// the message is to be sealed.</exception>
    /// <exception cref="InvalidOperationException">The batch was already committed or disposed.</exception>
    public void Add(scoped in TWriter writer)
    {
        if (_space is null)
        {
            _batch.Add(Message.LengthOf(writer, _batch.Span));
            return;
        }

        int length = Message.LengthOf(writer, _space.Taken);
        _batch.Add(_space.Seal(length, _batch.Span));
        _space.Left -= length;
    }

    /// <summary>Shows the messages to readers, all at once. A batch without messages leaves nothing.</summary>
    /// <exception cref="InvalidOperationException">The batch was already committed or disposed, or its appender was.</exception>
    /// <exception cref="Core.EstreamStorageException">The queue of a sub-lex cannot be written. No message was appended.</exception>
    public void Commit()
    {
        _space?.AppendParts();
        _batch.Commit();
    }

    /// <summary>Gives the batch up if it was not committed. Idempotent.</summary>
    public void Dispose()
    {
        _space?.Clear();
        _space?.ForgetParts();
        _batch.Dispose();
    }
}
