using System.Runtime.CompilerServices;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>
/// Base of the single-threaded .NET contenders: a round is many calls of one batch method. The batch is called often
/// enough for the JIT's last tier, which a loop in a method that is called once per round never reaches; 1024
/// operations per call make the call itself vanish.
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

    /// <summary>Whether other threads of the process do part of a round's work: then what the measured thread waited while they ran says
    /// nothing of the machine.</summary>
    protected virtual bool HasHelpers => false;

    /// <summary>
    /// A method of its own: inlined into the round, a batch would be part of a method that is replaced while it runs, and
    /// would never be compiled by itself with the profile of its own calls.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CallBatch(int count) => Batch(count);

    /// <summary>Not timed: what a round needs before it starts.</summary>
    protected virtual void BeforeRound()
    {
    }

    /// <summary>Timed: <paramref name="count"/> operations.</summary>
    protected abstract void Batch(int count);

    /// <summary>Not timed: a value that only the same work gives.</summary>
    protected abstract ulong CheckOfRound();
}
