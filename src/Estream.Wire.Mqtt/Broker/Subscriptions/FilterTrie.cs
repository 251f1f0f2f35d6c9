namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>
/// Maps topic filters to values and finds the values that match a topic: a trie with one node per level of a filter, including a node for
/// +. Reading takes no lock and does not allocate; changes are serialized by a lock. A concurrently added or removed value may or may not
/// be found.
/// </summary>
/// <remarks>The filters must be valid. Their depth bounds the stack use of each call, so the caller must limit it.</remarks>
internal sealed class FilterTrie<T>
    where T : class
{
    private readonly Lock _lock = new();
    private readonly FilterNode<T> _root = new();
    private int _count;

    /// <summary>The number of pairs of filter and value.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Adds a value to a filter. A value can belong to many filters.</summary>
    /// <returns>False if there would be more than <paramref name="most"/> pairs.</returns>
    public bool TryAdd(ReadOnlySpan<byte> filter, T value, int most)
    {
        lock (_lock)
        {
            if (_count >= most)
            {
                return false;
            }

            FilterNode<T> node = _root;
            bool isLast = false;
            while (!isLast)
            {
                ReadOnlySpan<byte> level = TopicFilter.Cut(ref filter, out isLast);
                if (TopicFilter.IsRest(level))
                {
                    node.Rest = [.. node.Rest, value];
                    _count++;
                    return true;
                }

                node = node.Below(level);
            }

            node.Here = [.. node.Here, value];
            _count++;
            return true;
        }
    }

    /// <summary>Removes a value from a filter.</summary>
    /// <returns>True if the filter had this value.</returns>
    public bool Remove(ReadOnlySpan<byte> filter, T value)
    {
        lock (_lock)
        {
            bool isRemoved = Remove(_root, filter, value);
            _count -= isRemoved ? 1 : 0;
            return isRemoved;
        }
    }

    /// <summary>Adds the values of all filters that match a topic to a list, a value once for each of its matching filters.</summary>
    public void Match(ReadOnlySpan<byte> topic, List<T> matches)
    {
        if (Count > 0)
        {
            Match(_root, topic, TopicFilter.IsHidden(topic), matches);
        }
    }

    private static void Match(FilterNode<T> node, ReadOnlySpan<byte> topic, bool isHidden, List<T> matches)
    {
        ReadOnlySpan<byte> rest = topic;
        ReadOnlySpan<byte> level = TopicFilter.Cut(ref rest, out bool isLast);
        if (!isHidden)
        {
            matches.AddRange(node.Rest);
            Enter(node.Any, rest, isLast, matches);
        }

        Enter(node.Find(level), rest, isLast, matches);
    }

    private static void Enter(FilterNode<T>? node, ReadOnlySpan<byte> rest, bool isLast, List<T> matches)
    {
        if (node is null)
        {
            return;
        }

        if (isLast)
        {
            // a/# also matches a.
            matches.AddRange(node.Here);
            matches.AddRange(node.Rest);
            return;
        }

        Match(node, rest, isHidden: false, matches);
    }

    private static bool Remove(FilterNode<T> node, ReadOnlySpan<byte> filter, T value)
    {
        ReadOnlySpan<byte> level = TopicFilter.Cut(ref filter, out bool isLast);
        if (TopicFilter.IsRest(level))
        {
            T[] rest = node.Rest;
            node.Rest = Without(rest, value);
            return node.Rest.Length < rest.Length;
        }

        if ((TopicFilter.IsAny(level) ? node.Any : node.Find(level)) is not { } below)
        {
            return false;
        }

        bool isRemoved;
        if (isLast)
        {
            T[] here = below.Here;
            below.Here = Without(here, value);
            isRemoved = below.Here.Length < here.Length;
        }
        else
        {
            isRemoved = Remove(below, filter, value);
        }

        if (below.IsEmpty)
        {
            node.Drop(level);
        }

        return isRemoved;
    }

    private static T[] Without(T[] values, T value)
    {
        int index = Array.IndexOf(values, value);
        return index < 0 ? values : [.. values[..index], .. values[(index + 1)..]];
    }
}
