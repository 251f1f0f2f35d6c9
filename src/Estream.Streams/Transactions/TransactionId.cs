namespace Estream.Streams.Transactions;

/// <summary>How long the random names of a log of transactions and of a transaction are.</summary>
internal static class TransactionId
{
    public const int Bytes = 32;
}
