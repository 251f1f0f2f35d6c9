using Estream.Crypto;
using Estream.Queue;
using Estream.Replication.Tests.Brokers;
using Estream.Testing;

namespace Estream.Replication.Tests.Failover;

/// <summary>A FIX session whose host is killed, on real brokers.</summary>
[Collection(BrokerCollection.Name)]
public sealed class FixFailoverTests(BrokerCluster brokers) : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly List<HostProcess> _hosts = [];

    public void Dispose()
    {
        _hosts.ForEach(host => host.Dispose());
        _folder.Dispose();
    }

    [Fact]
    public void A_session_continues_with_both_sequence_numbers_on_the_host_that_takes_over()
    {
        ReplicationCluster cluster = brokers.NewCluster();
        (HostProcess first, int firstPort) = Start("a", cluster);
        _ = first.WaitUntilReady();
        (HostProcess second, int secondPort) = Start("b", cluster);
        HostPair.WaitUntilFollowing(second);
        int last;
        using (FixDesk desk = new(firstPort))
        {
            desk.Send("A", 1, "98=0|108=30");
            Assert.Equal(1, desk.Receive("A"));
            desk.SendOrder(2);
            desk.SendOrder(3);

            // The answer shows that the orders before it are on a majority of the brokers.
            desk.Send("1", 4, "112=alive");
            last = desk.Receive("0");
            first.Kill();
        }

        _ = second.WaitUntilReady();
        using (FixDesk desk = new(secondPort))
        {
            desk.Send("A", 5, "98=0|108=30");
            Assert.Equal(last + 1, desk.Receive("A"));
            desk.SendOrder(6);
            desk.Send("1", 7, "112=again");
            Assert.Equal(last + 2, desk.Receive("0"));
        }

        second.Kill();
        using EstreamQueue orders = EstreamQueue.OpenReadOnly(_folder.Combine("b", "queues", "orders"));
        Assert.Equal(3, orders.GetInfo().MessageCount);
    }

    private (HostProcess Host, int Port) Start(string name, ReplicationCluster cluster)
    {
        int port = FreePort.Next();
        string config = _folder.Combine($"{name}.json");
        string addresses = string.Join(", ", cluster.Brokers.Select(broker => $"\"{broker.Host}:{broker.Port}\""));
        WriteKeys(_folder.Combine(name + "-keys"));
        File.WriteAllText(config, $$"""
            {
              "Estream": {
                "Privacy": { "Keys": "{{_folder.Combine(name + "-keys")}}" },
                "Queues": { "orders": { "Durability": "Quorum" }, "dead-letters": {} },
                "Replication": { "Cluster": "{{cluster.Name}}", "Brokers": [{{addresses}}], "Role": "auto", "Publish": ["orders"] },
                "Adapters": {
                  "desks": {
                    "Type": "fix-acceptor", "Port": {{port}},
                    "Sessions": [{ "SenderCompId": "BROKER", "TargetCompId": "DESK", "Journal": "{{_folder.Combine(name, "journal")}}" }],
                    "Mappings": [{ "MsgType": "D", "Schema": "EStreamOrder", "Queue": "orders" }]
                  }
                }
              }
            }
            """);
        HostProcess host = HostProcess.Start(_folder.Combine(name), configFile: config);
        _hosts.Add(host);
        return (host, port);
    }

    // Orders have private fields, which are sealed for an audience.
    private static void WriteKeys(string folder)
    {
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        _ = Directory.CreateDirectory(folder);
        MlKem1024KeyFile.WritePublic(Path.Combine(folder, "default.pub.pem"), key.PublicKey);
    }
}
