using Estream.Esf.Expressions;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>Makes a message of each message and what a map has for it.</summary>
internal sealed class LookupRecordStage(StateMap<Utf8Key64, LatestEntry> map, EsfExpression key, bool isOptional, ProjectedMessage made) : Stage<Record>
{
    public override void Push(scoped in Record item, scoped in QueueMessage message)
    {
        LatestEntry found = default;
        bool isThere = KeyText.TryGet(key, item.Message, out Utf8Key64 text) && map.TryGet(in text, out found) && found.IsInline;
        if (isThere || isOptional)
        {
            made.Push(item.Message, isThere ? found.Message : default, in message);
        }
    }
}
