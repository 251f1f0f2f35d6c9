using System.Text;
using Estream.Core;
using Estream.Queue;

namespace Estream.Wire;

/// <summary>
/// Stores the outcomes of writes and commands that devices have performed. A write or command must never be repeated because of its record,
/// so a record that cannot be stored is reported, and <see cref="FailureAsync"/> holds back the next write or command. Thread-safe; records
/// are stored one after the other.
/// </summary>
/// <param name="writer">Stores the records; disposed with this object.</param>
/// <param name="topics">The topic of the records of each device.</param>
/// <param name="onBlocked">Called when a record cannot be stored now.</param>
/// <param name="events">Reports records that are not durable.</param>
internal sealed class EgressRecords(IngressWriter writer, IEnumerable<string> topics, Action onBlocked, AdapterEventLog events)
    : IDisposable
{
    private const int RetryMs = 50;

    private readonly SemaphoreSlim _gate = new(1);
    private readonly byte[][] _topics = [.. topics.Select(Encoding.UTF8.GetBytes)];

    /// <summary>Why records cannot be stored now; null if they can, and all earlier messages of their queue are durable. Call it before
    /// each write or command.</summary>
    public async ValueTask<EstreamStorageException?> FailureAsync(int device, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (writer.SinkOf(_topics[device]) is not { } sink)
            {
                return null;
            }

            // A queue whose flush has failed accepts no durable message until it is opened again.
            (EstreamQueue queue, long position) = sink.Newest;
            if (sink.Durability.IsDurable)
            {
                await queue.WaitDurableAsync(position, cancellation).ConfigureAwait(false);
            }

            return sink.Failure;
        }
        catch (EstreamStorageException failure)
        {
            return failure;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Stores a record, and waits until it is as durable as its queue promises. Tries again while the queue cannot be written.
    /// Reports a record that is not durable when its queue needs an operator, or the adapter stops.</summary>
    /// <remarks>Throws nothing, because the caller would perform the write or command again.</remarks>
    public async ValueTask StoreAsync(int device, ReadOnlyMemory<byte> record, CancellationToken cancellation)
    {
        try
        {
            await _gate.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                await AppendAsync(device, record, cancellation).ConfigureAwait(false);
                await writer.WaitDurableAsync(cancellation).ConfigureAwait(false);
            }
            finally
            {
                _gate.Release();
            }
        }
        catch (Exception failure) when (failure is EstreamException or OperationCanceledException)
        {
            events.Report(AdapterEventKind.Degraded,
                $"The record of a write or command, which is not performed again, is not durable: {failure.Message}", failure);
        }
    }

    public void Dispose()
    {
        writer.Dispose();
        _gate.Dispose();
    }

    private async ValueTask AppendAsync(int device, ReadOnlyMemory<byte> record, CancellationToken cancellation)
    {
        while (!TryAppend(device, record.Span))
        {
            if (writer.Failure is { IsTransient: false } failure)
            {
                throw failure;
            }

            onBlocked();
            await Task.Delay(RetryMs, cancellation).ConfigureAwait(false);
        }
    }

    private bool TryAppend(int device, ReadOnlySpan<byte> record)
    {
        try
        {
            return writer.Append(new WireMessage(_topics[device], record)) != IngressStatus.Blocked;
        }
        finally
        {
            writer.Release();
        }
    }
}
