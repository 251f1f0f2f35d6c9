using Estream.Wire.OpcUa.Codec;

namespace Estream.Wire.OpcUa.Services;

/// <summary>The header of each request (Part 4, 7.33).</summary>
internal static class RequestHeader
{
    public static void Write(UaWriter writer, in UaNodeId authenticationToken, uint handle, uint timeoutMs)
    {
        writer.NodeId(authenticationToken);
        writer.Int64(UaTime.FromDateTime(UaTime.Now));
        writer.UInt32(handle);
        writer.UInt32(0);
        writer.Text((string?)null);
        writer.UInt32(timeoutMs);
        writer.NullStructure();
    }
}

/// <summary>The header of each response (Part 4, 7.34).</summary>
internal static class ResponseHeader
{
    private const int MaxStrings = 10_000;

    /// <returns>The result of the service.</returns>
    public static UaStatus Read(ref UaReader reader)
    {
        reader.Int64();
        reader.UInt32();
        UaStatus status = reader.Status();
        UaSkip.DiagnosticInfo(ref reader);
        int strings = reader.ArrayLength(sizeof(int));
        for (int index = 0; index < Math.Min(strings, MaxStrings); index++)
        {
            reader.Bytes();
        }

        UaSkip.ExtensionObject(ref reader);
        return status;
    }
}
