using System.Diagnostics;
using System.Globalization;
using Estream.Scenarios.Harness;
using Estream.Wire.OpcUa;

namespace Estream.Scenarios.Product;

/// <summary>The <c>estream</c> row of `opcua-read`: the client of the product, one request in flight.</summary>
internal sealed class OpcUaReadContender : IContender
{
    private readonly long _reads;
    private readonly ChildProcess _server;
    private readonly OpcUaClient _client;
    private readonly UaReadItem[] _items = [.. Enumerable.Range(0, OpcUaAnswerer.Nodes).Select(
        node => new UaReadItem(UaNodeId.OfText(1, string.Create(CultureInfo.InvariantCulture, $"V{node}"))))];

    public OpcUaReadContender(ContenderContext context)
    {
        _reads = ReadsOf(context.Size);
        _server = OpcUaAnswerer.Start(out Uri url);
        OpcUaClientOptions options = new() { Url = url.OriginalString, Policy = UaSecurityPolicy.None, TimeoutMs = 30_000 };
        _client = OpcUaClient.ConnectAsync(options).GetAwaiter().GetResult();
    }

    /// <summary>Returns the requests of a round.</summary>
    public static long ReadsOf(RunSize size) => size.Of(20_000, 50);

    public RunResult Run()
    {
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        long start = Stopwatch.GetTimestamp();
        ulong sum = ReadAsync().GetAwaiter().GetResult();
        long elapsed = RoundTimer.NanosOf(Stopwatch.GetTimestamp() - start);
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        return new RunResult(_reads, elapsed) { AllocatedBytes = allocated, Check = sum };
    }

    public void Dispose()
    {
        _client.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _server.Dispose();
    }

    private async Task<ulong> ReadAsync()
    {
        ulong sum = 0;
        for (long read = 0; read < _reads; read++)
        {
            UaDataValue[] values = await _client.ReadAsync(_items).ConfigureAwait(false);
            sum += (ulong)(double)values[^1].Value.Value!;
        }

        return sum;
    }
}
