using System.Text;
using Estream.Core;

namespace Estream.Wire;

/// <summary>Stores the outcomes of writes and commands, so that none is acknowledged before its record is durable. Thread-safe; records are
/// stored one after the other.</summary>
/// <param name="writer">Stores the records; disposed with this object.</param>
/// <param name="topics">The topic of the records of each device.</param>
/// <param name="onBlocked">Called when a record cannot be stored now.</param>
internal sealed class EgressRecords(IngressWriter writer, IEnumerable<string> topics, Action onBlocked) : IDisposable
{
    private const int RetryMs = 50;

    private readonly SemaphoreSlim _gate = new(1);
    private readonly byte[][] _topics = [.. topics.Select(Encoding.UTF8.GetBytes)];

    /// <summary>Why records cannot be stored now; null if they can.</summary>
    public async ValueTask<EstreamStorageException?> FailureAsync(int device, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return writer.SinkOf(_topics[device])?.Failure;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Stores a record, and waits until it is as durable as its queue promises. Tries again while the queue cannot be written,
    /// because the device has already performed the write or command.</summary>
    /// <exception cref="EstreamStorageException">The record is stored, and its flush failed.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public async ValueTask StoreAsync(int device, ReadOnlyMemory<byte> record, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            while (!TryAppend(device, record.Span))
            {
                onBlocked();
                await Task.Delay(RetryMs, cancellation).ConfigureAwait(false);
            }

            await writer.WaitDurableAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        writer.Dispose();
        _gate.Dispose();
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
