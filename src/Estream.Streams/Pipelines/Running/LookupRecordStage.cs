using Estream.Esf.Expressions;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>Makes a message of each message and what a map has for it.</summary>
internal sealed class LookupRecordStage(
    StateMap<Utf8Key64, LatestEntry> map, EsfExpression key, bool isOptional, Projection projection, int maxBytes, Rejects rejects, Stage<Record> next) : Stage<Record>
{
    private readonly byte[] _buffer = new byte[maxBytes];

    public override void Push(scoped in Record item, scoped in QueueMessage message)
    {
        LatestEntry found = default;
        bool isThere = KeyText.TryGet(key, item.Message, out Utf8Key64 text) && map.TryGet(in text, out found) && found.IsInline;
        if (!isThere && !isOptional)
        {
            return;
        }

        if (projection.Make(item.Message, isThere ? found.Message : default, _buffer, out int length) is string reason)
        {
            rejects.Take(reason, in message);
            return;
        }

        var made = new Record(_buffer.AsSpan(0, length), message);
        try
        {
            next.Push(in made, in message);
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
