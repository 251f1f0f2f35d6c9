using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Internal;

namespace Estream.Streams;

/// <summary>
/// Space for one message at the end of the log. <see cref="Begin"/> a writer, set its fields, <see cref="Commit"/> it. Disposing without
/// committing gives the space up, and nobody ever sees what was written.
/// </summary>
/// <typeparam name="TWriter">The generated writer.</typeparam>
/// <remarks>As an <see cref="AppendClaim"/>: used once, and in a shared appender not kept longer than it takes to write the
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

    /// <summary>The position the message will have.</summary>
    public long Position => _claim.Position;

    /// <summary>Starts the message; what is not set stays absent or zero. Called again, it starts anew.</summary>
    /// <exception cref="ArgumentException">Less was claimed than the shortest message has.</exception>
    public TWriter Begin() => TWriter.Begin(_space is null ? _claim.Span : _space.Take(_maxLength));

    /// <summary>Makes what was written a message.</summary>
    /// <param name="writer">What <see cref="Begin"/> returned, with every required field set.</param>
    /// <exception cref="ArgumentException">It is a writer of something else; or a required field was not set, where the message is to be
    /// sealed.</exception>
    /// <exception cref="InvalidOperationException">The claim was already committed or disposed, or its appender was disposed.</exception>
    /// <exception cref="Core.EstreamStorageException">The queue of a sub-lex cannot be written. The message was not appended.</exception>
    public void Commit(scoped in TWriter writer)
    {
        if (_space is null)
        {
            _claim.Commit(Message.LengthOf(writer, _claim.Span));
            return;
        }

        int length = _space.Seal(Message.LengthOf(writer, _space.Taken), _claim.Span);
        _space.AppendParts();
        _claim.Commit(length);
    }

    /// <summary>Aborts the claim if it was not committed. Idempotent.</summary>
    public void Dispose()
    {
        _space?.Clear();
        _space?.ForgetParts();
        _claim.Dispose();
    }
}
