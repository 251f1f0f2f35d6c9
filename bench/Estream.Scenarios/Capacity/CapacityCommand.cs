using System.Globalization;

namespace Estream.Scenarios.Capacity;

/// <summary>Simulates a cluster that the user describes, and prints the result.</summary>
internal static class CapacityCommand
{
    /// <summary>The first argument that selects this command.</summary>
    public const string Name = "capacity";

    public const string Usage = """
        usage: dotnet run -c Release --project bench/Estream.Scenarios -- capacity [options]
               dotnet run -c Release --project bench/Estream.Scenarios -- capacity --measure [--disk DIR]

          --hosts N          hosts, each with one replicated queue (1)
          --brokers N        RabbitMQ brokers (3)
          --factor N         brokers that store each queue (3)
          --followers N      machines that copy the queue of each host (0)
          --processors N     processors of each machine (2)
          --link-mbit N      rate of the link of each machine in Mbit/s (1000)
          --message-bytes N  length of a message (100)
          --rate N           messages a second of each host; 0: as many as possible (0)
          --one-machine      all hosts and brokers share one machine
          --help             print this text

        --measure calibrates the simulation on this machine with three RabbitMQ brokers: it measures the steps one by one and together,
        runs `replicate` after each measurement, and prints by how much the simulation differs from it. Without --measure, the processor
        times are those of docs/scale.md.
        """;

    private const long LongestEntries = 4_000_000;
    private const double LongestSeconds = 5;

    public static int Run(string[] arguments)
    {
        if (arguments.Contains("--help"))
        {
            Console.WriteLine(Usage);
            return 0;
        }

        try
        {
            if (arguments is [CapacityMeasurement.Option, .. string[] rest])
            {
                CapacityMeasurement.Run(rest);
                return 0;
            }

            Print(Parse(arguments));
            return 0;
        }
        catch (UsageException e)
        {
            Console.Error.WriteLine($"{e.Message}\n\n{Usage}");
            return 2;
        }
    }

    internal static CapacityModel Parse(string[] arguments)
    {
        CapacityModel model = new();
        for (int i = 0; i < arguments.Length; i++)
        {
            string option = arguments[i];
            model = option switch
            {
                "--one-machine" => model with { IsOneMachine = true },
                "--hosts" => model with { Hosts = Number(arguments, ref i, 1, 10_000) },
                "--brokers" => model with { Brokers = Number(arguments, ref i, 1, 10_000) },
                "--factor" => model with { Factor = Number(arguments, ref i, 1, 9) },
                "--followers" => model with { Followers = Number(arguments, ref i, 0, 100) },
                "--processors" => model with { Processors = Number(arguments, ref i, 1, 1_024) },
                "--link-mbit" => model with { LinkBytesPerSecond = Number(arguments, ref i, 1, 1_000_000) * 1e6 / 8 },
                "--message-bytes" => model with { MessageBytes = Number(arguments, ref i, 1, 1 << 20) },
                "--rate" => model with { MessagesPerSecond = Number(arguments, ref i, 0, 100_000_000) },
                _ => throw new UsageException($"unknown option '{option}'"),
            };
        }

        return model.Factor <= model.Brokers
            ? model
            : throw new UsageException($"--factor {model.Factor} needs at least as many brokers; --brokers is {model.Brokers}");
    }

    private static void Print(CapacityModel model)
    {
        CapacityResult result = ClusterSimulation.Run(model, SecondsFor(model));
        FormattableString[] lines =
        [
            $"messages/s      {result.MessagesPerSecond:N0}",
            $"confirmed after {result.P50Seconds * 1e3:0.00} ms (p99 {result.P99Seconds * 1e3:0.00} ms)",
            $"host            {result.HostShare:P0} of its processors",
            $"broker          {result.BrokerShare:P0} of its processors, the busiest",
            $"link            {(model.IsOneMachine ? 0 : result.LinkShare):P0}, the busiest",
            $"thread          {result.StepShare:P0}, the busiest",
            $"limit           {result.Limit}",
        ];
        Array.ForEach(lines, line => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>Simulated seconds: fewer for a large cluster, so that the command ends in seconds.</summary>
    internal static double SecondsFor(CapacityModel model)
    {
        double entries = model.MessagesPerSecond == 0
            ? 1e4 * Math.Min(model.Hosts, model.Brokers)
            : model.Hosts / Math.Max(model.Linger, 1 / model.MessagesPerSecond);
        return Math.Min(LongestSeconds, LongestEntries / Math.Max(1, entries));
    }

    private static int Number(string[] arguments, ref int index, int least, int most)
    {
        string option = arguments[index++];
        return index < arguments.Length && int.TryParse(arguments[index], CultureInfo.InvariantCulture, out int value)
            && value >= least && value <= most
            ? value
            : throw new UsageException($"{option} needs a whole number from {least} to {most}");
    }
}
