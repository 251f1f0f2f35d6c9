namespace Estream.Map.TestProcess;

/// <summary>A few tills that hold together what they always do. One that holds nothing is not there. So few that all of them are read
/// together while a writer is at work.</summary>
public static class TillScript
{
    public const int Tills = 4;
    public const long Total = 1_000_000;

    /// <summary>Shares what all tills hold among them anew, if nobody has changed one of them since they were read.</summary>
    /// <param name="reader">Has read them.</param>
    /// <param name="batch">A batch of the map.</param>
    /// <param name="random">Says how much each gets.</param>
    public static bool Share(TillReader reader, MapBatch<long, Account> batch, Random random)
    {
        batch.Clear();
        long rest = reader.Sum;
        for (int till = 0; till < Tills; till++)
        {
            long share = till == Tills - 1 ? rest : random.Next(3) == 0 ? 0 : random.NextInt64(rest + 1);
            rest -= share;
            reader.Require(batch, till);
            if (share > 0)
            {
                batch.Put(till, Account.Of(share));
            }
            else
            {
                batch.Remove(till);
            }
        }

        return batch.Commit();
    }
}
