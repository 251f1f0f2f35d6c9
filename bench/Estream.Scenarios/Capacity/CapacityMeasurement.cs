using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers.Brokers;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Capacity;

/// <summary>
/// Measures the costs of all steps on this machine, and compares a simulation that uses them with runs of `replicate` directly
/// after each measurement. The runs do not measure the steps, and have other sizes of messages and entries. The simulation uses the share
/// of the processor time that other programs left during these runs.
/// </summary>
internal sealed class CapacityMeasurement
{
    public const string Option = "--measure";

    // The steps and `replicate` take turns, because the other programs of the machine change.
    private const int Turns = 3;

    private static readonly (int Hosts, int Brokers)[] s_sizes = [(1, 3), (10, 3), (10, 10), (1_000, 3), (1_000, 100), (1_000, 1_000)];

    private readonly RabbitCluster _brokers;
    private readonly string _directory;
    private readonly RunSize _size;

    private CapacityMeasurement(RabbitCluster brokers, string directory, RunSize size) =>
        (_brokers, _directory, _size) = (brokers, directory, size);

    /// <summary>Measures and prints.</summary>
    /// <param name="arguments">None, or <c>--disk DIR</c>, and <c>--tiny</c> for a test.</param>
    public static void Run(string[] arguments)
    {
        RunSize size = arguments.Contains("--tiny") ? RunSize.Tiny : RunSize.Full;
        string? disk = arguments.Where(argument => argument != "--tiny").ToArray() switch
        {
            [] => null,
            ["--disk", string directory] => directory,
            _ => throw new UsageException($"{Option} takes no other option than --disk DIR"),
        };
        if (!RabbitCluster.IsInstalled)
        {
            throw new ScenarioException("rabbitmq-server is missing: apt-get install rabbitmq-server");
        }

        using RunDirectories directories = new(disk, disk, null);
        MachineSheet.Print(Console.Out, MachineSheet.Of(directories));
        string folder = Path.Combine(directories.Disk, "capacity");
        using RabbitCluster brokers = RabbitCluster.Open(
            new ContenderContext(folder, size), new ReplicateWorkload(size, 100).Brokers);
        new CapacityMeasurement(brokers, folder, size).Run();
    }

    private void Run()
    {
        HostSteps host = new();
        BrokerSteps broker = new(_brokers, "capacity");
        host.Measure(_directory, _size.Of(24 << 20, 2 << 20), isCounted: false);
        using ReplicatingSteps replicating = new(_brokers, _directory, _size);
        replicating.Measure(isCounted: false);
        ReplicateTurns[] replicates = [];
        try
        {
            replicates = [.. new[] { 100, 1_024 }.Select(payload => new ReplicateTurns(_brokers, _directory, new(_size, payload)))];
            for (int turn = 0; turn < Turns; turn++)
            {
                host.Measure(_directory, _size.Of(24 << 20, 2 << 20));
                broker.MeasureAsync(_size.Of(96 << 20, 4 << 20)).GetAwaiter().GetResult();
                replicating.Measure();
                Array.ForEach(replicates, replicate => replicate.Run());
            }

            CapacityModel alone = ModelOf(host, broker);
            StepCost lead = replicating.LeadExtra(alone.Lead);
            StepCost replicate = replicating.ReplicateExtra(alone.Replicate);
            CapacityModel model = alone with
            {
                Lead = alone.Lead + lead,
                Replicate = alone.Replicate + replicate,
                Together = replicating.HostExtra(alone.Append + alone.Publish + alone.Confirm),
                BusyShare = replicating.BusyShare,
            };
            PrintSteps(alone, model.Together, lead, replicate);
            Console.WriteLine($"{"busy",-20}{model.BusyShare,12:0%} of the free processor time");
            PrintComparison("steps together", replicates, model);
            PrintComparison("steps alone", replicates, alone);
            PrintSizes(model with { IsOneMachine = false, Factor = Math.Min(3, model.Factor) });
        }
        finally
        {
            Array.ForEach(replicates, replicate => replicate.Dispose());
        }
    }

    /// <summary>The model with the costs of steps that run alone.</summary>
    private CapacityModel ModelOf(HostSteps host, BrokerSteps broker) => new()
    {
        Append = host.Append,
        Publish = host.Encode + broker.Send,
        Lead = broker.Lead,
        Replicate = broker.Replicate,
        Confirm = broker.Receive + host.Verify,
        Deliver = broker.Deliver,
        Follow = broker.Receive + host.Apply,
        Together = default,
        BusyShare = 1,
        Brokers = _brokers.Ports.Count,
        Factor = _brokers.Ports.Count,
        Processors = Environment.ProcessorCount,
        IsOneMachine = true,
    };

    private static void PrintSteps(CapacityModel alone, StepCost host, StepCost lead, StepCost replicate)
    {
        (string Name, StepCost Cost)[] steps =
        [
            ("append", alone.Append), ("publish", alone.Publish), ("lead", alone.Lead), ("replicate", alone.Replicate),
            ("confirm", alone.Confirm), ("deliver", alone.Deliver), ("follow", alone.Follow),
            ("host together", host), ("lead together", lead), ("replicate together", replicate),
        ];
        Console.WriteLine($"\n{"step",-20}{"us/entry",12}{"ns/byte",12}{"ns/message",12}");
        foreach ((string name, StepCost cost) in steps)
        {
            Console.WriteLine($"{name,-20}{cost.FixedMicros,12:0.0}{cost.NanosPerByte,12:0.000}{cost.NanosPerMessage,12:0.0}");
        }
    }

    private static void PrintComparison(string name, ReplicateTurns[] replicates, CapacityModel model)
    {
        Console.WriteLine($"\nreplicate, simulated with {name}\n{"",-12}{"measured/s",12}{"lowest",12}{"highest",12}{"simulated/s",12}"
            + $"{"difference",12}{"share",8}{"busy",8}");
        Array.ForEach(replicates, replicate => replicate.Compare(model));
    }

    /// <summary>Prints what the simulation says about clusters whose hosts and brokers each have a machine like this one: all messages a
    /// second if every host sends as many as possible, and the busiest broker if every host sends a thousand.</summary>
    private static void PrintSizes(CapacityModel model)
    {
        Console.WriteLine($"\n{"hosts",-8}{"brokers",8}{"most/s",14}  {"limit",-24}{"1,000/s each",14}{"p99 ms",9}{"broker",8}  limit");
        foreach ((int hosts, int brokers) in s_sizes)
        {
            CapacityModel most = model with { Hosts = hosts, Brokers = brokers };
            CapacityModel each = most with { MessagesPerSecond = 1_000 };
            CapacityResult all = ClusterSimulation.Run(most, CapacityCommand.SecondsFor(most));
            CapacityResult some = ClusterSimulation.Run(each, CapacityCommand.SecondsFor(each));
            Console.WriteLine($"{hosts,-8:N0}{brokers,8:N0}{all.MessagesPerSecond,14:N0}  {all.Limit,-24}{some.MessagesPerSecond,14:N0}"
                + $"{some.P99Seconds * 1e3,9:0.0}{some.BrokerShare,8:0%}  {some.Limit}");
        }
    }
}
