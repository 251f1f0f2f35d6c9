using System.Net;
using Estream.Client;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>Runs the host with one queue and one map for clients.</summary>
internal sealed class RemoteHost : IDisposable
{
    private const long RetainedBytes = 256L << 20;

    private readonly ConfiguredHost _host;

    /// <param name="directory">An empty directory for configuration and data.</param>
    /// <param name="level">The durability of the queue, a level of <see cref="DurabilityLevels"/>.</param>
    public RemoteHost(string directory, string level)
    {
        Port = LoopbackPort.Next();
        _host = new ConfiguredHost(directory, $$"""
            "Queues": { "{{RemoteWorkload.Queue}}": { "Durability": "{{DurabilityLevels.SettingOf(level)}}", "RetainedBytes": {{RetainedBytes}} } },
            "Client": { "Port": {{Port}}, "Maps": { "{{RemoteWorkload.Map}}": { "MaxEntries": {{2 * RemoteWorkload.Entries}} } } }
            """, Port);
    }

    public int Port { get; }

    public EstreamClient Connect() =>
        EstreamClient.ConnectAsync(new Uri($"estream://{IPAddress.Loopback}:{Port}")).GetAwaiter().GetResult();

    /// <summary>Connects, and stores the entries of `remote-map-get`.</summary>
    public EstreamClient ConnectAndFill()
    {
        EstreamClient client = Connect();
        RemoteMap map = client.Map(RemoteWorkload.Map);
        byte[][] keys = RemoteWorkload.Keys();
        Task.WhenAll(keys.Select((key, entry) => map.PutAsync(key, RemoteWorkload.ValueOf(entry)).AsTask())).GetAwaiter().GetResult();
        return client;
    }

    public void Dispose() => _host.Dispose();
}
