using System.Security.Cryptography;
using System.Text;

namespace Estream.Wire;

/// <summary>
/// A named table of an <see cref="IAdapterTables"/>, such as the clients of an endpoint. Describes the columns, and reads rows page by
/// page. Thread-safe.
/// </summary>
public sealed class AdapterTable
{
    /// <summary>The maximum number of rows of a page.</summary>
    public const int MaxRows = 1_000;

    private const int MaxKeyChars = 200;

    private readonly Func<long> _count;
    private readonly Func<AdapterTableRequest, AdapterTablePage> _read;

    /// <summary>Creates a table whose adapter searches and pages by itself. <see cref="Of"/> does both for objects in memory.</summary>
    /// <param name="name">The name for programs, such as <c>clients</c>: letters, digits and hyphens.</param>
    /// <param name="title">The title for people.</param>
    /// <param name="columns">The columns, the most useful first.</param>
    /// <param name="count">Returns the present number of rows. Must cost nearly nothing: a host calls it each time an operator
    /// opens the adapter.</param>
    /// <param name="read">Reads a page: rows in a fixed order, at most as many as requested, each with one value per column.</param>
    public AdapterTable(string name, string title, IReadOnlyList<AdapterColumn> columns, Func<long> count,
        Func<AdapterTableRequest, AdapterTablePage> read)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(title);
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(count);
        ArgumentNullException.ThrowIfNull(read);
        if (!name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter == '-'))
        {
            throw new ArgumentException($"The name of a table has letters, digits and hyphens only, not '{name}'.", nameof(name));
        }

        (Name, Title, Columns, _count, _read) = (name, title, columns, count, read);
    }

    /// <summary>The name for programs.</summary>
    public string Name { get; }

    /// <summary>The title for people.</summary>
    public string Title { get; }

    /// <summary>The columns.</summary>
    public IReadOnlyList<AdapterColumn> Columns { get; }

    /// <summary>The present number of rows.</summary>
    public long Total => _count();

    /// <summary>
    /// Creates a table of objects in memory, in the ordinal order of their keys. A page visits every object once and keeps only the rows of
    /// the page: the time is proportional to the number of objects, the memory to the page. A search also makes the row of every object.
    /// </summary>
    /// <typeparam name="T">The type of the objects.</typeparam>
    /// <param name="name">The name for programs.</param>
    /// <param name="title">The title for people.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="items">Returns the present objects. The enumeration must tolerate changes by other threads, as that of a
    /// <see cref="System.Collections.Concurrent.ConcurrentDictionary{TKey, TValue}"/> does.</param>
    /// <param name="key">Returns the key of an object: a text that identifies it in the table.</param>
    /// <param name="row">Returns the values of an object, one per column.</param>
    /// <param name="count">Returns the present number of objects.</param>
    public static AdapterTable Of<T>(string name, string title, IReadOnlyList<AdapterColumn> columns, Func<IEnumerable<T>> items,
        Func<T, string> key, Func<T, IReadOnlyList<AdapterCell>> row, Func<long> count)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(row);
        return new AdapterTable(name, title, columns, count, request => Page(items(), item => KeyOf(key(item)), row, request));
    }

    /// <summary>Reads a page.</summary>
    /// <param name="request">The rows to read.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is below 1 or above <see cref="MaxRows"/>.</exception>
    /// <exception cref="InvalidOperationException">The adapter returned more rows than requested, or a row with another number of values
    /// than columns.</exception>
    public AdapterTablePage Read(AdapterTableRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.Limit, MaxRows);
        AdapterTablePage page = _read(request);
        if (page.Rows.Count > request.Limit || page.Rows.Any(row => row.Count != Columns.Count))
        {
            throw new InvalidOperationException(
                $"Table '{Name}' has a page of {page.Rows.Count} rows where {request.Limit} were requested, or a row without exactly "
                + $"{Columns.Count} values. Report it to the author of the adapter.");
        }

        return page;
    }

    private static AdapterTablePage Page<T>(IEnumerable<T> items, Func<T, string> key, Func<T, IReadOnlyList<AdapterCell>> row,
        AdapterTableRequest request)
    {
        // The largest key leaves the queue first, so the queue keeps the smallest keys after the cursor, and one key of the next page.
        PriorityQueue<(string Key, T Item), string> kept =
            new(Comparer<string>.Create(static (left, right) => string.CompareOrdinal(right, left)));
        long total = 0;
        foreach (T item in items)
        {
            if (request.Search.Length > 0 && !row(item).Any(cell => cell.Contains(request.Search)))
            {
                continue;
            }

            total++;
            string one = key(item);
            if (request.After is { } after && string.CompareOrdinal(one, after) <= 0)
            {
                continue;
            }

            if (kept.Count <= request.Limit)
            {
                kept.Enqueue((one, item), one);
            }
            else
            {
                kept.EnqueueDequeue((one, item), one);
            }
        }

        bool hasMore = kept.Count > request.Limit;
        if (hasMore)
        {
            kept.Dequeue();
        }

        string? last = hasMore ? kept.Peek().Key : null;
        IReadOnlyList<AdapterCell>[] rows = new IReadOnlyList<AdapterCell>[kept.Count];
        while (kept.TryDequeue(out (string Key, T Item) next, out _))
        {
            rows[kept.Count] = row(next.Item);
        }

        return new AdapterTablePage(rows, total, last);
    }

    // A cursor is a part of an address, which a long key, such as an MQTT client id of 65,535 bytes, would not fit in.
    private static string KeyOf(string key) => key.Length <= MaxKeyChars
        ? key
        : $"{key.AsSpan(0, MaxKeyChars)}{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 16))}";
}

/// <summary>The rows to read from an <see cref="AdapterTable"/>.</summary>
/// <param name="Search">A text that a value of the row contains, ignoring case; empty for all rows.</param>
/// <param name="Limit">The maximum number of rows, from 1 to <see cref="AdapterTable.MaxRows"/>.</param>
/// <param name="After">The <see cref="AdapterTablePage.Next"/> of the previous page; null for the first page.</param>
public sealed record AdapterTableRequest(string Search, int Limit, string? After);

/// <summary>A page of an <see cref="AdapterTable"/>.</summary>
/// <param name="Rows">The rows, each with one value per column.</param>
/// <param name="Total">The number of rows that match the search, on all pages.</param>
/// <param name="Next">Where the next page starts; null if this is the last page. At most 256 characters.</param>
public sealed record AdapterTablePage(IReadOnlyList<IReadOnlyList<AdapterCell>> Rows, long Total, string? Next);
