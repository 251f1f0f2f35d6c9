using System.Buffers;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;
using Estream.Wire.Fix;

namespace Estream.Scenarios.Product;

/// <summary>The <c>estream</c> row of the split in `fix-parse`: checks length and checksum of limit orders and finds their fields, as a
/// session does with a received message.</summary>
internal sealed class FixSplitContender(ContenderContext context)
    : Batches(FixParseContender.OperationsOf(context.Size), BatchOperations)
{
    private const int BatchOperations = 1024;

    private readonly byte[][] _messages = FixOrderMessages.Create();
    private readonly FixMessageSplitter _splitter = new(FixProtocol.Fix44);
    private ulong _sum;

    public override void Dispose()
    {
    }

    protected override void BeforeRound() => _sum = 0;

    protected override void Batch(int count)
    {
        ulong sum = 0;
        for (int i = 0; i < count; i++)
        {
            OperationStatus status = _splitter.Split(_messages[i & (FixOrderMessages.Count - 1)], out FixMessage message, out _);
            sum += status == OperationStatus.Done ? (ulong)message.Fields.Count : throw new ScenarioException("an order was rejected");
        }

        _sum += sum;
    }

    protected override ulong CheckOfRound() => _sum;
}
