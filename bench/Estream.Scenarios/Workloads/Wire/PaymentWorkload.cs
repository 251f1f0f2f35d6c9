using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>Base of the rows of `iso20022-parse`: reads the same message again and again. The sums of its amounts, in cents, and of the
/// lengths of its references show that it was read.</summary>
internal abstract class PaymentWorkload(long operations, int transactions) : Batches(operations, batchOperations: 16)
{
    private ulong _check;

    /// <summary>The message.</summary>
    protected byte[] Document { get; } = PaymentMessages.CreditTransfer(transactions);

    /// <summary>Returns the messages of a round, which takes a tenth of a second or more.</summary>
    public static long Messages(ContenderContext context, int transactions) => context.Size.Of(Math.Max(50_000 / transactions, 100), 2);

    public override void Dispose()
    {
    }

    protected sealed override void BeforeRound() => _check = 0;

    protected sealed override void Batch(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _check += Parse();
        }
    }

    protected sealed override ulong CheckOfRound() => _check;

    /// <summary>Reads the message.</summary>
    /// <returns>The sum.</returns>
    protected abstract ulong Parse();
}
