using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Internal;
using Estream.Streams.Log;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>The last part of a pipeline: an operator, stateful or not, and the output of its results.</summary>
/// <param name="Taken">The schema of its input messages, which is also that of late events.</param>
/// <param name="Schema">The schema of the results.</param>
internal abstract record TerminalOperator(EsfSchema Taken, EsfSchema Schema)
{
    /// <summary>True if the operator is stateful.</summary>
    public virtual bool HasState => true;

    /// <summary>True if nothing else may append to the queue of the sink.</summary>
    public virtual bool OwnsSink => HasState;

    /// <summary>The queues that the operator writes in addition to the sink, with the schemas of their messages.</summary>
    public virtual IEnumerable<(string Queue, EsfSchema Schema)> MoreQueues => [];

    /// <summary>The schemas of further messages in the queue of the sink.</summary>
    public virtual IEnumerable<EsfSchema> MoreSchemas => [];

    /// <summary>True if the sink is a transcript, in whose sessions the pipeline takes part as the party of this program.</summary>
    public virtual bool IsParty => false;

    public virtual string? Late => null;

    public virtual string? Joined => null;

    /// <summary>True if creating a result may fail after its messages have been consumed, when no message can be rejected any
    /// more.</summary>
    public virtual bool CanLeaveOut => false;

    /// <summary>The values that the operator requires of each input message.</summary>
    public abstract IEnumerable<RequiredValue> NeedsOfOperator { get; }

    public abstract EsfPipeline Begin(EsfStream<Record> stream, PipelineContext opening, Sink sink);

    /// <summary>Returns the messages of the second queue, except rejected messages; null if there is no second queue.</summary>
    /// <param name="resources">Provides the queue.</param>
    /// <param name="rejects">Receives the rejected messages.</param>
    /// <param name="unreadable">What happens to messages that cannot be read.</param>
    public virtual EsfStream<Record>? OtherSide(IPipelineResources resources, Rejects rejects, UnreadableAction unreadable) => null;

    /// <summary>Returns the values that the operator and the sink require of each input message.</summary>
    public virtual IReadOnlyList<RequiredValue> Needs(Sink sink) => [.. NeedsOfOperator];

    /// <summary>Returns the maximum length of an input message of the operator.</summary>
    public virtual int MaxBytes(Sink sink, int maxBytes) => int.MaxValue;

    /// <summary>Adds a stage that rejects messages from which no result could be created or stored. The stage follows the check for
    /// required values. No message can then stop the operator or the sink.</summary>
    public virtual EsfStream<Record> Guard(EsfStream<Record> stream, PipelineContext opening, Sink sink, Rejects rejects) => stream;

    /// <summary>Returns the directories that the operator writes in addition to those of queues, maps and state.</summary>
    public virtual IEnumerable<string> DirectoriesIn(IPipelineResources resources, Sink sink) => [];

    /// <summary>Writes the results of a stateful operator to the sink.</summary>
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

/// <summary>Passes messages to the sink unchanged, without a stateful operator.</summary>
internal sealed record PassThroughOperator(EsfSchema Schema) : TerminalOperator(Schema, Schema)
{
    /// <summary>True if messages of a schema with another pattern may be appended too, as in trials.</summary>
    public bool TakesAnyPattern { get; init; }

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
            if (!TakesAnyPattern)
            {
                SchemaDeclarations.RequirePlain(Schema);
            }

            LogSealer? sealer = sink.IsLog ? OpenSealer(output, opening) : null;
            return stream.AppendTo(
                opening.Name,
                new QueueEnd<Record>(output, Schema, opening.SealerFor(Schema), null, space => new RecordMessage(opening.MaxBytes, space),
                    opening.MaxRoutes)
                {
                    Sealer = sealer,
                });
        }

        Estream.Esf.Expressions.EsfExpression key = sink.Key!;
        StateMap<Utf8Key64, LatestEntry> map = opening.Resources.Map(sink.Map!);
        EventSelector<Record, Utf8Key64> keyOf = (scoped in Record record) => KeyText.Of(key, record.Message);
        EventSelector<Record, LatestEntry> valueOf = (scoped in Record record) =>
            LatestEntry.Create(record.Origin.Position, record.Origin.Sequence, record.Origin.Time, record.Message);
        if (!sink.IsSignal)
        {
            return stream.Materialize(opening.Name, map, keyOf, valueOf);
        }

        Operators.SignalEnd end = new(map, opening.Name);
        return stream.BeginSideOutput(opening.Name, end, new Operators.SignalStage<Record>(end, keyOf, valueOf));
    }

    private static LogSealer OpenSealer(EstreamQueue output, PipelineContext opening)
    {
        LogSealer sealer = new(output);
        opening.Owned.Add(sealer);
        return sealer;
    }
}
