using Estream.Client;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>The <c>estream</c> row of `remote-map-get`: gets of <c>Estream.Client</c>, each awaited before the next.</summary>
internal sealed class RemoteMapGetContender : IContender
{
    private readonly Samples _samples;
    private readonly MapKey[] _keys = [.. RemoteWorkload.Keys().Select(MapKey.FromByteArray)];
    private readonly RemoteHost _host;
    private readonly EstreamClient _client;

    public RemoteMapGetContender(ContenderContext context)
    {
        _samples = new Samples(RemoteWorkload.Gets(context.Size));
        _host = new RemoteHost(context.Directory, DurabilityLevels.PageCache);
        _client = _host.ConnectAndFill();
    }

    public RunResult Run()
    {
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        ulong check = GetAsync(_client.Map(RemoteWorkload.Map)).GetAwaiter().GetResult();
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        return _samples.Round(check) with { AllocatedBytes = allocated };
    }

    public void Dispose()
    {
        _client.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _host.Dispose();
    }

    private async Task<ulong> GetAsync(RemoteMap map)
    {
        ulong check = 0;
        for (int get = 0; get < _samples.Count; get++)
        {
            int entry = RemoteWorkload.EntryOf(get);
            long before = Samples.Now();
            MapEntry? found = await map.GetAsync(_keys[entry]).ConfigureAwait(false);
            _samples.Set(get, before, Samples.Now());
            check += RemoteWorkload.Check(found is { } present ? present.Value.Span : default, entry);
        }

        return check;
    }
}
