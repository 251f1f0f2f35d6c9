using Estream.Esf;
using Estream.Queue;

namespace Estream.Streams.Pipelines.Running;

/// <summary>A buffer in which a projection creates messages, one after another; a message that cannot be created is rejected. Used on one
/// thread.</summary>
internal sealed class ProjectionBuffer(Projection projection, PipelineContext opening, Rejects rejects)
{
    private readonly byte[] _buffer = opening.NewBuffer(opening.MaxBytes);
    private readonly EsfSealer? _sealer = projection.SetsCards ? opening.SealerFor(projection.Target) : null;

    /// <summary>Creates a message from one message, and optionally a second one. The created message is valid until the next call, or until
    /// <see cref="Forget"/>.</summary>
    /// <returns>False if the message was rejected.</returns>
    public bool TryMake(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, scoped in QueueMessage origin, out ReadOnlySpan<byte> made)
    {
        made = default;
        string? reason = projection.Make(first, second, _buffer, out int length);
        reason ??= _sealer is null ? null : projection.CheckCards(_buffer.AsSpan(0, length), _sealer);
        if (reason is not null)
        {
            rejects.Take(reason, in origin);
            return false;
        }

        made = _buffer.AsSpan(0, length);
        return true;
    }

    /// <summary>Clears the buffer if it may contain private plaintext, which must not stay in it longer than necessary.</summary>
    public void Forget()
    {
        if (projection.Target.IsProtected)
        {
            Array.Clear(_buffer);
        }
    }
}
