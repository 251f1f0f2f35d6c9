using Estream.Crypto;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Witness;

namespace Estream.Scenarios.Product;

/// <summary>A witness of a queue, with its own key and the default options, and a second process that has its attestations
/// open.</summary>
internal sealed class BenchWitness : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    private readonly MlDsa87PrivateKey _key = MlDsa87PrivateKey.Generate();
    private readonly CancellationTokenSource _stop = new();
    private readonly EstreamQueue _attestations;
    private readonly QueueWitness _witness;
    private readonly IDisposable _holder;
    private Thread? _thread;
    private Exception? _failure;

    public BenchWitness(string directory, EstreamQueue queue, bool isChangeFeed = false)
    {
        _attestations = EstreamQueue.Open(directory);
        _witness = QueueWitness.Open(queue, _attestations, _key, new WitnessOptions { IsChangeFeed = isChangeFeed });
        _holder = Holder.Start(HeldStorage.Queue, directory);
    }

    /// <summary>Messages attested so far, in all rounds.</summary>
    public long Attested => _witness.Attested;

    /// <summary>Attests all messages in the queue, on this thread.</summary>
    public long RunToEnd() => _witness.RunToEnd();

    /// <summary>Starts to attest on a separate thread.</summary>
    public void Begin()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "witness" };
        _thread.Start();
    }

    /// <summary>Waits until this many messages are attested.</summary>
    public void WaitFor(long attested)
    {
        if (!SpinWait.SpinUntil(() => _witness.Attested >= attested || _failure is not null, s_limit) || _failure is not null)
        {
            throw new ScenarioException(
                $"{_witness.Attested} of {attested} messages are "
                + $"attested{(_failure is null ? $" after {s_limit}" : $": {_failure.Message}")}");
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _thread?.Join();
        _holder.Dispose();
        _witness.Dispose();
        _attestations.Dispose();
        _key.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        try
        {
            _witness.Run(_stop.Token);
        }
        catch (Exception e)
        {
            _failure = e;
        }
    }
}
