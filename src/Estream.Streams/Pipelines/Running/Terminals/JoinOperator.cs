using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Map;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>The second stream of a join.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Schema">The schema of its messages.</param>
/// <param name="Time">Computes the time of a message.</param>
/// <param name="Key">Computes the key of a message.</param>
internal sealed record OtherStream(string Queue, EsfSchema Schema, EsfExpression Time, EsfExpression Key);

/// <summary>Joins events of two queues that have the same key and times close to each other: yields a result for each pair.</summary>
internal sealed record JoinOperator(EsfSchema Taken, EsfSchema Schema, Timing Timing, OtherStream Other, TimeSpan Within, bool IsOuter,
    Projection Projection) : TerminalOperator(Taken, Schema)
{
    public override string? Late => Timing.Late;

    public override string? Joined => Other.Queue;

    public override bool CanLeaveOut => true;

    public override IEnumerable<RequiredValue> NeedsOfOperator => Timing.Needs;

    public override int MaxBytes(Sink sink, int maxBytes) => Math.Min(maxBytes, PendingMessage.MaxBytes);

    public override EsfPipeline Begin(EsfStream<Record> stream, PipelineContext opening, Sink sink)
    {
        (OtherStream other, Timing timing) = (Other, Timing);
        EsfStream<Record> right = OtherSide(opening.Resources, opening.Rejects, opening.OtherUnreadable);
        EsfJoin<PendingMessage, PendingMessage> join = Held(stream)
            .Join(
                Held(right), Within, (scoped in PendingMessage held) => Timing.TimeOf(timing.Time, held.Message),
                (scoped in PendingMessage held) => Timing.TimeOf(other.Time, held.Message), timing.Watermark)
            .AtMost(timing.AtMost);
        if (timing.Late is string late)
        {
            join = join.LateLeftTo(opening.Resources.Queue(late), new PendingMessageCopy(PendingMessage.MaxBytes));
        }

        StateMap<long, Windowed<Utf8Key64, Joined<PendingMessage, PendingMessage>>> state =
            opening.OpenState<Joined<PendingMessage, PendingMessage>>();
        EventSelector<PendingMessage, Utf8Key64> leftKey = (scoped in PendingMessage held) => KeyText.Of(timing.Key, held.Message);
        EventSelector<PendingMessage, Utf8Key64> rightKey = (scoped in PendingMessage held) => KeyText.Of(other.Key, held.Message);
        return Finish(
            IsOuter ? join.LeftOuter(opening.Name, state, leftKey, rightKey) : join.Inner(opening.Name, state, leftKey, rightKey),
            new JoinedMessage(this, opening.MayIdentifyResult, opening.MaxBytes), opening, sink);
    }

    public override EsfStream<Record> OtherSide(IPipelineResources resources, Rejects rejects, UnreadableAction unreadable)
    {
        OtherStream other = Other;
        RequiredValue[] needs =
        [
            new RequiredValue(other.Time, RequiredValueKind.Time,
                $"the time '{other.Time}' of the other message has no value, or one outside of the years 1823 to 2116"),
            new RequiredValue(other.Key, RequiredValueKind.Key,
                $"the key '{other.Key}' of the other message has no value, or one longer than {Utf8Key64.MaxLength} bytes"),
        ];
        return new EsfStream<Record>(resources.Queue(other.Queue),
            first => new QueueSource<Record, RecordEvents>(new RecordEvents(other.Schema, null, null, rejects.For(unreadable)), first))
            .Then<Record>(next => new RequiredValueStage(needs, PendingMessage.MaxBytes, rejects, next));
    }

    private static EsfStream<PendingMessage> Held(EsfStream<Record> stream) =>
        stream.Select((scoped in Record record) => PendingMessage.Of(record.Message));
}
