using System.Diagnostics;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers.Brokers;
using Estream.Scenarios.Product;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Capacity;

/// <summary>
/// Measures the costs of all steps on this machine, and compares a simulation with them to a run of `replicate`, which is not used to
/// measure the steps. Other programs take processor time meanwhile: the simulation gets the share that they left in that run.
/// </summary>
internal sealed class CapacityMeasurement
{
    public const string Option = "--measure";

    private const double SimulatedSeconds = 5;
    private const int Rounds = 5;

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
        CapacityModel model = MeasureSteps();
        (string Name, StepCost Cost)[] steps =
        [
            ("append", model.Append), ("publish", model.Publish), ("lead", model.Lead), ("replicate", model.Replicate),
            ("confirm", model.Confirm), ("deliver", model.Deliver), ("follow", model.Follow),
        ];
        Console.WriteLine($"\n{"step",-12}{"us/entry",12}{"ns/byte",12}{"ns/message",12}");
        foreach ((string name, StepCost cost) in steps)
        {
            Console.WriteLine($"{name,-12}{cost.FixedMicros,12:0.0}{cost.NanosPerByte,12:0.000}{cost.NanosPerMessage,12:0.0}");
        }

        Console.WriteLine($"\n{"replicate",-12}{"measured/s",12}{"lowest",12}{"highest",12}{"simulated/s",12}{"difference",12}{"share",8}");
        foreach (int payload in (int[])[100, 1_024])
        {
            Compare(model with { MessageBytes = payload });
        }

        PrintSizes(model with { IsOneMachine = false, Factor = Math.Min(3, model.Factor) });
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

    private CapacityModel MeasureSteps()
    {
        HostSteps host = HostSteps.Measure(_directory, _size);
        BrokerSteps broker = BrokerSteps.Measure(_brokers, "capacity", _size);
        return new CapacityModel
        {
            Append = host.Append,
            Publish = host.Encode + broker.Send,
            Lead = broker.Lead,
            Replicate = broker.Replicate,
            Confirm = broker.Receive + host.Verify,
            Deliver = broker.Deliver,
            Follow = broker.Receive + host.Apply,
            Brokers = _brokers.Ports.Count,
            Factor = _brokers.Ports.Count,
            Processors = Environment.ProcessorCount,
            IsOneMachine = true,
        };
    }

    /// <summary>Runs `replicate` with one size of messages, simulates it, and prints both. The second line has the processor times of a
    /// message, on which the share has no influence.</summary>
    private void Compare(CapacityModel model)
    {
        ReplicateWorkload work = new(_size, model.MessageBytes);
        string folder = Path.Combine(_directory, $"replicate-{model.MessageBytes}");
        _ = Directory.CreateDirectory(folder);
        using ReplicateContender contender = new(new ContenderContext(folder, _size), work);
        _ = contender.Run();
        MachineTime machine = MachineTime.Now();
        TimeSpan before = Used();
        long start = Stopwatch.GetTimestamp();
        double[] rates = [.. Enumerable.Range(0, Rounds).Select(_ => RateOf(contender.Run()))];
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        TimeSpan used = Used() - before;
        double share = MachineTime.Now().ShareFor(used, machine);

        double messages = Rounds * work.Messages;
        double measured = messages / elapsed.TotalSeconds;
        double simulated = ClusterSimulation.Run(model with { ProcessorShare = share }, SimulatedSeconds).MessagesPerSecond;
        Console.WriteLine($"{$"{model.MessageBytes} B",-12}{measured,12:N0}{rates.Min(),12:N0}{rates.Max(),12:N0}{simulated,12:N0}"
            + $"{(simulated / measured) - 1,12:+0.0%;-0.0%}{share,8:0%}");
        double cost = used.TotalMicroseconds / messages;
        double modelled = ModelledMicros(model);
        Console.WriteLine($"{"  us/message",-12}{cost,12:0.000}{"",24}{modelled,12:0.000}{(modelled / cost) - 1,12:+0.0%;-0.0%}");
    }

    private static double RateOf(RunResult round) => round.Operations * 1e9 / round.ElapsedNanos;

    /// <summary>The processor time of a message in all steps.</summary>
    private static double ModelledMicros(CapacityModel model)
    {
        double messages = Math.Max(1, model.EntryBytes / model.FrameBytes);
        double bytes = messages * model.FrameBytes;
        StepCost replicas = Enumerable.Repeat(model.Replicate, model.Factor - 1).Aggregate(default(StepCost), (sum, one) => sum + one);
        return (model.Append + model.Publish + model.Lead + replicas + model.Confirm).Seconds(bytes, messages) * 1e6 / messages;
    }

    private TimeSpan Used() => Enumerable.Range(0, _brokers.Ports.Count)
        .Aggregate(Environment.CpuUsage.TotalTime, (sum, broker) => sum + _brokers.UsedBy(broker));
}
