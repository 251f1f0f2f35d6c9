using System.Text;
using System.Text.Unicode;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>Creates the dead letter of a result that cannot be created: which result, and the reason. The dead letter contains no message;
/// the source messages are in their queue.</summary>
/// <param name="pipeline">The pipeline of the result.</param>
/// <param name="queue">The source queue of the pipeline.</param>
internal sealed class FailedResultDeadLetter(string pipeline, string queue)
    : MessageMaker<FailedResult>(DeadLetterMessage.OverheadBytes, space: null)
{
    private readonly byte[] _source = Encoding.UTF8.GetBytes(pipeline);
    private readonly byte[] _topic = Encoding.UTF8.GetBytes(queue);
    private readonly byte[] _reason = new byte[DeadLetterMessage.MostReasonBytes];

    protected override int Write(scoped in FailedResult item, Span<byte> place)
    {
        _ = Utf8.FromUtf16(item.Reason, _reason, out _, out int length);
        return DeadLetterMessage.WriteDeadLetter(place, item.Time, _source, _topic, _reason.AsSpan(0, length), default);
    }
}
