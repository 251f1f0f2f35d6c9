using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Internal;

namespace Estream.Streams;

/// <summary>
/// Space for one message at the end of the log. <see cref="Begin"/> a writer, set its fields, <see cref="Commit"/> it. Disposing without
/// committing aborts the claim; no reader ever sees the bytes written to it.
/// </summary>
/// <typeparam name="TWriter">The generated writer.</typeparam>
/// <remarks>Like an <see cref="AppendClaim"/>: used once. With a shared appender, hold it no longer than it takes to write the
/// message.</remarks>
public readonly ref struct EsfClaim<TWriter>
    where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
{
    private readonly AppendClaim _claim;
    private readonly SealingSpace? _space;
    private readonly int _maxLength;

    internal EsfClaim(AppendClaim claim, SealingSpace? space, int maxLength)
    {
        _claim = claim;
        _space = space;
        _maxLength = maxLength;
    }

    /// <summary>The position of the message.</summary>
    public long Position => _claim.Position;

    /// <summary>Starts the message; fields that are not set stay absent or zero. A second call starts over.</summary>
    /// <exception cref="ArgumentException">The claim is shorter than the shortest message.</exception>
    public TWriter Begin() => TWriter.Begin(_space is null ? _claim.Span : _space.Take(_maxLength));

    /// <summary>Checks the written message as <see cref="EsfValidator.Check(EsfSchema, ReadOnlySpan{byte})"/> does, and commits
    /// it.</summary>
    /// <param name="writer">The writer that <see cref="Begin"/> returned, with every required field set.</param>
    /// <exception cref="ArgumentException">The writer belongs to another message; or a field is invalid: a required field without a value,
    /// an unknown value of an enum, text that is not UTF-8. The exception names the field, and the claim stays open.</exception>
    /// <exception cref="InvalidOperationException">The claim was already committed or disposed, or its appender was disposed.</exception>
    /// <exception cref="Core.EstreamStorageException">The queue of a sub-lex cannot be written. The message was not appended.</exception>
    /// <remarks>The check takes time proportional to the number of fields and items. A required number has a value, 0, also if it is not
    /// set.</remarks>
    public void Commit(scoped in TWriter writer)
    {
        ReadOnlySpan<byte> space = Space;
        int length = Message.LengthOf(writer, space);
        Message.RequireValid(TWriter.Schema, space[..length]);
        Publish(length);
    }

    /// <summary>Commits the written message without checking its fields. Readers of an invalid message get an
    /// <see cref="Core.EstreamFormatException"/> from the invalid field.</summary>
    /// <param name="writer">The writer that <see cref="Begin"/> returned, with every required field set to a valid value.</param>
    /// <exception cref="ArgumentException">The writer belongs to another message; or the message is to be sealed and a required field is
    /// not set.</exception>
    /// <exception cref="InvalidOperationException">The claim was already committed or disposed, or its appender was disposed.</exception>
    /// <exception cref="Core.EstreamStorageException">The queue of a sub-lex cannot be written. The message was not appended.</exception>
    public void CommitUnchecked(scoped in TWriter writer) => Publish(Message.LengthOf(writer, Space));

    /// <summary>Aborts the claim if it was not committed. Idempotent.</summary>
    public void Dispose()
    {
        _space?.Clear();
        _space?.ForgetParts();
        _claim.Dispose();
    }

    // Where Begin has started the message.
    private ReadOnlySpan<byte> Space => _space is null ? _claim.Span : _space.Taken;

    private void Publish(int length)
    {
        if (_space is null)
        {
            _claim.Commit(length);
            return;
        }

        int sealedLength = _space.Seal(length, _claim.Span);
        _space.AppendParts();
        _claim.Commit(sealedLength);
    }
}
