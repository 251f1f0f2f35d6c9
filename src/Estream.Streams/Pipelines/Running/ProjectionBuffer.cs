using Estream.Esf;
using Estream.Queue;

namespace Estream.Streams.Pipelines.Running;

/// <summary>Where a message is made by a projection, one after the other; one that cannot be made is rejected. One thread.</summary>
internal sealed class ProjectionBuffer(Projection projection, PipelineContext opening, Rejects rejects)
{
    private readonly byte[] _buffer = opening.NewBuffer(opening.MaxBytes);
    private readonly EsfSealer? _sealer = projection.SetsCards ? opening.SealerFor(projection.Target) : null;

    /// <summary>Makes a message of one, and of a second one where there is one. It is there until the next one, or until it is to be
    /// forgotten.</summary>
    /// <returns>False when it was rejected.</returns>
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

    /// <summary>What is private lies in clear here, and no longer than it has to.</summary>
    public void Forget()
    {
        if (projection.Target.IsProtected)
        {
            Array.Clear(_buffer);
        }
    }
}
