using Estream.Core;
using Estream.Map;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>The result of a crossing as it is appended.</summary>
internal sealed class CrossingMessage(Projection projection, int maxLength) : MessageMaker<Crossing<Utf8Key64, HeldMessage>>(maxLength, space: null)
{
    private readonly CrossingProjection _projection = new(projection);

    protected override int Write(scoped in Crossing<Utf8Key64, HeldMessage> item, Span<byte> place)
    {
        HeldMessage held = item.Event;
        Utf8Key64 key = item.Key;
        return _projection.Make(held.Message, in key, item.IsRaised, item.Value, place, out int length) is string reason
            ? throw new EstreamFormatException($"The result of a threshold cannot be made: {reason}. Give it a value with '??', or leave such messages out with a filter.", null)
            : length;
    }
}
