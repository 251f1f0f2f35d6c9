using Estream.Esf;
using Estream.Queue;

namespace Estream.Streams.Operators;

internal sealed class AppendStage<T, TWriter>(QueueEnd<T, TWriter> end) : Stage<T>
    where T : allows ref struct
    where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
{
    public override void Push(scoped in T item, scoped in QueueMessage message) => end.Write(in item);
}
