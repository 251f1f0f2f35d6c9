using System.Diagnostics;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers.Brokers;
using Estream.Scenarios.Product;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Capacity;

/// <summary>Runs `replicate` with one size of messages in several turns, and compares its rate with a simulation.</summary>
internal sealed class ReplicateTurns : IDisposable
{
    private const double SimulatedSeconds = 5;
    private const int RoundsOfTurn = 4;
    private const double MicrosPerSecond = 1e6;

    private readonly RabbitCluster _brokers;
    private readonly ReplicateWorkload _work;
    private readonly ReplicateContender _contender;
    private readonly List<double> _rates = [];
    private double _elapsed;
    private double _free;
    private double _host;
    private double _broker;

    /// <param name="brokers">The brokers, of which the contender is another user.</param>
    /// <param name="directory">The directory for the queue.</param>
    /// <param name="work">The messages.</param>
    public ReplicateTurns(RabbitCluster brokers, string directory, ReplicateWorkload work)
    {
        (_brokers, _work) = (brokers, work);
        string folder = Directory.CreateDirectory(Path.Combine(directory, $"replicate-{work.PayloadBytes}")).FullName;
        _contender = new ReplicateContender(new ContenderContext(folder, work.Size), work);
        _ = _contender.Run();
    }

    /// <summary>Runs some rounds.</summary>
    public void Run()
    {
        MachineTime machine = MachineTime.Now();
        ClusterTime before = ClusterTime.Now(_brokers);
        long start = Stopwatch.GetTimestamp();
        for (int round = 0; round < RoundsOfTurn; round++)
        {
            RunResult result = _contender.Run();
            _rates.Add(result.Operations * 1e9 / result.ElapsedNanos);
        }

        double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        ClusterTime used = ClusterTime.Now(_brokers).Since(before);
        double share = MachineTime.Now().ShareFor(used.All, machine);
        _host += used.Host.TotalSeconds;
        _broker += (used.All - used.Host).TotalSeconds;
        _elapsed += elapsed;
        _free += elapsed * share;
    }

    /// <summary>Simulates the rounds, and prints the rates; then the processor times of a message, on which the share that other programs
    /// leave has no influence.</summary>
    public void Compare(CapacityModel model)
    {
        model = model with { MessageBytes = _work.PayloadBytes, ProcessorShare = _free / _elapsed };
        double messages = (double)_rates.Count * _work.Messages;
        double measured = messages / _elapsed;
        double simulated = ClusterSimulation.Run(model, SimulatedSeconds).MessagesPerSecond;
        double busy = (_host + _broker) / (_free * model.Processors);
        Console.WriteLine($"{$"{_work.PayloadBytes} B",-12}{measured,12:N0}{_rates.Min(),12:N0}{_rates.Max(),12:N0}{simulated,12:N0}"
            + $"{(simulated / measured) - 1,12:+0.0%;-0.0%}{model.ProcessorShare,8:0%}{busy,8:0%}");

        double entryMessages = Math.Max(1, model.EntryBytes / model.FrameBytes);
        double host = MicrosOf(model.Append + model.Publish + model.Confirm + model.Together);
        double broker = MicrosOf(model.Lead) + ((model.Factor - 1) * MicrosOf(model.Replicate));
        PrintCost("host", _host, host);
        PrintCost("brokers", _broker, broker);
        PrintCost("all", _host + _broker, host + broker);

        double MicrosOf(StepCost cost) =>
            cost.Seconds(entryMessages * model.FrameBytes, entryMessages) * MicrosPerSecond / entryMessages;

        void PrintCost(string of, double seconds, double modelled)
        {
            double micros = seconds * MicrosPerSecond / messages;
            Console.WriteLine($"  us/message, {of,-8} measured {micros:0.000}, modelled {modelled:0.000} "
                + $"({(modelled / micros) - 1:+0.0%;-0.0%})");
        }
    }

    public void Dispose() => _contender.Dispose();
}
