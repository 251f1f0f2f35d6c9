namespace Estream.Streams.Transactions;

/// <summary>The length of the random ids of transactions and transaction logs.</summary>
internal static class TransactionId
{
    public const int Bytes = 32;
}
