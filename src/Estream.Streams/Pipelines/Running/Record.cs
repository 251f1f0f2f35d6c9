using Estream.Queue;

namespace Estream.Streams.Pipelines.Running;

/// <summary>An event of a declared pipeline: a message whose schema was known when the pipeline was loaded, and which message of the source
/// it comes of.</summary>
internal readonly ref struct Record(ReadOnlySpan<byte> message, QueueMessage origin)
{
    public ReadOnlySpan<byte> Message { get; } = message;

    public QueueMessage Origin { get; } = origin;
}
