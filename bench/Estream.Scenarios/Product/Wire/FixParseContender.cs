using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;
using Estream.Trading;
using Estream.Wire;
using Estream.Wire.Fix;

namespace Estream.Scenarios.Product;

/// <summary>The <c>estream</c> row of `fix-parse`: translates limit orders to ESF, one after the other.</summary>
internal sealed class FixParseContender(ContenderContext context) : Batches(OperationsOf(context.Size), BatchOperations)
{
    private const int BatchOperations = 1024;

    private readonly byte[][] _messages = FixOrderMessages.Create();
    private readonly FixTranslator _translator = new(FixProtocol.Fix44);
    private readonly byte[] _destination = new byte[EStreamOrder.MaxLength];
    private ulong _sum;

    /// <summary>Returns the orders of a round.</summary>
    public static long OperationsOf(RunSize size) => size.Of(20_000_000, 20_000);

    public override void Dispose()
    {
    }

    protected override void BeforeRound() => _sum = 0;

    protected override void Batch(int count)
    {
        ulong sum = 0;
        for (int i = 0; i < count; i++)
        {
            TranslateStatus status = _translator.ToEsf(_messages[i & (FixOrderMessages.Count - 1)], _destination, out int length);
            sum += status.IsOk ? (ulong)length : throw new ScenarioException($"an order was rejected: {status.Describe(default)}");
        }

        _sum += sum + EStreamOrder.View.Of(_destination).Quantity;
    }

    protected override ulong CheckOfRound() => _sum;
}
