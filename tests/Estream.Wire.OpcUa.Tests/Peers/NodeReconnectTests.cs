using System.Text.Json;
using Estream.Testing;
using Estream.Wire.OpcUa.Tests.Rig;

namespace Estream.Wire.OpcUa.Tests.Peers;

/// <summary>Goal: no value of a node-opcua server is lost or stored twice while its connections are cut, and a crash of the server is a
/// recorded gap.</summary>
[Collection(NodeCollection.Name)]
public sealed class NodeReconnectTests(NodeServer server)
{
    [PeerFact("npm", "npm")]
    public async Task Values_have_no_gap_after_cuts_and_a_crash_of_the_server_is_recorded()
    {
        using RecordingProxy proxy = new(server.Start().Port);
        OpcUaServerOptions options = AdapterRig.Server($"opc.tcp://127.0.0.1:{proxy.Port}/UA/T", "Count") with
        {
            PublishingIntervalMs = 100, KeepAliveMs = 5_000,
        };
        await using AdapterRig rig = new(options, "OpcUaReading", "OpcUaEvent");
        for (int cut = 1; cut <= 2; cut++)
        {
            int before = rig.Values("Count").Count;
            Eventually.True(() => rig.Values("Count").Count > before + 5, "values arrive");
            proxy.Cut();
            Eventually.True(() => rig.Adapter.Statistics.ReconnectsTotal >= cut, "the adapter has reconnected");
        }

        int last = rig.Values("Count").Count;
        Eventually.True(() => rig.Values("Count").Count > last + 5, "values arrive after the last cut");

        // This server sends the present value again, in a separate message, when a session moves to another connection.
        List<double> values = rig.Values("Count");
        Assert.Equal(Enumerable.Range((int)values[0], values.Count).Select(one => (double)one), values);
        Assert.Empty(rig.Stored("Gap"));

        server.Kill();
        server.Start();
        Eventually.True(() => rig.Stored("Gap").Count == 1, "the gap is recorded");
        int after = rig.Values("Count").Count;
        Eventually.True(() => rig.Values("Count").Count > after + 5, "values arrive after the restart");
    }

    [PeerFact("npm", "npm")]
    public async Task Changes_while_the_adapter_does_not_run_are_a_recorded_gap()
    {
        using RecordingProxy proxy = new(server.Start().Port);
        OpcUaServerOptions options = AdapterRig.Server($"opc.tcp://127.0.0.1:{proxy.Port}/UA/T", "Count") with
        {
            PublishingIntervalMs = 100, KeepAliveMs = 5_000,
        };
        await using AdapterRig rig = new(options, "OpcUaReading", "OpcUaEvent");
        Eventually.True(() => rig.Values("Count").Count > 5, "values arrive");
        List<JsonElement> before = [];
        await rig.RestartAsync(() => before = rig.AllValues());
        Eventually.True(() => rig.Values("Count").Count > before.Count + 5, "values arrive after the restart");
        JsonElement gap = Assert.Single(rig.Stored("Gap"));
        Assert.Equal(before[^1].GetProperty("received_at").GetInt64(), gap.GetProperty("last_received_at").GetInt64());
    }
}
