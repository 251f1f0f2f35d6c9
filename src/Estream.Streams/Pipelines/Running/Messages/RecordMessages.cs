using System.Globalization;
using Estream.Core;
using Estream.Streams.Internal;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>Copies the message of an event.</summary>
internal sealed class RecordMessage(int maxLength, SealingSpace? space) : CopiedMessage<Record>(maxLength, space)
{
    protected override ReadOnlySpan<byte> MessageOf(scoped in Record item) => item.Message;

    protected override Exception TooLong(int length, int room) => LongerThan(length, room);

    public static EstreamFormatException LongerThan(int length, int room) =>
        new($"A message has {length} bytes, but the pipeline's maximum is {room}. Raise 'max_bytes'.", null);
}

/// <summary>Copies a message from an operator's state.</summary>
internal sealed class PendingMessageCopy(int maxLength) : MessageMaker<PendingMessage>(maxLength, space: null)
{
    protected override int Write(scoped in PendingMessage item, Span<byte> place)
    {
        ReadOnlySpan<byte> message = item.Message;
        return message.TryCopyTo(place) ? message.Length : throw RecordMessage.LongerThan(message.Length, place.Length);
    }
}

/// <summary>Creates the message of two joined events.</summary>
/// <param name="join">The join.</param>
/// <param name="saysWhich">True if a description of a failed result may identify the result.</param>
/// <param name="maxLength">The maximum length of a message in bytes.</param>
internal sealed class JoinedMessage(JoinOperator join, bool saysWhich, int maxLength)
    : MessageMaker<JoinResult<PendingMessage, PendingMessage>>(maxLength, space: null)
{
    public override FailedResult DescribeFailure(scoped in JoinResult<PendingMessage, PendingMessage> item, string reason)
    {
        if (!saysWhich)
        {
            return new FailedResult($"the result of a join cannot be made: {reason}", 0);
        }

        PendingMessage left = item.Left;
        PendingMessage right = item.Right;
        long at = Timing.TimeOf(join.Timing.Time, left.Message);
        string other = item.HasRight
            ? string.Create(CultureInfo.InvariantCulture,
                $" with the message of '{join.Other.Queue}' at {Timing.TimeOf(join.Other.Time, right.Message)} ns")
            : "";
        return new FailedResult(
            string.Create(CultureInfo.InvariantCulture,
                $"the result of the join of the message of '{KeyText.Of(join.Timing.Key, left.Message)}' at {at} "
                + $"ns{other} cannot be made: {reason}"),
            at);
    }

    protected override int Write(scoped in JoinResult<PendingMessage, PendingMessage> item, Span<byte> place)
    {
        PendingMessage left = item.Left;
        PendingMessage right = item.Right;
        if (join.Projection.Make(left.Message, item.HasRight ? right.Message : default, place, out int length) is string reason)
        {
            LastFailure = DescribeFailure(in item, reason);
            return 0;
        }

        return length;
    }
}
