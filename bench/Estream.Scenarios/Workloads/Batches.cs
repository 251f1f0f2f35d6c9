using System.Runtime.CompilerServices;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>
/// Base of the single-threaded .NET contenders: a round is many calls of one batch method. The batch is called often
/// enough for the JIT's last tier, which a loop in a method that is called once per round never reaches; 1024
/// operations per call make the cost of the call negligible.
/// </summary>
internal abstract class Batches(long operations, int batchOperations) : IContender
{
    public RunResult Run()
    {
        BeforeRound();
        HelperTime? helpers = HasHelpers ? HelperTime.Start() : null;
        RoundTimer timer = RoundTimer.Start();
        long remaining = operations;
        while (remaining > 0)
        {
            int count = (int)Math.Min(remaining, batchOperations);
            CallBatch(count);
            remaining -= count;
        }

        RunResult round = timer.Stop(operations);
        return (helpers?.TakenFrom(round) ?? round) with { Check = CheckOfRound() };
    }

    public abstract void Dispose();

    /// <summary>Whether other threads of the process do part of a round's work: then the waiting of the measured thread while they ran does
    /// not mean that the machine was busy.</summary>
    protected virtual bool HasHelpers => false;

    /// <summary>
    /// Runs all batches in a separate method. Inlined into the round, a batch would be part of a method that is replaced while it runs, and
    /// would never be compiled separately with the profile of its own calls.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CallBatch(int count) => Batch(count);

    /// <summary>Not timed: prepares a round.</summary>
    protected virtual void BeforeRound()
    {
    }

    /// <summary>Timed: executes <paramref name="count"/> operations.</summary>
    protected abstract void Batch(int count);

    /// <summary>Not timed: returns a value that only the same work gives.</summary>
    protected abstract ulong CheckOfRound();
}
