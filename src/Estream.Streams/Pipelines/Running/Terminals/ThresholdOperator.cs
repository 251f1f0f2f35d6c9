using Estream.Core;
using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Map;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>A result where the value of a key is raised, and one where it is cleared.</summary>
/// <param name="Taken">As for all endings.</param>
/// <param name="Schema">As for all endings.</param>
/// <param name="Threshold">What raises and what clears.</param>
/// <param name="Value">The value of a message.</param>
/// <param name="Key">Its key.</param>
/// <param name="Time">Its time, where a value has to be beyond the threshold for some time.</param>
/// <param name="For">For how long.</param>
/// <param name="AtMost">How many keys may be raised.</param>
/// <param name="Projection">What is made at a crossing.</param>
internal sealed record ThresholdOperator(
    EsfSchema Taken, EsfSchema Schema, Threshold Threshold, EsfExpression Value, EsfExpression Key, EsfExpression? Time, TimeSpan For,
    int AtMost, Projection Projection) : TerminalOperator(Taken, Schema)
{
    public override IEnumerable<RequiredValue> NeedsOfOperator => Time is null ? [RequiredValue.OfKey(Key)]
        : [RequiredValue.OfTime(Time), RequiredValue.OfKey(Key)];

    public override int MaxBytes(Sink sink, int maxBytes) => Math.Min(maxBytes, PendingMessage.MaxBytes);

    public override EsfStream<Record> Guard(EsfStream<Record> stream, PipelineContext opening, Sink sink, Rejects rejects) =>
        stream.Then<Record>(next => new CrossingGuard(this, opening, sink, rejects, next));

    public override EsfPipeline Begin(EsfStream<Record> stream, PipelineContext opening, Sink sink)
    {
        EsfThreshold<Record> watched = stream.Threshold(Threshold, (scoped in Record record) => ValueOf(record.Message)).AtMost(AtMost);
        if (Time is EsfExpression time)
        {
            watched = watched.HeldFor(For, (scoped in Record record) => Timing.TimeOf(time, record.Message));
        }

        EsfResults<Crossing<Utf8Key64, PendingMessage>> crossings = watched.Crossings(
            opening.Name, opening.OpenState<ThresholdState>(), (scoped in Record record) => KeyText.Of(Key, record.Message),
            (scoped in Record record) => PendingMessage.Of(record.Message));
        return Finish(crossings, new CrossingMessage(Projection, opening.MaxBytes), opening, sink);
    }

    /// <summary>The value of a message; none is no number.</summary>
    public double ValueOf(ReadOnlySpan<byte> message) => Value.TryGetNumber(message, out double value) ? value : double.NaN;
}

/// <summary>The result of a crossing as it is appended.</summary>
internal sealed class CrossingMessage(Projection projection, int maxLength)
    : MessageMaker<Crossing<Utf8Key64, PendingMessage>>(maxLength, space: null)
{
    private readonly CrossingProjection _projection = new(projection);

    protected override int Write(scoped in Crossing<Utf8Key64, PendingMessage> item, Span<byte> place)
    {
        PendingMessage held = item.Event;
        Utf8Key64 key = item.Key;
        return _projection.Make(held.Message, in key, item.IsRaised, item.Value, place, out int length) is string reason
            ? throw new EstreamFormatException(
                $"The result of a threshold cannot be made: {reason}. Give it a value with '??', or leave such messages out with a filter.",
                null)
            : length;
    }
}
