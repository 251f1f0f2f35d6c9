using Estream.Core;
using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Map;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>Yields a result when a key is raised or cleared because its value crossed a limit.</summary>
/// <param name="Taken">The schema of the input messages.</param>
/// <param name="Schema">The schema of the results.</param>
/// <param name="Threshold">The limits that raise and clear a value.</param>
/// <param name="Value">Computes the value of a message.</param>
/// <param name="Key">Computes the key of a message.</param>
/// <param name="Time">Computes the time of a message, if a value must be beyond the threshold for some time; otherwise null.</param>
/// <param name="For">How long a value must be beyond the threshold.</param>
/// <param name="AtMost">The maximum number of raised keys.</param>
/// <param name="Projection">Creates the result of a crossing.</param>
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

    /// <summary>Returns the value of a message; NaN if it has none.</summary>
    public double ValueOf(ReadOnlySpan<byte> message) => Value.TryGetNumber(message, out double value) ? value : double.NaN;
}

/// <summary>Creates the message of a crossing.</summary>
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
                $"The result of a threshold cannot be created: {reason}. Set a default with '??', or remove such messages with a filter.",
                null)
            : length;
    }
}
