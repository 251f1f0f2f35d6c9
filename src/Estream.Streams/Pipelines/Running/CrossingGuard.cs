using Estream.Esf.Expressions;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>
/// Rejects messages beyond a threshold from which no result can be created. Whether a message crosses the threshold depends on earlier
/// messages, but whether its result can be created does not. Checking beforehand keeps a crossing without a result from stopping the
/// pipeline.
/// </summary>
internal sealed class CrossingGuard(ThresholdOperator ending, PipelineContext opening, Sink sink, Rejects rejects, Stage<Record> next)
    : Stage<Record>
{
    private readonly CrossingProjection _projection = new(ending.Projection);
    private readonly byte[] _room =
        opening.NewBuffer(sink.Map is null ? opening.MaxBytes : Math.Min(opening.MaxBytes, LatestEntry.InlineBytes));
    private readonly EsfExpression? _mapKey = sink.Key;
    private readonly string? _noKey = sink.Key is null ? null : RequiredValue.NoMapKey(sink.Key);

    public override void Push(scoped in Record item, scoped in QueueMessage message)
    {
        double value = ending.ValueOf(item.Message);
        ThresholdZone zone = ending.Threshold.ZoneOf(value);
        if (zone is ThresholdZone.Raising or ThresholdZone.Clearing
            && RejectionReason(item.Message, zone == ThresholdZone.Raising, value) is string reason)
        {
            rejects.Take(reason, in message);
            return;
        }

        next.Push(in item, in message);
    }

    private string? RejectionReason(ReadOnlySpan<byte> message, bool isRaised, double value)
    {
        Utf8Key64 key = KeyText.Of(ending.Key, message);
        string? reason = _projection.Make(message, in key, isRaised, value, _room, out int length);
        return reason is null && _mapKey is not null && !KeyText.TryGet(_mapKey, _room.AsSpan(0, length), out _) ? _noKey : reason;
    }
}
