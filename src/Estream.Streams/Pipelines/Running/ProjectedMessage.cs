using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>Makes a message by a projection and hands it on, or has it rejected. One thread.</summary>
internal sealed class ProjectedMessage(Projection projection, Opening opening, Rejects rejects, Stage<Record> next)
{
    private readonly byte[] _buffer = new byte[opening.MaxBytes];
    private readonly EsfSealer? _sealer = projection.SetsCards ? opening.SealerFor(projection.Target) : null;

    /// <summary>Makes a message of one, and of a second one where there is one, and hands it on.</summary>
    public void Push(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, scoped in QueueMessage origin)
    {
        try
        {
            if (projection.Make(first, second, _buffer, out int length) is string reason)
            {
                rejects.Take(reason, in origin);
                return;
            }

            if (_sealer is not null && projection.CheckCards(_buffer.AsSpan(0, length), _sealer) is string noCard)
            {
                rejects.Take(noCard, in origin);
                return;
            }

            var made = new Record(_buffer.AsSpan(0, length), origin);
            next.Push(in made, in origin);
        }
        finally
        {
            if (projection.Target.IsProtected)
            {
                // What is private lies in clear here, and no longer than it has to.
                Array.Clear(_buffer);
            }
        }
    }
}
