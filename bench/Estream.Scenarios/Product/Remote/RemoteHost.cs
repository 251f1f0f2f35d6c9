using System.Diagnostics;
using System.Net;
using Estream.Client;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>Runs the host with one queue and one map for clients, as <c>dotnet Estream.Host.dll --config FILE</c> does.</summary>
internal sealed class RemoteHost : IDisposable
{
    private const long RetainedBytes = 256L << 20;

    private readonly ChildProcess _host;

    /// <param name="directory">An empty directory for configuration and data.</param>
    /// <param name="level">The durability of the queue, a level of <see cref="DurabilityLevels"/>.</param>
    public RemoteHost(string directory, string level)
    {
        Port = LoopbackPort.Next();
        string file = Path.Combine(directory, "host.json");
        File.WriteAllText(file, $$"""
            { "Logging": { "LogLevel": { "Default": "Warning" } },
              "Estream": {
                "Http": { "Address": "127.0.0.1", "Port": {{LoopbackPort.Next()}}, "LoopbackRole": "operator" },
                "Queues": { "{{RemoteWorkload.Queue}}": { "Durability": "{{DurabilityLevels.SettingOf(level)}}", "RetainedBytes": {{RetainedBytes}} } },
                "Client": { "Port": {{Port}}, "Maps": { "{{RemoteWorkload.Map}}": { "MaxEntries": {{2 * RemoteWorkload.Entries}} } } } } }
            """);
        var start = new ProcessStartInfo("dotnet", [BuiltProgram.Find("Estream.Host", "Estream.Host.dll"), "--config", file])
        {
            Environment = { ["ESTREAM_DATA"] = Path.Combine(directory, "data") },
        };
        _host = new ChildProcess(SelfProcess.Start(start), "the host");
        LoopbackPort.WaitUntilListening(Port, "the host");
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

    public void Dispose()
    {
        // The host ignores the end of its input.
        _host.Kill();
        _host.Dispose();
    }
}
