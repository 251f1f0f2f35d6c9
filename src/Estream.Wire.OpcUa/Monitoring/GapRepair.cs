using Estream.Core;
using Estream.Wire.OpcUa.Codec;
using Estream.Wire.OpcUa.Services;
using Estream.Wire.OpcUa.Transport;

namespace Estream.Wire.OpcUa.Monitoring;

/// <summary>
/// Asks for missing messages again. Records those that the server no longer has as a gap; then asks for the present values with ResendData,
/// and where the server has no such method, reads them.
/// </summary>
internal sealed class GapRepair(
    SubscriptionState state, IReadOnlyList<MonitoredNode> items, Func<UaNodeId[]> nodes, IMonitorObserver observer, IClock clock)
{
    private const int MaxRepublished = 10_000;
    private const int ReadBatch = 500;
    private static readonly UaNodeId s_server = new(0, 2_253u);
    private static readonly UaNodeId s_resendData = new(0, 12_873u);

    private readonly Exchange _exchange = new();

    /// <summary>Stores the messages after the last stored one, as far as the server has them.</summary>
    /// <returns>The number of stored messages.</returns>
    public async ValueTask<int> RepublishAllAsync(ServiceCaller caller, CancellationToken cancellation)
    {
        int count = 0;
        while (count < MaxRepublished
            && await TryRepublishAsync(caller, SubscriptionState.Next(state.Last), cancellation).ConfigureAwait(false))
        {
            count++;
        }

        return count;
    }

    /// <summary>Stores the messages between the last stored one and another one. Records lost messages as a gap.</summary>
    /// <param name="caller">The session.</param>
    /// <param name="end">The message that follows the missing ones.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async ValueTask RepublishAsync(ServiceCaller caller, uint end, CancellationToken cancellation)
    {
        (uint First, uint Last)? lost = null;
        uint sequence = SubscriptionState.Next(state.Last);
        long before = state.LastReceivedAt;
        for (int count = 0; sequence != end; count++, sequence = SubscriptionState.Next(sequence))
        {
            if (count < MaxRepublished && await TryRepublishAsync(caller, sequence, cancellation).ConfigureAwait(false))
            {
                continue;
            }

            if (count >= MaxRepublished)
            {
                lost = (lost?.First ?? sequence, unchecked(end - 1));
                break;
            }

            lost = (lost?.First ?? sequence, sequence);
        }

        if (lost is not { } gap)
        {
            return;
        }

        state.Last = unchecked(end - 1);
        await observer.OnGapAsync(
            new MonitorGap(state.Id, gap.First, gap.Last, before, "the server no longer has these messages"), cancellation)
            .ConfigureAwait(false);
        await ResendAsync(caller, cancellation).ConfigureAwait(false);
    }

    /// <summary>Records that a subscription with unknown messages was lost.</summary>
    public async ValueTask LoseSubscriptionAsync(string reason, CancellationToken cancellation)
    {
        MonitorGap gap = new(state.Id, SubscriptionState.Next(state.Last), null, state.LastReceivedAt, reason);
        await observer.OnGapAsync(gap, cancellation).ConfigureAwait(false);
        state.Forget();
    }

    private async ValueTask<bool> TryRepublishAsync(ServiceCaller caller, uint sequence, CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> data = await SubscriptionServices.RepublishAsync(caller, _exchange, state.Id, sequence, cancellation)
            .ConfigureAwait(false);
        if (data.IsEmpty)
        {
            return false;
        }

        long now = clock.UtcNanos;
        await observer.StoreAsync(data, now, cancellation).ConfigureAwait(false);
        state.Store(sequence, now);
        return true;
    }

    private async ValueTask ResendAsync(ServiceCaller caller, CancellationToken cancellation)
    {
        try
        {
            UaCallResult called = await AttributeServices.CallAsync(
                caller, s_server, s_resendData, [new UaVariant(UaType.UInt32, state.Id)], cancellation).ConfigureAwait(false);
            if (!called.Status.IsBad)
            {
                return;
            }
        }
        catch (OpcUaException failure) when (!failure.IsSessionLost)
        {
            // The server has no methods.
        }

        for (int start = 0; start < items.Count; start += ReadBatch)
        {
            await ReadBatchAsync(caller, start, Math.Min(ReadBatch, items.Count - start), cancellation).ConfigureAwait(false);
        }
    }

    private async ValueTask ReadBatchAsync(ServiceCaller caller, int start, int count, CancellationToken cancellation)
    {
        UaReadItem[] batch = [.. nodes().Skip(start).Take(count).Select(node => new UaReadItem(node))];
        UaDataValue[] values = await AttributeServices.ReadAsync(caller, batch, cancellation).ConfigureAwait(false);
        long now = clock.UtcNanos;
        UaWriter writer = new();
        for (int index = 0; index < values.Length; index++)
        {
            writer.Clear();
            writer.DataValue(values[index]);
            await observer.StoreAsync(start + index, writer.Written.ToArray(), now, cancellation).ConfigureAwait(false);
        }
    }
}
