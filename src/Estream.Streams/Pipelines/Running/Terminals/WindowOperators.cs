using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>The settings common to event-time operators.</summary>
/// <param name="Time">Computes the time of an event.</param>
/// <param name="Key">Computes the key of an event.</param>
/// <param name="Delay">How far events may be out of order.</param>
/// <param name="AtMost">The maximum number of windows or waiting events.</param>
/// <param name="Late">The queue of late events.</param>
internal sealed record Timing(EsfExpression Time, EsfExpression Key, TimeSpan Delay, int AtMost, string? Late)
{
    public IEnumerable<RequiredValue> Needs => [RequiredValue.OfTime(Time), RequiredValue.OfKey(Key)];

    public Watermark Watermark => Watermark.BoundedOutOfOrderness(Delay);

    public long TimeOf(scoped in Record record) => TimeOf(Time, record.Message);

    public Utf8Key64 KeyOf(scoped in Record record) => KeyText.Of(Key, record.Message);

    public static long TimeOf(EsfExpression time, ReadOnlySpan<byte> message) => time.TryGetInteger(message, out Int128 nanos)
        ? (long)nanos
        : 0;
}

/// <summary>Aggregates events in windows of fixed length, or in sessions.</summary>
internal sealed record WindowOperator(
    EsfSchema Taken, EsfSchema Schema, Timing Timing, TimeWindows Windows, SessionWindows Sessions, TimeSpan Lateness,
    IReadOnlyList<Aggregate> Aggregates, IReadOnlyList<WindowField> Fields) : TerminalOperator(Taken, Schema)
{
    public override string? Late => Timing.Late;

    public override bool CanLeaveOut => true;

    public override IEnumerable<RequiredValue> NeedsOfOperator =>
        Timing.Needs
            .Concat(Fields.Where(set => set.Part == WindowPart.Key)
                .Select(set =>
                    new RequiredValue(Timing.Key, RequiredValueKind.Key,
                        $"the key '{Timing.Key}' has a value that does not fit in '{set.Field.Name}' of {Schema}",
                        Schema.Definition.Record.Fields[set.Field.Ordinal].Type)))
            .Concat(Aggregates.Select(aggregate =>
                new RequiredValue(aggregate.Value, RequiredValueKind.Number,
                    $"'{aggregate.Value}' has no value to aggregate, or one that does not fit in 64 bits")));

    public override EsfPipeline Begin(EsfStream<Record> stream, PipelineContext opening, Sink sink)
    {
        Aggregate[] aggregates = [.. Aggregates];
        EventFolder<WindowState, Record> fold = (ref WindowState state, scoped in Record record) => state.Add(aggregates, record.Message);
        StateMap<long, Windowed<Utf8Key64, WindowState>> state = opening.OpenState<WindowState>();
        var maker = new WindowMessage(Schema, Fields, Aggregates, Timing.Key.Kind == EsfValueKind.Integer, opening.MayIdentifyResult,
            opening.MaxBytes);
        if (Windows.SizeNanos == 0)
        {
            EsfSessions<Record> sessions = stream.Window(Sessions, Timing.TimeOf, Timing.Watermark).AllowedLateness(Lateness)
                .AtMost(Timing.AtMost);
            sessions = LateQueue(opening) is EstreamQueue lateSessions
                ? sessions.LateTo(lateSessions, new RecordMessage(opening.MaxBytes, null))
                : sessions;
            return Finish(
                sessions.Aggregate(opening.Name, state, Timing.KeyOf, fold,
                    (ref WindowState earlier, in WindowState later) => earlier.Merge(aggregates, in later)), maker, opening, sink);
        }

        EsfWindows<Record> windows = stream.Window(Windows, Timing.TimeOf, Timing.Watermark).AllowedLateness(Lateness)
            .AtMost(Timing.AtMost);
        windows = LateQueue(opening) is EstreamQueue late ? windows.LateTo(late, new RecordMessage(opening.MaxBytes, null)) : windows;
        return Finish(windows.Aggregate(opening.Name, state, Timing.KeyOf, fold), maker, opening, sink);
    }

    public override int MaxBytes(Sink sink, int maxBytes) => Timing.Late is null ? int.MaxValue : maxBytes;

    private EstreamQueue? LateQueue(PipelineContext opening) => Timing.Late is null ? null : opening.Resources.Queue(Timing.Late);
}

/// <summary>Limits how many events of each key pass per interval.</summary>
internal sealed record ThrottleOperator(EsfSchema Schema, Timing Timing, TimeWindows Every, long Most, Excess Excess)
    : TerminalOperator(Schema, Schema)
{
    public override string? Late => Timing.Late;

    public override IEnumerable<RequiredValue> NeedsOfOperator => Timing.Needs;

    // A throttle passes messages unchanged, so a missing map key is already detected before the message counts towards the limit.
    public override IReadOnlyList<RequiredValue> Needs(Sink sink) => sink.Key is null
        ? base.Needs(sink)
        : [.. base.Needs(sink), RequiredValue.OfMapKey(sink.Key)];

    public override int MaxBytes(Sink sink, int maxBytes) =>
        Math.Min(maxBytes, sink.Map is null ? PendingMessage.MaxBytes : LatestEntry.InlineBytes);

    public override EsfPipeline Begin(EsfStream<Record> stream, PipelineContext opening, Sink sink)
    {
        EsfWindows<Record> windows = stream.Window(Every, Timing.TimeOf, Timing.Watermark).AtMost(Timing.AtMost);
        windows = Timing.Late is string late
            ? windows.LateTo(opening.Resources.Queue(late), new RecordMessage(opening.MaxBytes, null))
            : windows;
        EsfResults<PendingMessage> results = windows.Throttle(
            opening.Name, opening.OpenState<Throttled<PendingMessage>>(), Timing.KeyOf,
            (scoped in Record record) => PendingMessage.Of(record.Message), Most, Excess);
        return Finish(results, new PendingMessageCopy(Math.Min(opening.MaxBytes, PendingMessage.MaxBytes)), opening, sink);
    }
}
