using System.Net;

namespace Estream.Replication.Tests;

public sealed class ReplicationClusterTests
{
    [Fact]
    public void The_text_of_a_cluster_names_its_brokers_and_not_its_password()
    {
        ReplicationCluster cluster = new()
        {
            Name = "plant",
            Brokers = [new DnsEndPoint("a.example", 5671), new DnsEndPoint("b.example", 5672)],
            User = "estream",
            Password = "not-to-be-printed",
        };
        Assert.Equal("plant (estream at a.example:5671, b.example:5672)", cluster.ToString());
    }
}
