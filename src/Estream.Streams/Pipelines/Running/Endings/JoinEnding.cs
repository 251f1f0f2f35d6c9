using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Map;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>The other stream of a join.</summary>
/// <param name="Queue">Its queue.</param>
/// <param name="Schema">The schema of its messages.</param>
/// <param name="Time">The time of one.</param>
/// <param name="Key">Its key.</param>
internal sealed record OtherStream(string Queue, EsfSchema Schema, EsfExpression Time, EsfExpression Key);

/// <summary>Events of two queues with the same key and times that are near: a result for each pair.</summary>
internal sealed record JoinEnding(EsfSchema Taken, EsfSchema Schema, Timing Timing, OtherStream Other, TimeSpan Within, bool IsOuter,
    Projection Projection) : Ending(Taken, Schema)
{
    public override string? Late => Timing.Late;

    public override string? Joined => Other.Queue;

    public override bool LeavesOut => true;

    public override IEnumerable<Need> NeedsOfOperator => Timing.Needs;

    public override int MaxBytes(Sink sink, int maxBytes) => Math.Min(maxBytes, HeldMessage.MaxBytes);

    public override EsfPipeline Begin(EsfStream<Record> stream, Opening opening, Sink sink)
    {
        (OtherStream other, Timing timing) = (Other, Timing);
        EsfStream<Record> right = OtherSide(opening.Places, opening.Rejects, opening.OtherUnreadable);
        EsfJoin<HeldMessage, HeldMessage> join = Held(stream)
            .Join(
                Held(right), Within, (scoped in HeldMessage held) => Timing.TimeOf(timing.Time, held.Message),
                (scoped in HeldMessage held) => Timing.TimeOf(other.Time, held.Message), timing.Watermark)
            .AtMost(timing.AtMost);
        if (timing.Late is string late)
        {
            join = join.LateLeftTo(opening.Places.Queue(late), new HeldMessageCopy(HeldMessage.MaxBytes));
        }

        StateMap<long, Windowed<Utf8Key64, Joined<HeldMessage, HeldMessage>>> state = opening.OpenState<Joined<HeldMessage, HeldMessage>>();
        EventSelector<HeldMessage, Utf8Key64> leftKey = (scoped in HeldMessage held) => KeyText.Of(timing.Key, held.Message);
        EventSelector<HeldMessage, Utf8Key64> rightKey = (scoped in HeldMessage held) => KeyText.Of(other.Key, held.Message);
        return Finish(
            IsOuter ? join.LeftOuter(opening.Name, state, leftKey, rightKey) : join.Inner(opening.Name, state, leftKey, rightKey),
            new JoinedMessage(this, opening.SaysWhich, opening.MaxBytes), opening, sink);
    }

    public override EsfStream<Record> OtherSide(IPipelinePlaces places, Rejects rejects, Unreadable unreadable)
    {
        OtherStream other = Other;
        Need[] needs =
        [
            new Need(other.Time, NeedKind.Time,
                $"the time '{other.Time}' of the other message has no value, or one outside of the years 1823 to 2116"),
            new Need(other.Key, NeedKind.Key,
                $"the key '{other.Key}' of the other message has no value, or one longer than {Utf8Key64.MaxLength} bytes"),
        ];
        return new EsfStream<Record>(places.Queue(other.Queue),
            first => new QueueSource<Record, RecordEvents>(new RecordEvents(other.Schema, null, null, rejects.For(unreadable)), first))
            .Then<Record>(next => new NeedStage(needs, HeldMessage.MaxBytes, rejects, next));
    }

    private static EsfStream<HeldMessage> Held(EsfStream<Record> stream) =>
        stream.Select((scoped in Record record) => HeldMessage.Of(record.Message));
}
