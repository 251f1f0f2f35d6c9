using Estream.Fix;
using Estream.Map;
using Estream.Wire.Fix.Orders;

namespace Estream.Wire.Fix;

/// <summary>The effect of a report on the state of its order.</summary>
public enum FixFoldOutcome
{
    /// <summary>The report is the newest one of its order.</summary>
    Applied,

    /// <summary>The order has a newer report. The state took only values that it did not have.</summary>
    Late,

    /// <summary>One of the last 16 reports of the order has the same ExecID. Nothing changed.</summary>
    Duplicate,

    /// <summary>The message is not a FixExecutionReport. Nothing changed.</summary>
    Skipped,
}

/// <summary>
/// Folds messages of schema FixExecutionReport into the states of their orders, messages of schema FixOrderState. Reports may arrive late
/// or twice. If an order is replaced or canceled under another ClOrdID, all its reports belong to one order. Applying the last
/// messages again changes nothing: after a crash, continue from the last committed position of the tailer. Not thread-safe; other threads
/// may read the maps.
/// </summary>
/// <remarks>
/// A report is newer than another report if its TransactTime (60) is later, or its SendingTime if it has none. If the times are equal, the
/// report with the larger filled quantity is newer; then the report with a final status; then the report that arrives later. A
/// correction or cancellation of a trade may lower the filled quantity. Each report costs about five lookups and four writes in the maps,
/// and does not allocate.
/// </remarks>
public sealed class FixOrderFold
{
    /// <summary>The maximum length of a state in bytes.</summary>
    public const int MaxStateBytes = 8_192;

    // A name refers to the key directly unless two orders became one later, so real chains are short. The limit ends the search if the map
    // is damaged.
    private const int MaxHops = 64;

    private readonly ByteMap _states;
    private readonly ByteMap _names;
    private readonly byte[] _report = new byte[MaxStateBytes];
    private readonly byte[] _state = new byte[MaxStateBytes];
    private readonly byte[] _other = new byte[MaxStateBytes];
    private readonly byte[] _merged = new byte[MaxStateBytes];
    private bool _mayBeUnfinished = true;

    /// <summary>Creates the fold.</summary>
    /// <param name="states">Receives the states. The key is <c>11=</c> and the first ClOrdID in the reports of the order, or <c>37=</c>
    /// and its OrderID if they have no ClOrdID.</param>
    /// <param name="names">Receives the other names of each order: ClOrdIDs and OrderIDs. Keep it with <paramref name="states"/>.</param>
    public FixOrderFold(ByteMap states, ByteMap names)
    {
        ArgumentNullException.ThrowIfNull(states);
        ArgumentNullException.ThrowIfNull(names);
        _states = states;
        _names = names;
    }

    // The key, among the names, of the two keys of orders that are becoming one: the length of the first, and both.
    private static ReadOnlySpan<byte> Unfinished => "merging"u8;

    /// <summary>Applies a message.</summary>
    /// <param name="message">A message of a queue. Messages of other schemas are skipped.</param>
    /// <exception cref="Core.EstreamStorageException">A map cannot grow now. Apply the message again later.</exception>
    public FixFoldOutcome Apply(ReadOnlySpan<byte> message)
    {
        if (!FixExecutionReport.View.TryOf(message, out FixExecutionReport.View report))
        {
            return FixFoldOutcome.Skipped;
        }

        if (_mayBeUnfinished)
        {
            Recover();
        }

        Span<byte> root = stackalloc byte[FixOrderName.MaxLength];
        root = root[..FindRoot(report, root)];
        bool isKnown = TryRead(root, _state, out FixOrderState.View state);
        FixOrderState.View made = FixOrderState.View.Of(_report.AsSpan(0, FixOrderMerge.OfReport(report, _report)));
        if (!isKnown || FixOrderMerge.IsNextOrder(made, state))
        {
            _states.Put(root, made.Bytes);
            return FixFoldOutcome.Applied;
        }

        if (FixOrderMerge.HasReport(state, report.ExecId))
        {
            return FixFoldOutcome.Duplicate;
        }

        bool isNewer = FixOrderMerge.IsNewer(made, state);
        _states.Put(root, isNewer ? Merge(state, made, isNewerLast: true) : Merge(made, state, isNewerLast: false));
        return isNewer ? FixFoldOutcome.Applied : FixFoldOutcome.Late;
    }

    /// <summary>Gets the state of an order by any of its ClOrdIDs.</summary>
    /// <param name="clientOrderId">A ClOrdID (11).</param>
    /// <param name="destination">Receives the FixOrderState; <see cref="MaxStateBytes"/> are sufficient.</param>
    /// <param name="length">The length of the state; 0 if the order is unknown.</param>
    /// <returns>False if the order is unknown.</returns>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public bool TryGet(ReadOnlySpan<byte> clientOrderId, Span<byte> destination, out int length)
    {
        return TryGet(FixOrderName.ClientOrderId, clientOrderId, destination, out length);
    }

    /// <summary>Gets the state of an order by its OrderID, the name that the venue gave it.</summary>
    /// <param name="orderId">An OrderID (37).</param>
    /// <param name="destination">Receives the FixOrderState; <see cref="MaxStateBytes"/> are sufficient.</param>
    /// <param name="length">The length of the state; 0 if the order is unknown.</param>
    /// <returns>False if the order is unknown.</returns>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public bool TryGetByOrderId(ReadOnlySpan<byte> orderId, Span<byte> destination, out int length)
    {
        return TryGet(FixOrderName.OrderId, orderId, destination, out length);
    }

    private bool TryGet(int tag, ReadOnlySpan<byte> id, Span<byte> destination, out int length)
    {
        length = 0;
        Span<byte> root = stackalloc byte[FixOrderName.MaxLength];
        int written = FixOrderName.Write(tag, id, root);
        if (written == 0)
        {
            return false;
        }

        Core.Status status = _states.TryGet(root[..Resolve(root, written)], destination, out length);
        return status.IsFull
            ? throw new ArgumentException($"The state has {length} bytes; the destination has {destination.Length}.", nameof(destination))
            : status.IsOk;
    }

    /// <summary>Finds the key of a report's order, and records the names in the report. If these names belong to two orders, the two
    /// orders become one.</summary>
    /// <returns>The length of the key.</returns>
    private int FindRoot(in FixExecutionReport.View report, Span<byte> root)
    {
        // The oldest name comes first, so that it becomes the key.
        int length = Join(FixOrderName.ClientOrderId, report.OriginalClientOrderId, root, 0);
        length = Join(FixOrderName.ClientOrderId, report.ClientOrderId, root, length);
        return FixOrderName.IsOrderId(report.OrderId) || length == 0
            ? Join(FixOrderName.OrderId, report.OrderId, root, length)
            : length;
    }

    private int Join(int tag, ReadOnlySpan<byte> id, Span<byte> root, int length)
    {
        Span<byte> name = stackalloc byte[FixOrderName.MaxLength];
        int written = FixOrderName.Write(tag, id, name);
        if (written == 0)
        {
            return length;
        }

        int found = Resolve(name, written);
        if (length == 0)
        {
            name[..found].CopyTo(root);
            return found;
        }

        if (name[..found].SequenceEqual(root[..length]))
        {
            return length;
        }

        // If only the OrderID leads to a state, the order keeps the key of that state.
        bool keepsOther = tag == FixOrderName.OrderId && _states.ContainsKey(name[..found]) && !_states.ContainsKey(root[..length]);
        if (keepsOther)
        {
            Absorb(root[..length], name[..found]);
            name[..found].CopyTo(root);
            return found;
        }

        Absorb(name[..found], root[..length]);
        return length;
    }

    /// <summary>Makes the key of a state a name of another state, and merges the two states.</summary>
    private void Absorb(ReadOnlySpan<byte> key, ReadOnlySpan<byte> root)
    {
        if (!_states.ContainsKey(key))
        {
            _names.Put(key, root);
            return;
        }

        // A crash before the end must leave neither a state that no name leads to, nor a state that is merged again.
        Span<byte> both = stackalloc byte[1 + (2 * FixOrderName.MaxLength)];
        both[0] = (byte)key.Length;
        key.CopyTo(both[1..]);
        root.CopyTo(both[(1 + key.Length)..]);
        _mayBeUnfinished = true;
        _names.Put(Unfinished, both[..(1 + key.Length + root.Length)]);
        FinishAbsorb(key, root);
    }

    /// <summary>Absorbs a state, from any step at which a crash interrupted it.</summary>
    private void FinishAbsorb(ReadOnlySpan<byte> key, ReadOnlySpan<byte> root)
    {
        _names.Put(key, root);
        if (TryRead(key, _other, out FixOrderState.View other))
        {
            using ByteMapBatch batch = _states.CreateBatch(capacity: 2);
            batch.Put(root, !TryRead(root, _state, out FixOrderState.View state) ? other.Bytes
                : FixOrderMerge.IsNewer(other, state) ? Merge(state, other, isNewerLast: true)
                : Merge(other, state, isNewerLast: false));
            batch.Remove(key);
            batch.Commit();
        }

        _names.Remove(Unfinished);
        _mayBeUnfinished = false;
    }

    /// <summary>Finishes what an earlier process, or a call that threw, has begun to absorb.</summary>
    private void Recover()
    {
        Span<byte> both = stackalloc byte[1 + (2 * FixOrderName.MaxLength)];
        if (_names.TryGet(Unfinished, both, out int length).IsOk)
        {
            int end = 1 + both[0];
            FinishAbsorb(both[1..end], both[end..length]);
        }

        _mayBeUnfinished = false;
    }

    /// <summary>Replaces a name by the key of its order.</summary>
    /// <returns>The length of the key.</returns>
    private int Resolve(Span<byte> name, int length)
    {
        Span<byte> next = stackalloc byte[FixOrderName.MaxLength];
        for (int hop = 0; hop < MaxHops && _names.TryGet(name[..length], next, out int found).IsOk; hop++)
        {
            next[..found].CopyTo(name);
            length = found;
        }

        return length;
    }

    private bool TryRead(ReadOnlySpan<byte> key, byte[] destination, out FixOrderState.View state)
    {
        state = default;
        return _states.TryGet(key, destination, out int length).IsOk
            && FixOrderState.View.TryOf(destination.AsSpan(0, length), out state);
    }

    private ReadOnlySpan<byte> Merge(in FixOrderState.View older, in FixOrderState.View newer, bool isNewerLast)
    {
        return _merged.AsSpan(0, FixOrderMerge.Of(older, newer, isNewerLast, _merged));
    }
}
