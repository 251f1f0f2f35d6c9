using Estream.Wire.OpcUa.Codec;
using Estream.Wire.OpcUa.Transport;

namespace Estream.Wire.OpcUa.Services;

/// <summary>Reads, writes, calls methods, and reads the history of nodes (Part 4, 5.11 and 5.12).</summary>
internal static class AttributeServices
{
    private const uint Both = 2;

    public static async ValueTask<UaDataValue[]> ReadAsync(
        ServiceCaller caller, IReadOnlyList<UaReadItem> items, CancellationToken cancellation)
    {
        Exchange exchange = new();
        UaWriter request = caller.Begin(exchange, TypeNumbers.ReadRequest);
        request.Double(0);
        request.UInt32(Both);
        request.Int32(items.Count);
        foreach (UaReadItem item in items)
        {
            WriteReadValueId(request, item.Node, item.Attribute);
        }

        await caller.CallAsync(exchange, "Read", cancellation).ConfigureAwait(false);
        UaReader reader = ServiceCaller.Response(exchange, TypeNumbers.ReadResponse, "Read");
        UaDataValue[] values = new UaDataValue[CountOf(ref reader, items.Count, "Read")];
        for (int index = 0; index < values.Length; index++)
        {
            values[index] = VariantDecoder.DataValue(ref reader);
        }

        ServiceCaller.Check(reader, "Read");
        return values;
    }

    public static async ValueTask<UaStatus[]> WriteAsync(
        ServiceCaller caller, IReadOnlyList<UaWriteItem> items, CancellationToken cancellation)
    {
        Exchange exchange = new();
        UaWriter request = caller.Begin(exchange, TypeNumbers.WriteRequest);
        request.Int32(items.Count);
        foreach (UaWriteItem item in items)
        {
            request.NodeId(item.Node);
            request.UInt32(item.Attribute);
            request.Text((string?)null);
            request.DataValue(new UaDataValue(item.Value, UaStatus.Good, null, null));
        }

        await caller.CallAsync(exchange, "Write", cancellation).ConfigureAwait(false);
        UaReader reader = ServiceCaller.Response(exchange, TypeNumbers.WriteResponse, "Write");
        UaStatus[] results = new UaStatus[CountOf(ref reader, items.Count, "Write")];
        for (int index = 0; index < results.Length; index++)
        {
            results[index] = reader.Status();
        }

        ServiceCaller.Check(reader, "Write");
        return results;
    }

    public static async ValueTask<UaCallResult> CallAsync(
        ServiceCaller caller, UaNodeId target, UaNodeId method, IReadOnlyList<UaVariant> arguments, CancellationToken cancellation)
    {
        Exchange exchange = new();
        UaWriter request = caller.Begin(exchange, TypeNumbers.CallRequest);
        request.Int32(1);
        request.NodeId(target);
        request.NodeId(method);
        request.Int32(arguments.Count);
        foreach (UaVariant argument in arguments)
        {
            request.Variant(argument);
        }

        await caller.CallAsync(exchange, "Call", cancellation).ConfigureAwait(false);
        UaReader reader = ServiceCaller.Response(exchange, TypeNumbers.CallResponse, "Call");
        CountOf(ref reader, 1, "Call");
        UaStatus status = reader.Status();
        UaStatus[] inputs = new UaStatus[reader.ArrayLength(sizeof(uint))];
        for (int index = 0; index < inputs.Length; index++)
        {
            inputs[index] = reader.Status();
        }

        int diagnostics = reader.ArrayLength();
        for (int index = 0; index < diagnostics; index++)
        {
            UaSkip.DiagnosticInfo(ref reader);
        }

        UaVariant[] outputs = new UaVariant[reader.ArrayLength()];
        for (int index = 0; index < outputs.Length; index++)
        {
            outputs[index] = VariantDecoder.Variant(ref reader);
        }

        ServiceCaller.Check(reader, "Call");
        return new UaCallResult(status, inputs, outputs);
    }

    /// <summary>Reads one page of raw history (Part 11, 6.4.3).</summary>
    public static async ValueTask<(UaStatus Status, byte[] Continuation, IReadOnlyList<UaDataValue> Values)> HistoryReadAsync(
        ServiceCaller caller, UaNodeId node, DateTime start, DateTime end, uint most, ReadOnlyMemory<byte> continuation, bool releases,
        CancellationToken cancellation)
    {
        Exchange exchange = new();
        UaWriter request = caller.Begin(exchange, TypeNumbers.HistoryReadRequest);
        int details = request.BeginStructure(TypeNumbers.ReadRawModifiedDetails);
        request.Boolean(false);
        request.Time(start);
        request.Time(end);
        request.UInt32(most);
        request.Boolean(false);
        request.EndStructure(details);
        request.UInt32(Both);
        request.Boolean(releases);
        request.Int32(1);
        request.NodeId(node);
        request.Text((string?)null);
        request.QualifiedName(new UaQualifiedName(0, ""));
        request.Bytes(continuation.Span);
        await caller.CallAsync(exchange, "HistoryRead", cancellation).ConfigureAwait(false);
        UaReader reader = ServiceCaller.Response(exchange, TypeNumbers.HistoryReadResponse, "HistoryRead");
        CountOf(ref reader, 1, "HistoryRead");
        UaStatus status = reader.Status();
        byte[] next = reader.Bytes().ToArray();
        ReadOnlySpan<byte> data = reader.ExtensionObject(out uint type);
        ServiceCaller.Check(reader, "HistoryRead");
        return (status, next, type == TypeNumbers.HistoryData ? ReadHistory(data) : []);
    }

    public static void WriteReadValueId(UaWriter request, in UaNodeId node, uint attribute)
    {
        request.NodeId(node);
        request.UInt32(attribute);
        request.Text((string?)null);
        request.QualifiedName(new UaQualifiedName(0, ""));
    }

    /// <summary>Reads the number of results, which equals the number of operations.</summary>
    public static int CountOf(ref UaReader reader, int expected, string service)
    {
        int count = reader.ArrayLength();
        return count == expected && !reader.IsFailed ? count : throw new OpcUaException(service, UaStatus.BadDecodingError);
    }

    private static UaDataValue[] ReadHistory(ReadOnlySpan<byte> data)
    {
        UaReader reader = new(data);
        UaDataValue[] values = new UaDataValue[reader.ArrayLength()];
        for (int index = 0; index < values.Length; index++)
        {
            values[index] = VariantDecoder.DataValue(ref reader);
        }

        ServiceCaller.Check(reader, "HistoryRead");
        return values;
    }
}
