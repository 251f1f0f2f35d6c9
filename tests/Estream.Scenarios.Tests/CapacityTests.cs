using Estream.Scenarios.Capacity;

namespace Estream.Scenarios.Tests;

public sealed class CapacityTests
{
    private static readonly CapacityModel s_even = new()
    {
        Publish = new StepCost(100, 0),
        Lead = new StepCost(100, 0),
        Replicate = new StepCost(100, 0),
        Confirm = new StepCost(100, 0),
        LinkBytesPerSecond = 1e15,
    };

    [Theory]
    [InlineData("--hosts", "0", "--hosts needs a whole number from 1 to 10000")]
    [InlineData("--rate", "many", "--rate needs a whole number from 0 to 100000000")]
    [InlineData("--nodes", "3", "unknown option '--nodes'")]
    [InlineData("--factor", "5", "--factor 5 needs at least as many brokers; --brokers is 3")]
    public void Invalid_option_is_refused(string option, string value, string message)
    {
        UsageException failure = Assert.Throws<UsageException>(() => CapacityCommand.Parse([option, value]));
        Assert.Equal(message, failure.Message);
    }

    [Fact]
    public void Rate_on_one_machine_is_processors_divided_by_the_time_of_an_entry()
    {
        // Publish, lead, two replicas and confirm: 500 µs of processor time for an entry, on two processors.
        CapacityResult result = ClusterSimulation.Run(s_even with { IsOneMachine = true }, 2);
        Assert.Equal(2 / 500e-6, result.MessagesPerSecond / (s_even.EntryBytes / s_even.FrameBytes), 40d);
        Assert.Equal(1, result.HostShare, 0.01);
    }

    [Fact]
    public void Rate_of_one_host_on_own_machines_is_limited_by_its_slowest_step()
    {
        CapacityResult result = ClusterSimulation.Run(s_even with { Lead = new StepCost(400, 0) }, 2);
        Assert.Equal(1 / 400e-6, result.MessagesPerSecond / (s_even.EntryBytes / s_even.FrameBytes), 25d);
        Assert.Equal("one thread", result.Limit);
    }

    [Fact]
    public void Rate_on_slow_links_is_that_of_the_link_of_the_leader()
    {
        // The leader sends each entry three times: to two replicas and back to the host.
        CapacityResult result = ClusterSimulation.Run(s_even with { LinkBytesPerSecond = 3e7 }, 5);
        Assert.Equal(1e7, result.MessagesPerSecond * s_even.FrameBytes, 4e5);
        Assert.Equal("link", result.Limit);
    }

    [Fact]
    public void Entry_below_the_capacity_waits_only_for_its_own_steps()
    {
        CapacityResult result = ClusterSimulation.Run(s_even with { MessagesPerSecond = 10_000 }, 1);
        Assert.Equal(10_000, result.MessagesPerSecond, 100d);
        Assert.Equal(400e-6, result.P50Seconds, 10e-6);
    }

    [Fact]
    public void Many_hosts_share_the_brokers()
    {
        // 100,000 entries a second, each with one message, take 300 µs of the brokers' processors, which have time for 20,000.
        CapacityModel model = s_even with { Hosts = 100, MessagesPerSecond = 1_000 };
        CapacityResult full = ClusterSimulation.Run(model, 1);
        Assert.Equal(1, full.BrokerShare, 0.01);
        Assert.InRange(full.MessagesPerSecond, 15_000, 20_500);

        CapacityResult light = ClusterSimulation.Run(model with { Lead = new StepCost(1, 0), Replicate = new StepCost(1, 0) }, 1);
        Assert.Equal(100_000, light.MessagesPerSecond, 2_000d);
        Assert.InRange(light.BrokerShare, 0.04, 0.06);
    }
}
