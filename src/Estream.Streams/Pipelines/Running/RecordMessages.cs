using Estream.Core;
using Estream.Streams.Internal;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>The message that an event is.</summary>
internal sealed class RecordMessage(int maxLength, SealingSpace? space) : CopiedMessage<Record>(maxLength, space)
{
    protected override ReadOnlySpan<byte> MessageOf(scoped in Record item) => item.Message;

    protected override Exception TooLong(int length, int room) => LongerThan(length, room);

    public static EstreamFormatException LongerThan(int length, int room) =>
        new($"A message has {length} bytes, and the pipeline takes {room}: write a higher 'max_bytes'.", null);
}

/// <summary>A message that waited.</summary>
internal sealed class HeldMessageCopy(int maxLength) : MessageMaker<HeldMessage>(maxLength, space: null)
{
    protected override int Write(scoped in HeldMessage item, Span<byte> place)
    {
        ReadOnlySpan<byte> message = item.Message;
        return message.TryCopyTo(place) ? message.Length : throw RecordMessage.LongerThan(message.Length, place.Length);
    }
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
