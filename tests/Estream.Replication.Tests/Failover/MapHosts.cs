using Estream.Client;
using Estream.Testing;

namespace Estream.Replication.Tests.Failover;

/// <summary>Hosts that own or follow the map <c>settings</c>.</summary>
internal sealed class MapHosts(ReplicationCluster cluster, TempDirectory folder) : IDisposable
{
    private readonly List<HostProcess> _hosts = [];

    public HostProcess StartOwner(string name) => Start(name, "\"PublishMaps\": [\"settings\"]", hasMap: true);

    public HostProcess StartFollower(string name) => Start(name, "\"FollowMaps\": [\"settings\"]", hasMap: false);

    public HostProcess StartAuto(string name) => Start(name, "\"Role\": \"auto\", \"PublishMaps\": [\"settings\"]", hasMap: true);

    public Task<EstreamClient> ConnectAsync(string name) =>
        EstreamClient.ConnectAsync(new Uri("unix:" + folder.Combine(name, "run", "client.sock")));

    /// <summary>The entries that a host shows: keys, versions and values.</summary>
    public async Task<List<string>> ReadAsync(string name)
    {
        await using EstreamClient client = await ConnectAsync(name);
        List<string> all = [];
        await foreach (KeyedMapEntry entry in client.Map("settings").ScanAsync())
        {
            all.Add($"{entry.Key} v{entry.Entry.Version} {Convert.ToHexString(entry.Entry.Value.Span)}");
        }

        return all;
    }

    public void Dispose() => _hosts.ForEach(host => host.Dispose());

    private HostProcess Start(string name, string replication, bool hasMap)
    {
        string config = folder.Combine($"{name}.json");
        string addresses = string.Join(", ", cluster.Brokers.Select(broker => $"\"{broker.Host}:{broker.Port}\""));
        string client = hasMap ? "\"Client\": { \"Maps\": { \"settings\": {} } }," : "";
        File.WriteAllText(config, $$"""
            {
              "Estream": {
                {{client}}
                "Replication": { "Cluster": "{{cluster.Name}}", "Brokers": [{{addresses}}], "Owner": "{{name}}", {{replication}} }
              }
            }
            """);
        HostProcess host = HostProcess.Start(folder.Combine(name), configFile: config);
        _hosts.Add(host);
        return host;
    }
}
