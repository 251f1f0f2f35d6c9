using Estream.Scenarios.Capacity;
using Estream.Testing;

namespace Estream.Scenarios.Tests;

public sealed class CapacityTests
{
    private static readonly CapacityModel s_even = new()
    {
        Append = default,
        Deliver = default,
        Follow = default,
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

    [Fact]
    public void Half_of_the_processors_gives_half_of_the_rate()
    {
        CapacityModel model = s_even with { IsOneMachine = true };
        double whole = ClusterSimulation.Run(model, 2).MessagesPerSecond;
        Assert.Equal(0.5, ClusterSimulation.Run(model with { ProcessorShare = 0.5 }, 2).MessagesPerSecond / whole, 0.02);
    }

    [Fact]
    public void Waiting_threads_take_processor_time_on_one_machine_only()
    {
        CapacityModel shared = s_even with { IsOneMachine = true };
        double busy = ClusterSimulation.Run(shared, 2).MessagesPerSecond;
        Assert.Equal(0.8, ClusterSimulation.Run(shared with { BusyShare = 0.8 }, 2).MessagesPerSecond / busy, 0.02);

        double own = ClusterSimulation.Run(s_even, 2).MessagesPerSecond;
        Assert.Equal(own, ClusterSimulation.Run(s_even with { BusyShare = 0.8 }, 2).MessagesPerSecond);
    }

    [Fact]
    public void Time_of_steps_together_is_time_of_the_host()
    {
        // An entry takes 200 µs more. Its other steps take 500 µs.
        CapacityResult result = ClusterSimulation.Run(s_even with { IsOneMachine = true, Together = new StepCost(200, 0) }, 2);
        Assert.Equal(2 / 700e-6, result.MessagesPerSecond / (s_even.EntryBytes / s_even.FrameBytes), 60d);
    }

    [Fact]
    public void Appends_cost_time_for_each_message()
    {
        // 1 µs for each message is more than all other steps, of which each takes 100 µs for an entry.
        CapacityResult result = ClusterSimulation.Run(s_even with { Append = new StepCost(0, 0, 1_000) }, 2);
        Assert.Equal(1e6, result.MessagesPerSecond, 2e4);
        Assert.Equal("one thread", result.Limit);
    }

    [Fact]
    public void Followers_load_the_leader_and_their_own_machines()
    {
        CapacityModel model = s_even with { MessagesPerSecond = 1_000, Deliver = new StepCost(100, 0), Follow = new StepCost(50_000, 0) };
        CapacityResult alone = ClusterSimulation.Run(model, 1);
        CapacityResult followed = ClusterSimulation.Run(model with { Followers = 2 }, 1);

        // The leader works 300 instead of 100 µs for each of 1,000 entries a second, on two processors.
        Assert.Equal(0.05, alone.BrokerShare, 0.005);
        Assert.Equal(0.15, followed.BrokerShare, 0.005);
        Assert.Equal(alone.HostShare, followed.HostShare, 0.001);
        Assert.Equal(1, followed.StepShare, 0.01);
    }

    [Fact]
    public void Fit_finds_the_cost_from_which_the_samples_come()
    {
        StepCost cost = new(120, 0.8, 15);
        (double Bytes, double Messages)[] sizes = [(64e3, 500), (64e3, 20), (512e3, 4_000), (512e3, 200)];
        StepCost found = StepFit.Of([.. sizes.Select(size =>
            new StepSample(size.Bytes, size.Messages, cost.Seconds(size.Bytes, size.Messages) * 1e6))]);
        Assert.Equal(cost.FixedMicros, found.FixedMicros, 0.01);
        Assert.Equal(cost.NanosPerByte, found.NanosPerByte, 0.0001);
        Assert.Equal(cost.NanosPerMessage, found.NanosPerMessage, 0.01);
    }

    [Fact]
    public void Fit_has_the_mean_of_samples_of_the_same_size()
    {
        StepCost found = StepFit.Of(
        [
            new StepSample(1_000, 0, 1), new StepSample(1_000, 0, 3), new StepSample(4_000, 0, 4), new StepSample(4_000, 0, 12),
        ]);
        Assert.Equal(2, found.Seconds(1_000, 0) * 1e6, 0.001);
        Assert.Equal(8, found.Seconds(4_000, 0) * 1e6, 0.001);
    }

    [Fact]
    public void Fit_has_no_negative_part()
    {
        // A line through these points crosses the axis below zero.
        StepCost found = StepFit.Of([new StepSample(1_000, 0, 0.5), new StepSample(2_000, 0, 2), new StepSample(4_000, 0, 6)]);
        Assert.Equal(0, found.FixedMicros);
        Assert.InRange(found.NanosPerByte, 0.5, 1.5);
    }

    [Fact]
    public void Fit_refuses_samples_that_do_not_determine_a_cost()
    {
        StepSample sample = new(1_000, 10, 5);
        Assert.Throws<ArgumentException>(() => StepFit.Of([sample, sample, sample]));
    }

    [Fact]
    public void Measurement_prints_the_steps_and_compares_replicate_with_the_simulation()
    {
        using TempDirectory directory = new();
        ProcessResult result = Harness.Run("capacity", "--measure", "--disk", directory.Path, "--tiny").EnsureSuccess();
        foreach (string step in (string[])
        [
            "append", "publish", "confirm", "lead", "replicate", "deliver", "follow", "host together", "lead together",
            "replicate together", "busy",
        ])
        {
            Assert.Contains($"\n{step} ", result.Output, StringComparison.Ordinal);
        }

        Assert.Contains("replicate, simulated with steps together", result.Output, StringComparison.Ordinal);
        Assert.Contains("replicate, simulated with steps alone", result.Output, StringComparison.Ordinal);
        Assert.Matches(@"\n100 B +[\d,]+ +[\d,]+ +[\d,]+ +[\d,]+ +[+-]", result.Output);
        Assert.Matches(@"\n1024 B +[\d,]+ +[\d,]+ +[\d,]+ +[\d,]+ +[+-]", result.Output);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }
}
