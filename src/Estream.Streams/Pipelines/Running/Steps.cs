using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>A stage that takes one message at a time and remembers nothing.</summary>
internal abstract record Step
{
    /// <summary>The maps it looks at.</summary>
    public virtual IEnumerable<string> Lookups => [];

    /// <summary>What its author calls the places a message visits in it, by the numbers by which they are told
    /// (<see cref="Observing.MessageObserver.Visit"/>).</summary>
    public virtual IReadOnlyList<string> ElementNames => [];

    /// <summary>By how many ways a message leaves it at most.</summary>
    public virtual int MaxRoutes => 1;

    public abstract EsfStream<Record> Add(EsfStream<Record> stream, PipelineContext opening, Rejects rejects);
}

internal sealed record FilterStep(EsfExpression Condition) : Step
{
    public override EsfStream<Record> Add(EsfStream<Record> stream, PipelineContext opening, Rejects rejects)
    {
        EsfExpression condition = Condition;
        return stream.Where((scoped in Record record) => condition.IsTrue(record.Message));
    }
}

internal sealed record ProjectStep(Projection Projection) : Step
{
    public override EsfStream<Record> Add(EsfStream<Record> stream, PipelineContext opening, Rejects rejects) =>
        stream.Then<Record>(next => new ProjectStage(new ProjectedMessage(Projection, opening, rejects, next)));
}

internal sealed record LookupStep(string Map, EsfExpression Key, bool IsOptional, Projection Projection) : Step
{
    public override IEnumerable<string> Lookups => [Map];

    public override EsfStream<Record> Add(EsfStream<Record> stream, PipelineContext opening, Rejects rejects) =>
        stream.Then<Record>(next =>
            new LookupRecordStage(opening.Resources.Map(Map), Key, IsOptional, new ProjectedMessage(Projection, opening, rejects, next)),
            isRepeatable: false);
}

/// <summary>Makes a message of each message and what a map has for it.</summary>
internal sealed class LookupRecordStage(StateMap<Utf8Key64, LatestEntry> map, EsfExpression key, bool isOptional, ProjectedMessage made)
    : Stage<Record>
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

/// <summary>Makes a message of another schema of each message.</summary>
internal sealed class ProjectStage(ProjectedMessage made) : Stage<Record>
{
    public override void Push(scoped in Record item, scoped in QueueMessage message) => made.Push(item.Message, default, in message);
}

/// <summary>Makes a message by a projection and hands it on, or has it rejected. One thread.</summary>
internal sealed class ProjectedMessage(Projection projection, PipelineContext opening, Rejects rejects, Stage<Record> next)
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
