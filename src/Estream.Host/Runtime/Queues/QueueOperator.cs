using Estream.Core;
using Estream.Host.Http;
using Estream.Host.Remote;
using Estream.Queue;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>Appends messages that a person has written, and pauses queues. Thread-safe.</summary>
internal sealed class QueueOperator(HostState state, HostConfiguration plan, IClock clock)
{
    /// <summary>How long a caller waits until its message is durable.</summary>
    private static readonly TimeSpan s_flushLimit = TimeSpan.FromSeconds(10);

    /// <summary>Returns why an operator cannot append messages to a queue; null if an operator can.</summary>
    public string? WhyNot(string queue) => queue == HostConfiguration.DeadLetters ? "The host writes the dead letters."
        : plan.IsWrittenByPipeline(queue) ? $"A pipeline or circuit writes queue '{queue}'. Append to its source queue."
        : null;

    /// <summary>Returns the maximum length of a message.</summary>
    public int MaxBytesOf(string queue) => AppendService.MaxMessageBytes(SinkOf(queue).MaxMessageBytes);

    /// <summary>Appends a message, and waits until it is as durable as the queue promises.</summary>
    /// <exception cref="ArgumentException">The queue requires a signature that the message does not have.</exception>
    /// <exception cref="EstreamException">The queue cannot be written now, or the message may not be durable.</exception>
    /// <exception cref="ObjectDisposedException">The host is stopping, or the queue was removed.</exception>
    public async Task<PublishAnswer> AppendAsync(string queue, byte[] message, CancellationToken cancellation)
    {
        (PublishAnswer answer, EstreamQueue? log) = Gate.Read(() => Append(queue, message));
        if (log is not null)
        {
            using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            late.CancelAfter(s_flushLimit);
            try
            {
                await log.WaitDurableAsync(answer.Position, late.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new EstreamStorageException(
                    $"Message {answer.Sequence} was stored, but was not durable after {s_flushLimit.TotalSeconds} seconds. Do not send "
                    + "the message again.", path: null, StorageFailure.Other);
            }
        }

        return answer;
    }

    /// <summary>Pauses a queue and all its partitions for the reason <c>operator</c>, or removes this reason.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="by">The name of the operator who pauses the queue; null to resume.</param>
    /// <returns>Why the queue cannot be paused; null if the queue was paused or resumed.</returns>
    public string? Pause(string queue, string? by)
    {
        HostComponents parts = Parts;
        HashSet<string> meant = new(StringComparer.Ordinal);
        meant.UnionWith(parts.Queues.Values.Where(one => one.Name == queue || one.PartitionOf == queue).Select(one => one.Name));
        meant.RemoveWhere(plan.IsWrittenByPipeline);
        if (meant.Count == 0)
        {
            return $"A pipeline or circuit writes queue '{queue}', and only adapters and clients can be paused. Pause its source queue.";
        }

        parts.Sinks.Pause(by is null
            ? null
            : new EstreamStorageException($"{by} has paused queue '{queue}'. Resume the queue in the console, or with PUT "
                + $"/api/queues/{queue}/resume.", path: null, StorageFailure.Other), meant.Contains);
        return null;
    }

    private HostComponents Parts => state.Parts ?? throw new ObjectDisposedException(nameof(HostComponents));

    private ReadGate Gate => Parts.Gate;

    private IngressSink SinkOf(string queue) => Parts.Sinks.TryGet(queue, out IngressSink? sink)
        ? sink
        : throw new ObjectDisposedException(queue);

    private (PublishAnswer Answer, EstreamQueue? Durable) Append(string queue, byte[] message)
    {
        Parts.Remote?.RequireOpen();
        IngressSink sink = SinkOf(queue);
        if (sink.Signatures?.WhyNot(plan.Schemas, message, clock.UtcNanos) is { } reason)
        {
            throw new ArgumentException($"Queue '{queue}' accepts signed messages only: {reason}");
        }

        long sequence;
        (EstreamQueue Queue, long Position) newest;
        sink.Enter();
        try
        {
            sequence = sink.NextSequence;
            if (!sink.TryAppend(message, note: null))
            {
                throw sink.Failure
                    ?? new EstreamStorageException("The queue cannot be written now. Retry later.", path: null, StorageFailure.Other);
            }

            newest = sink.Newest;
        }
        finally
        {
            sink.Exit();
        }

        using QueueTailer tailer = newest.Queue.CreateTailer();
        long time = tailer.TrySeek(newest.Position) && tailer.TryPeek(out QueueMessage stored) ? stored.Time : clock.UtcNanos;
        return (new PublishAnswer(newest.Position, sequence, time), sink.Durability.IsDurable ? newest.Queue : null);
    }
}
