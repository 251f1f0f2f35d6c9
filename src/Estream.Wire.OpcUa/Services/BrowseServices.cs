using Estream.Wire.OpcUa.Codec;
using Estream.Wire.OpcUa.Transport;

namespace Estream.Wire.OpcUa.Services;

/// <summary>Reads the references of a node (Part 4, 5.9).</summary>
internal static class BrowseServices
{
    private const uint Hierarchical = 33;
    private const uint AllFields = 0x3F;
    private const uint PageReferences = 1_000;

    /// <summary>Reads references until there are no more, or too many.</summary>
    /// <returns>The status of the node, and the references.</returns>
    public static async ValueTask<(UaStatus Status, List<UaReference> References)> BrowseAsync(
        ServiceCaller caller, UaNodeId node, int most, CancellationToken cancellation)
    {
        Exchange exchange = new();
        UaWriter request = caller.Begin(exchange, TypeNumbers.BrowseRequest);
        request.NodeId(default);
        request.Int64(0);
        request.UInt32(0);
        request.UInt32((uint)Math.Min(most, PageReferences));
        request.Int32(1);
        request.NodeId(node);
        request.UInt32(0);
        request.NodeId(new UaNodeId(0, Hierarchical));
        request.Boolean(true);
        request.UInt32(0);
        request.UInt32(AllFields);
        await caller.CallAsync(exchange, "Browse", cancellation).ConfigureAwait(false);
        List<UaReference> references = [];
        UaStatus status = ReadPage(exchange, TypeNumbers.BrowseResponse, "Browse", references, out byte[] continuation);
        while (continuation.Length > 0)
        {
            bool releases = references.Count >= most;
            request = caller.Begin(exchange, TypeNumbers.BrowseNextRequest);
            request.Boolean(releases);
            request.Int32(1);
            request.Bytes(continuation);
            await caller.CallAsync(exchange, "BrowseNext", cancellation).ConfigureAwait(false);
            UaStatus next = ReadPage(exchange, TypeNumbers.BrowseNextResponse, "BrowseNext", references, out continuation);
            if (releases || next.IsBad)
            {
                status = releases ? status : next;
                break;
            }
        }

        return (status, references);
    }

    private static UaStatus ReadPage(
        Exchange exchange, uint type, string service, List<UaReference> references, out byte[] continuation)
    {
        UaReader reader = ServiceCaller.Response(exchange, type, service);
        AttributeServices.CountOf(ref reader, 1, service);
        UaStatus status = reader.Status();
        continuation = reader.Bytes().ToArray();
        int count = reader.ArrayLength(sizeof(int));
        for (int index = 0; index < count && !reader.IsFailed; index++)
        {
            UaNodeId reference = reader.NodeId();
            bool isForward = reader.Boolean();
            UaExpandedNodeId node = reader.ExpandedNodeId();
            UaQualifiedName name = reader.QualifiedName();
            UaLocalizedText display = reader.LocalizedText();
            uint nodeClass = reader.UInt32();
            references.Add(new UaReference(reference, isForward, node, name, display, nodeClass, reader.ExpandedNodeId()));
        }

        ServiceCaller.Check(reader, service);
        return status;
    }
}
