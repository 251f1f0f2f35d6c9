using Estream.Esf;
using Estream.Esf.Expressions;

namespace Estream.Streams.Pipelines.Running;

/// <summary>A stage that takes one message at a time and remembers nothing.</summary>
internal abstract record Step
{
    /// <summary>The maps it looks at.</summary>
    public virtual IEnumerable<string> Lookups => [];

    /// <summary>What its author calls the places a message visits in it, by the numbers by which they are told
    /// (<see cref="Observing.MessageSight.Visit"/>).</summary>
    public virtual IReadOnlyList<string> Places => [];

    /// <summary>By how many ways a message leaves it at most.</summary>
    public virtual int Ways => 1;

    public abstract EsfStream<Record> Add(EsfStream<Record> stream, Opening opening, Rejects rejects);
}

internal sealed record FilterStep(EsfExpression Condition) : Step
{
    public override EsfStream<Record> Add(EsfStream<Record> stream, Opening opening, Rejects rejects)
    {
        EsfExpression condition = Condition;
        return stream.Where((scoped in Record record) => condition.IsTrue(record.Message));
    }
}

internal sealed record ProjectStep(Projection Projection) : Step
{
    public override EsfStream<Record> Add(EsfStream<Record> stream, Opening opening, Rejects rejects) =>
        stream.Then<Record>(next => new ProjectStage(new ProjectedMessage(Projection, opening, rejects, next)));
}

internal sealed record LookupStep(string Map, EsfExpression Key, bool IsOptional, Projection Projection) : Step
{
    public override IEnumerable<string> Lookups => [Map];

    public override EsfStream<Record> Add(EsfStream<Record> stream, Opening opening, Rejects rejects) =>
        stream.Then<Record>(next => new LookupRecordStage(opening.Places.Map(Map), Key, IsOptional, new ProjectedMessage(Projection, opening, rejects, next)), isRepeatable: false);
}
