namespace Estream.Map.TestProcess;

/// <summary>Reads all tills together, as one of the writers does or as a process that may only read.</summary>
/// <param name="map">The tills.</param>
public sealed class TillReader(StateMap<long, Account> map)
{
    private readonly long[] _keys = [.. Enumerable.Range(0, TillScript.Tills).Select(till => (long)till)];
    private readonly Account[] _accounts = new Account[TillScript.Tills];
    private readonly bool[] _found = new bool[TillScript.Tills];

    /// <summary>How many images were looked at.</summary>
    public int Images { get; private set; }

    /// <summary>What the tills held together when they were read.</summary>
    public long Sum => Enumerable.Range(0, TillScript.Tills).Sum(till => _found[till] ? _accounts[till].Balance : 0);

    /// <summary>Reads them.</summary>
    /// <returns>Whether that was possible between the changes of others.</returns>
    public bool TryRead() => map.TryGetTogether(_keys, _accounts, _found);

    /// <summary>Looks at what was read.</summary>
    /// <returns><see langword="null"/> when all is whole and is as much as it always is.</returns>
    public string? WhatIsWrong()
    {
        int torn = Array.FindIndex(_accounts, account => !account.IsWhole);
        return torn >= 0 ? $"till {torn} is half of one and half of another"
            : Sum == TillScript.Total ? null
            : $"the tills hold {string.Join(" + ", _accounts.Select(account => account.Balance))}";
    }

    /// <summary>Looks at the image that a writer has lent last, if there is one: by key, and in order.</summary>
    /// <returns><see langword="null"/> when there is none, or all of it is whole and is as much as it always is.</returns>
    public string? WhatIsWrongInImage()
    {
        if (!map.TryBorrowSnapshot(out MapSnapshot<long, Account>? borrowed))
        {
            return null;
        }

        using MapSnapshot<long, Account> image = borrowed;
        using OrderedSnapshot<long, Account> ordered = image.OrderByKey();
        Images++;
        long sum = 0;
        long last = -1;
        foreach ((long till, Account account) in ordered)
        {
            if (till <= last || !account.IsWhole)
            {
                return $"till {till} of the image comes behind {last}, or is half of one and half of another";
            }

            sum += account.Balance;
            last = till;
        }

        return sum == TillScript.Total && ordered.Count == image.Count
            ? null
            : $"the {ordered.Count} tills of the image hold {sum}, and {image.Count} are counted";
    }

    /// <summary>Lets a batch change something only if a till is still as it was read.</summary>
    public void Require(MapBatch<long, Account> batch, int till)
    {
        if (_found[till])
        {
            batch.Require(till, in _accounts[till]);
        }
        else
        {
            batch.RequireAbsent(till);
        }
    }
}
