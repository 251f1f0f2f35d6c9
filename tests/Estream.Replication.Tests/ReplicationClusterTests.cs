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
            UseTls = true,
        };
        cluster.Validate();
        Assert.Equal("plant (estream at a.example:5671, b.example:5672)", cluster.ToString());
    }

    [Theory]
    [InlineData("guest", "broker-1")]
    [InlineData("guest", "192.0.2.1")]
    [InlineData("estream", null)]
    public void The_default_user_is_refused_for_brokers_on_other_machines(string user, string? refused)
    {
        ReplicationCluster cluster = new()
        {
            Name = "plant",
            Brokers = [new DnsEndPoint("localhost", 5671), new DnsEndPoint(refused ?? "broker-1", 5671)],
            User = user,
            UseTls = true,
        };

        string? message = Record.Exception(cluster.Validate)?.Message;
        Assert.Equal(refused is not null, message is not null);
        Assert.True(refused is null || message!.StartsWith($"User is 'guest', and broker '{refused}' is on another machine",
            StringComparison.Ordinal), message);
    }

    [Fact]
    public void The_default_user_is_accepted_for_brokers_on_this_machine() =>
        new ReplicationCluster
        {
            Name = "plant",
            Brokers = [new DnsEndPoint("localhost", 5672), new DnsEndPoint("127.0.0.1", 5673), new DnsEndPoint("::1", 5674)],
        }.Validate();
}
