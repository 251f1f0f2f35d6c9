namespace Estream.Map.TestProcess;

/// <summary>Reads all tills together, as a writer or as a process with read-only access.</summary>
/// <param name="map">The tills.</param>
public sealed class TillReader(StateMap<long, Account> map)
{
    private readonly long[] _keys = [.. Enumerable.Range(0, TillScript.Tills).Select(till => (long)till)];
    private readonly Account[] _accounts = new Account[TillScript.Tills];
    private readonly bool[] _found = new bool[TillScript.Tills];

    /// <summary>The number of checked images.</summary>
    public int Images { get; private set; }

    /// <summary>The sum of the tills when they were read.</summary>
    public long Sum => Enumerable.Range(0, TillScript.Tills).Sum(till => _found[till] ? _accounts[till].Balance : 0);

    /// <summary>Reads the tills.</summary>
    /// <returns>Whether all tills could be read together, between two changes of other writers.</returns>
    public bool TryRead() => map.TryGetTogether(_keys, _accounts, _found);

    /// <summary>Checks the values that were read.</summary>
    /// <returns><see langword="null"/> if all are whole and the sum is correct; otherwise a description of the error.</returns>
    public string? WhatIsWrong()
    {
        int torn = Array.FindIndex(_accounts, account => !account.IsWhole);
        return torn >= 0 ? $"till {torn} is half of one and half of another"
            : Sum == TillScript.Total ? null
            : $"the tills hold {string.Join(" + ", _accounts.Select(account => account.Balance))}";
    }

    /// <summary>Checks the snapshot that a writer lent last, if there is one, by key and in order.</summary>
    /// <returns><see langword="null"/> if there is none, or if it is whole and the sum is correct; otherwise a description of the
    /// error.</returns>
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

    /// <summary>Requires in a batch that a till still has the value that was read.</summary>
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
