using Estream.Wire.OpcUa.Codec;
using Estream.Wire.OpcUa.Monitoring;
using Estream.Wire.OpcUa.Transport;

namespace Estream.Wire.OpcUa.Services;

/// <summary>Creates, transfers and repeats subscriptions (Part 4, 5.13 and 5.14).</summary>
internal static class SubscriptionServices
{
    private const uint Reporting = 2;
    private const uint Both = 2;
    private const uint StatusValue = 1;
    private const uint AbsoluteDeadband = 1;

    public static async ValueTask<(uint Id, double IntervalMs, uint KeepAliveCount)> CreateAsync(
        ServiceCaller caller, MonitorOptions options, CancellationToken cancellation)
    {
        Exchange exchange = new();
        UaWriter request = caller.Begin(exchange, TypeNumbers.CreateSubscriptionRequest);
        request.Double(options.PublishingIntervalMs);
        request.UInt32(options.LifetimeCount);
        request.UInt32(options.KeepAliveCount);
        request.UInt32((uint)options.MaxNotifications);
        request.Boolean(true);
        request.Byte(0);
        await caller.CallAsync(exchange, "CreateSubscription", cancellation).ConfigureAwait(false);
        UaReader reader = ServiceCaller.Response(exchange, TypeNumbers.CreateSubscriptionResponse, "CreateSubscription");
        uint id = reader.UInt32();
        double interval = reader.Double();
        reader.UInt32();
        uint keepAlive = reader.UInt32();
        ServiceCaller.Check(reader, "CreateSubscription");
        return (id, double.IsFinite(interval) ? interval : options.PublishingIntervalMs, keepAlive);
    }

    /// <summary>Creates items; the handle of an item is its index.</summary>
    /// <returns>The status of each item.</returns>
    public static async ValueTask<UaStatus[]> CreateItemsAsync(
        ServiceCaller caller, uint subscription, IReadOnlyList<MonitoredNode> items, UaNodeId[] nodes, int start, int count,
        CancellationToken cancellation)
    {
        Exchange exchange = new();
        UaWriter request = caller.Begin(exchange, TypeNumbers.CreateMonitoredItemsRequest);
        request.UInt32(subscription);
        request.UInt32(Both);
        request.Int32(count);
        for (int index = start; index < start + count; index++)
        {
            MonitoredNode item = items[index];
            AttributeServices.WriteReadValueId(request, nodes[index], UaAttribute.Value);
            request.UInt32(Reporting);
            request.UInt32((uint)index);
            request.Double(item.SamplingMs);
            WriteFilter(request, item);
            request.UInt32((uint)item.QueueSize);
            request.Boolean(item.DiscardOldest);
        }

        await caller.CallAsync(exchange, "CreateMonitoredItems", cancellation).ConfigureAwait(false);
        UaReader reader = ServiceCaller.Response(exchange, TypeNumbers.CreateMonitoredItemsResponse, "CreateMonitoredItems");
        UaStatus[] results = new UaStatus[AttributeServices.CountOf(ref reader, count, "CreateMonitoredItems")];
        for (int index = 0; index < count; index++)
        {
            results[index] = reader.Status();
            reader.UInt32();
            reader.Double();
            reader.UInt32();
            UaSkip.ExtensionObject(ref reader);
        }

        ServiceCaller.Check(reader, "CreateMonitoredItems");
        return results;
    }

    /// <summary>Moves a subscription to the session of the caller, and asks for the present values of its items.</summary>
    /// <returns>The sequence numbers of the messages that the server still has.</returns>
    /// <exception cref="OpcUaException">The server does not transfer it.</exception>
    public static async ValueTask<uint[]> TransferAsync(ServiceCaller caller, uint subscription, CancellationToken cancellation)
    {
        Exchange exchange = new();
        UaWriter request = caller.Begin(exchange, TypeNumbers.TransferSubscriptionsRequest);
        request.Int32(1);
        request.UInt32(subscription);
        request.Boolean(true);
        await caller.CallAsync(exchange, "TransferSubscriptions", cancellation).ConfigureAwait(false);
        UaReader reader = ServiceCaller.Response(exchange, TypeNumbers.TransferSubscriptionsResponse, "TransferSubscriptions");
        AttributeServices.CountOf(ref reader, 1, "TransferSubscriptions");
        UaStatus status = reader.Status();
        uint[] available = new uint[reader.ArrayLength(sizeof(uint))];
        for (int index = 0; index < available.Length; index++)
        {
            available[index] = reader.UInt32();
        }

        ServiceCaller.Check(reader, "TransferSubscriptions");
        return status.IsBad ? throw new OpcUaException("TransferSubscriptions", status) : available;
    }

    /// <summary>Asks for a message again.</summary>
    /// <returns>The data of the message in the response of the exchange; empty if the server no longer has it, or not yet.</returns>
    /// <exception cref="OpcUaException">The server answers with another error.</exception>
    public static async ValueTask<ReadOnlyMemory<byte>> RepublishAsync(
        ServiceCaller caller, Exchange exchange, uint subscription, uint sequence, CancellationToken cancellation)
    {
        UaWriter request = caller.Begin(exchange, TypeNumbers.RepublishRequest);
        request.UInt32(subscription);
        request.UInt32(sequence);
        await caller.CallAsync(exchange, "Republish", cancellation).ConfigureAwait(false);
        return ReadRepublished(exchange, sequence);
    }

    /// <summary>Deletes a subscription; errors are ignored, because it may be gone.</summary>
    public static async ValueTask DeleteAsync(ServiceCaller caller, uint subscription, CancellationToken cancellation)
    {
        try
        {
            Exchange exchange = new();
            UaWriter request = caller.Begin(exchange, TypeNumbers.DeleteSubscriptionsRequest);
            request.Int32(1);
            request.UInt32(subscription);
            await caller.CallAsync(exchange, "DeleteSubscriptions", cancellation).ConfigureAwait(false);
        }
        catch (OpcUaException failure) when (!failure.IsSessionLost)
        {
        }
    }

    private static ReadOnlyMemory<byte> ReadRepublished(Exchange exchange, uint sequence)
    {
        UaReader reader = new(exchange.Response);
        uint type = reader.TypeNumber();
        UaStatus status = ResponseHeader.Read(ref reader);
        if (status == UaStatus.BadMessageNotAvailable || status == UaStatus.BadServiceUnsupported)
        {
            return default;
        }

        uint found = reader.UInt32();
        reader.Int64();
        if (status.IsBad || type != TypeNumbers.RepublishResponse || reader.IsFailed || found != sequence)
        {
            throw new OpcUaException("Republish", status.IsBad ? status : UaStatus.BadDecodingError);
        }

        return exchange.ResponseMemory[^reader.Rest.Length..];
    }

    private static void WriteFilter(UaWriter request, MonitoredNode item)
    {
        if (item.Deadband <= 0)
        {
            request.NullStructure();
            return;
        }

        int start = request.BeginStructure(TypeNumbers.DataChangeFilter);
        request.UInt32(StatusValue);
        request.UInt32(AbsoluteDeadband);
        request.Double(item.Deadband);
        request.EndStructure(start);
    }
}
