namespace Estream.Map.TestProcess;

/// <summary>A few tills whose sum never changes. An empty till has no entry. They are so few that all of them can be read together while a
/// writer runs.</summary>
public static class TillScript
{
    public const int Tills = 4;
    public const long Total = 1_000_000;

    /// <summary>Redistributes the sum of all tills among them, unless one of them was changed since they were read.</summary>
    /// <param name="reader">The reader that has read the tills.</param>
    /// <param name="batch">A batch of the map.</param>
    /// <param name="random">Selects the shares.</param>
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
