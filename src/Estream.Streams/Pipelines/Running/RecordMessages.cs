using Estream.Core;
using Estream.Esf;
using Estream.Streams.Internal;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>The message that an event is. One whose private fields are sealed stays sealed.</summary>
internal sealed class RecordMessage(int maxLength, SealingSpace? space) : MessageMaker<Record>(maxLength, space)
{
    public override int Make(scoped in Record item, Span<byte> place) =>
        EsfMessageHeader.TryRead(item.Message, out EsfMessageHeader header) && header.IsSealed ? Write(in item, place) : base.Make(in item, place);

    protected override int Write(scoped in Record item, Span<byte> place) => Copy(item.Message, place);

    public static int Copy(ReadOnlySpan<byte> message, Span<byte> place)
    {
        if (message.Length > place.Length)
        {
            throw new EstreamFormatException($"A message has {message.Length} bytes, and the pipeline takes {place.Length}: write a higher 'max_bytes'.", null);
        }

        message.CopyTo(place);
        return message.Length;
    }
}

/// <summary>A message that waited.</summary>
internal sealed class HeldMessageCopy(int maxLength) : MessageMaker<HeldMessage>(maxLength, space: null)
{
    protected override int Write(scoped in HeldMessage item, Span<byte> place) => RecordMessage.Copy(item.Message, place);
}

/// <summary>Makes the message of two events that were joined.</summary>
internal sealed class JoinedMessage(Projection projection, int maxLength) : MessageMaker<JoinResult<HeldMessage, HeldMessage>>(maxLength, space: null)
{
    protected override int Write(scoped in JoinResult<HeldMessage, HeldMessage> item, Span<byte> place)
    {
        HeldMessage left = item.Left;
        HeldMessage right = item.Right;
        return projection.Make(left.Message, item.HasRight ? right.Message : default, place, out int length) is string reason
            ? throw new EstreamFormatException($"The result of a join cannot be made: {reason}. Give it a value with '??', or leave such messages out with a filter.", null)
            : length;
    }
}
