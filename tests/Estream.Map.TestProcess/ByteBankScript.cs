namespace Estream.Map.TestProcess;

/// <summary>The accounts of <see cref="BankScript"/> in a byte map. Each value holds the balance and many more bytes derived from it,
/// so that a writer is usually in the middle of a transfer when it is killed.</summary>
public static class ByteBankScript
{
    public const long Total = 1_000_000;

    private const int Accounts = 300;
    private const int Parties = 6;
    private const int LongestValue = 6_000;

    /// <summary>Options with files so small that they are released all the time.</summary>
    public static ByteMapOptions Options => new() { InitialCapacity = 0, SegmentBytes = 128 * 1024 };

    /// <summary>Transfers all money to the first account.</summary>
    public static void Begin(ByteMap map) => map.Put(ByteScript.KeyOf(0), ValueOf(Total));

    /// <summary>Makes one transfer between some accounts. An empty account has no entry.</summary>
    public static bool Transfer(ByteMap map, ByteMapBatch batch, Random random)
    {
        long[] parties = [.. Enumerable.Range(0, Accounts).Select(account => (long)account).OrderBy(_ => random.Next()).Take(Parties - 1)
            .Append(0).Distinct()];
        long sum = 0;
        batch.Clear();
        foreach (long party in parties)
        {
            byte[] key = ByteScript.KeyOf(party);
            if (map.TryGet(key, out byte[]? value))
            {
                sum += BitConverter.ToInt64(value);
                batch.Require(key, value);
            }
            else
            {
                batch.RequireAbsent(key);
            }
        }

        for (int party = 0; party < parties.Length; party++)
        {
            long share = party == parties.Length - 1 ? sum : random.Next(2) == 0 ? 0 : random.NextInt64(sum + 1);
            sum -= share;
            if (share > 0)
            {
                batch.Put(ByteScript.KeyOf(parties[party]), ValueOf(share));
            }
            else
            {
                batch.Remove(ByteScript.KeyOf(parties[party]));
            }
        }

        return batch.Commit();
    }

    /// <summary>Reads all accounts at one moment.</summary>
    /// <returns><see langword="null"/> if they are whole and their sum is correct; otherwise a description of the error.</returns>
    public static string? WhatIsWrong(ByteMap map)
    {
        using ByteMapSnapshot snapshot = map.CreateSnapshot();
        long sum = 0;
        long count = 0;
        foreach (ByteMapEntry entry in snapshot)
        {
            long balance = BitConverter.ToInt64(entry.Value);
            if (!entry.Value.SequenceEqual(ValueOf(balance)))
            {
                return $"account {BitConverter.ToInt64(entry.Key)} is half of one and half of another";
            }

            sum += balance;
            count++;
        }

        return sum == Total && count == snapshot.Count ? null : $"{count} accounts hold {sum}, and {snapshot.Count} are counted";
    }

    private static byte[] ValueOf(long balance)
    {
        byte[] value = new byte[sizeof(long) + (balance * 7919 % LongestValue)];
        Array.Fill(value, (byte)(balance * 37));
        BitConverter.TryWriteBytes(value, balance);
        return value;
    }
}
