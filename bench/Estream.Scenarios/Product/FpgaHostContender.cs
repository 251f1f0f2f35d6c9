using Estream.Core;
using Estream.Fpga;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Product;

/// <summary>The <c>estream</c> row of `fpga-host`: on the loopback, which answers at once; the time it takes for that is told apart and is
/// none of the host's.</summary>
internal sealed class FpgaHostContender(ContenderContext context) : IContender
{
    private const int Batch = 256;

    private readonly FpgaCard _card = FpgaCard.Open("loopback:");
    private readonly long _messages = context.Size.Of(20_000_000, 20_000);

    public RunResult Run()
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        FpgaBench found = FpgaBench.Run(_card, _messages, Batch, SystemClock.Instance);
        return new RunResult(found.Messages, found.HostNanos)
        {
            AllocatedBytes = GC.GetAllocatedBytesForCurrentThread() - allocated,
            Check = (ulong)found.Messages,
        };
    }

    public void Dispose() => _card.Dispose();
}
