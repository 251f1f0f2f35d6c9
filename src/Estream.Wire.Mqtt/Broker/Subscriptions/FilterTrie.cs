namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>
/// Values under topic filters, found by topic: a tree with a node for each level of a filter, one for + among them. Who reads takes no
/// lock and allocates nothing; who changes it takes turns. A value that is added or removed meanwhile is found or not.
/// </summary>
/// <remarks>Filters are valid ones. Their depth bounds the stack of every call, so the caller limits it.</remarks>
internal sealed class FilterTrie<T>
    where T : class
{
    private readonly Lock _lock = new();
    private readonly FilterNode<T> _root = new();
    private int _count;

    /// <summary>Pairs of filter and value.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Puts a value under a filter; a value can be under many.</summary>
    /// <returns>False when there would be more than <paramref name="most"/> pairs.</returns>
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

    /// <summary>Takes a value from under a filter.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(ReadOnlySpan<byte> filter, T value)
    {
        lock (_lock)
        {
            bool isRemoved = Remove(_root, filter, value);
            _count -= isRemoved ? 1 : 0;
            return isRemoved;
        }
    }

    /// <summary>Adds the values under all filters that match a topic to a list; one that is under several of them comes as often.</summary>
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
            // The # of a/# stands for the level before it too.
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
