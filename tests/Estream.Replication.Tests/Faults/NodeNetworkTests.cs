namespace Estream.Replication.Tests.Faults;

/// <summary>The networks of <see cref="BrokerFaultTests"/>.</summary>
[Collection(BrokerFaultCollection.Name)]
public sealed class NodeNetworkTests
{
    [BrokerFaultFact]
    public void A_one_way_cut_drops_packets_in_one_direction_until_the_node_joins()
    {
        using NodeNetwork network = new(3);
        network.CutToNodes(0);
        Assert.False(network.CanSend(0, 1));
        Assert.False(network.CanSend(0, 2));
        Assert.True(network.CanSend(1, 0));
        Assert.True(network.CanSend(1, 2));

        network.Join(0);
        Assert.True(network.CanSend(0, 1));
        network.CutNodesTo(0);
        Assert.False(network.CanSend(1, 0));
        Assert.False(network.CanSend(2, 0));
        Assert.True(network.CanSend(0, 1));
    }
}
