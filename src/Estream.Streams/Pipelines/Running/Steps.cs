using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>A stateless stage that processes one message at a time.</summary>
internal abstract record Step
{
    /// <summary>The maps that the stage reads.</summary>
    public virtual IEnumerable<string> Lookups => [];

    /// <summary>The author's names for the elements of the stage that a message visits, by their numbers in
    /// <see cref="Observing.MessageObserver.Visit"/>.</summary>
    public virtual IReadOnlyList<string> ElementNames => [];

    /// <summary>The maximum number of routes by which a message leaves the stage.</summary>
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

/// <summary>Creates a message from each message and the value that a map has for it.</summary>
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

/// <summary>Converts each message to another schema.</summary>
internal sealed class ProjectStage(ProjectedMessage made) : Stage<Record>
{
    public override void Push(scoped in Record item, scoped in QueueMessage message) => made.Push(item.Message, default, in message);
}

/// <summary>Creates a message with a projection and passes it on, or rejects it. Used on one thread.</summary>
internal sealed class ProjectedMessage(Projection projection, PipelineContext opening, Rejects rejects, Stage<Record> next)
{
    private readonly ProjectionBuffer _buffer = new(projection, opening, rejects);

    /// <summary>Creates a message from one message, and optionally a second one, and passes it on.</summary>
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
