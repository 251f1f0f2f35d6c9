using System.Runtime.CompilerServices;

namespace Estream.Map.TestProcess;

/// <summary>Accounts with transfers between them: the sum of all accounts never changes. An empty account has no entry, so the map grows
/// when transfers spread the money and shrinks when they collect it.</summary>
public static class BankScript
{
    public const int Accounts = 400;
    public const long Total = 1_000_000;

    private const int Parties = 6;
    private const int FewAccounts = 12;
    private const int Wave = 150;

    /// <summary>Makes one transfer between some accounts, unless one of them was changed concurrently.</summary>
    /// <param name="map">The accounts.</param>
    /// <param name="batch">A batch of the map.</param>
    /// <param name="random">Selects the accounts.</param>
    /// <param name="operation">The number of the transfer.</param>
    public static bool Transfer(StateMap<long, Account> map, MapBatch<long, Account> batch, Random random, long operation)
    {
        bool isSpreading = operation / Wave % 2 == 0;
        Span<long> parties = stackalloc long[Parties];
        long sum = 0;
        batch.Clear();
        for (int party = 0; party < Parties; party++)
        {
            parties[party] = PartyOf(parties[..party], isSpreading || party > 1 ? Accounts : FewAccounts, random);
            bool isThere = map.TryGet(parties[party], out Account account);
            sum += account.Balance;
            Require(batch, parties[party], isThere, account);
        }

        // Spreading gives each party a share of the money. Collecting gives all money to the first party, one of a few accounts.
        for (int party = Parties - 1; party >= 0; party--)
        {
            long share = party == 0 ? sum : isSpreading ? Math.Min(sum, (sum / 2) + random.Next(10)) : 0;
            sum -= share;
            Set(batch, parties[party], share);
        }

        return batch.Commit();
    }

    /// <summary>Reads all accounts at one moment.</summary>
    /// <returns><see langword="null"/> if they are whole and their sum is correct; otherwise a description of the error.</returns>
    public static string? WhatIsWrong(StateMap<long, Account> map)
    {
        using MapSnapshot<long, Account> snapshot = map.CreateSnapshot();
        long sum = 0;
        long count = 0;
        foreach ((long key, Account account) in snapshot)
        {
            if (!account.IsWhole)
            {
                return $"account {key} is half of one and half of another";
            }

            sum += account.Balance;
            count++;
        }

        return sum == Total && count == snapshot.Count ? null : $"{count} accounts hold {sum}, and {snapshot.Count} are counted";
    }

    private static long PartyOf(ReadOnlySpan<long> taken, int accounts, Random random)
    {
        long party;
        do
        {
            party = random.Next(accounts);
        }
        while (taken.Contains(party));
        return party;
    }

    private static void Require(MapBatch<long, Account> batch, long account, bool isThere, in Account had)
    {
        if (isThere)
        {
            batch.Require(account, in had);
        }
        else
        {
            batch.RequireAbsent(account);
        }
    }

    private static void Set(MapBatch<long, Account> batch, long account, long balance)
    {
        if (balance > 0)
        {
            batch.Put(account, Account.Of(balance));
        }
        else
        {
            batch.Remove(account);
        }
    }
}

/// <summary>The balance of an account, repeated in 256 words so that a writer is usually in the middle of a transfer when it is
/// killed.</summary>
public struct Account
{
    private const int Words = 256;

    private Content _words;

    public readonly long Balance => _words[0];

    /// <summary>Whether all words come from one <see cref="Of"/>.</summary>
    public readonly bool IsWhole => !((ReadOnlySpan<long>)_words).ContainsAnyExcept(_words[0]);

    public static Account Of(long balance)
    {
        Account account = default;
        ((Span<long>)account._words).Fill(balance);
        return account;
    }

    [InlineArray(Words)]
    private struct Content
    {
        private long _first;
    }
}
