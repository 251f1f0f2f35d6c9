using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>Makes a message by a projection and hands it on, or has it rejected. One thread.</summary>
internal sealed class ProjectedMessage(Projection projection, Opening opening, Rejects rejects, Stage<Record> next)
{
    private readonly ProjectionBuffer _buffer = new(projection, opening, rejects);

    /// <summary>Makes a message of one, and of a second one where there is one, and hands it on.</summary>
    public void Push(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, scoped in QueueMessage origin)
    {
        try
        {
            if (_buffer.TryMake(first, second, in origin, out ReadOnlySpan<byte> made))
            {
                var record = new Record(made, origin);
                next.Push(in record, in origin);
            }
        }
        finally
        {
            _buffer.Forget();
        }
    }
}
