using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>The last part of a pipeline: an operator with a state or none, and how its results reach where they go.</summary>
/// <param name="Taken">The schema of the messages it is given, which is that of late ones.</param>
/// <param name="Schema">The schema of the results.</param>
internal abstract record TerminalOperator(EsfSchema Taken, EsfSchema Schema)
{
    /// <summary>Whether it keeps a state.</summary>
    public virtual bool HasState => true;

    public virtual string? Late => null;

    public virtual string? Joined => null;

    /// <summary>Whether a result may turn out to be one that cannot be made, when there is no message any more that could be rejected for
    /// it.</summary>
    public virtual bool CanLeaveOut => false;

    /// <summary>What it needs of each message it is given.</summary>
    public abstract IEnumerable<RequiredValue> NeedsOfOperator { get; }

    public abstract EsfPipeline Begin(EsfStream<Record> stream, PipelineContext opening, Sink sink);

    /// <summary>The messages it takes of another queue, without those that it cannot take; null where it takes none.</summary>
    /// <param name="resources">Where it finds the queue.</param>
    /// <param name="rejects">Is told of those.</param>
    /// <param name="unreadable">What becomes of messages that cannot be read.</param>
    public virtual EsfStream<Record>? OtherSide(IPipelineResources resources, Rejects rejects, UnreadableAction unreadable) => null;

    /// <summary>What it and the sink need of each message that the operator is given.</summary>
    public virtual IReadOnlyList<RequiredValue> Needs(Sink sink) => [.. NeedsOfOperator];

    /// <summary>The longest message that the operator can be given.</summary>
    public virtual int MaxBytes(Sink sink, int maxBytes) => int.MaxValue;

    /// <summary>Has messages rejected, behind those that lack what is needed, of which no result could be made or stored: the end is given
    /// none that would stop it.</summary>
    public virtual EsfStream<Record> Guard(EsfStream<Record> stream, PipelineContext opening, Sink sink, Rejects rejects) => stream;

    /// <summary>Has the results of an operator with a state go where they go.</summary>
    protected static EsfPipeline Finish<TResult>(EsfResults<TResult> results, Operators.MessageMaker<TResult> maker,
        PipelineContext opening,
        Sink sink)
        where TResult : unmanaged
    {
        if (sink.Queue is string queue)
        {
            EstreamQueue output = opening.Resources.Queue(queue);
            Operators.OutputQueue.Require(output, maker.MaxLength);
            return results.AppendTo(output, maker, opening.LeftOut);
        }

        return results.Materialize(opening.Resources.Map(sink.Map!), new NewEntry<TResult>(maker, sink.Key!, opening), opening.LeftOut);
    }
}

/// <summary>No operator with a state: messages go where they go as they are.</summary>
internal sealed record PassThroughOperator(EsfSchema Schema) : TerminalOperator(Schema, Schema)
{
    public override bool HasState => false;

    public override IEnumerable<RequiredValue> NeedsOfOperator => [];

    public override IReadOnlyList<RequiredValue> Needs(Sink sink) => sink.Key is null ? [] : [RequiredValue.OfMapKey(sink.Key)];

    public override int MaxBytes(Sink sink, int maxBytes) => sink.Map is null ? maxBytes : LatestEntry.InlineBytes;

    public override EsfStream<Record> Guard(EsfStream<Record> stream, PipelineContext opening, Sink sink, Rejects rejects) =>
        Schema.IsProtected
        ? stream.Then<Record>(next =>
            new SealGuard(Schema, Schema.Fields.Any(field => field.IsTokenized) ? opening.SealerFor(Schema) : null, rejects, next))
        : stream;

    public override EsfPipeline Begin(EsfStream<Record> stream, PipelineContext opening, Sink sink)
    {
        if (sink.Queue is string queue)
        {
            EstreamQueue output = opening.Resources.Queue(queue);
            Operators.OutputQueue.Require(output, opening.MaxBytes);
            return stream.AppendTo(
                opening.Name,
                new QueueEnd<Record>(output, Schema, opening.SealerFor(Schema), null, space => new RecordMessage(opening.MaxBytes, space),
                    opening.MaxRoutes));
        }

        Estream.Esf.Expressions.EsfExpression key = sink.Key!;
        return stream.Materialize(
            opening.Name,
            opening.Resources.Map(sink.Map!),
            (scoped in Record record) => KeyText.Of(key, record.Message),
            (scoped in Record record) =>
                LatestEntry.Create(record.Origin.Position, record.Origin.Sequence, record.Origin.Time, record.Message));
    }
}
