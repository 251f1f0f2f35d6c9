using System.Collections.Concurrent;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>One level of the filters of a <see cref="FilterTrie{T}"/>. Changed under the lock of the tree, read without.</summary>
internal sealed class FilterNode<T>
    where T : class
{
    private volatile ConcurrentDictionary<byte[], FilterNode<T>>? _named;
    private volatile FilterNode<T>? _any;
    private volatile T[] _here = [];
    private volatile T[] _rest = [];

    /// <summary>Values of the filters that end here. Replaced as a whole.</summary>
    public T[] Here
    {
        get => _here;
        set => _here = value;
    }

    /// <summary>Values of the filters that go on with # and nothing else. Replaced as a whole.</summary>
    public T[] Rest
    {
        get => _rest;
        set => _rest = value;
    }

    /// <summary>What is below +.</summary>
    public FilterNode<T>? Any => _any;

    public bool IsEmpty => _here.Length == 0 && _rest.Length == 0 && _any is null && (_named is null || _named.IsEmpty);

    /// <summary>What is below a level of this name; + is no name here.</summary>
    public FilterNode<T>? Find(ReadOnlySpan<byte> level)
    {
        return _named is { } named && named.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(level, out FilterNode<T>? below)
            ? below
            : null;
    }

    /// <summary>The node below a level of a filter, made where there is none.</summary>
    public FilterNode<T> Below(ReadOnlySpan<byte> level)
    {
        if (TopicFilter.IsAny(level))
        {
            return _any ??= new FilterNode<T>();
        }

        if (Find(level) is { } known)
        {
            return known;
        }

        // One writer at a time, and mostly one child: the usual sizes would cost a kilobyte for each level.
        FilterNode<T> made = new();
        ConcurrentDictionary<byte[], FilterNode<T>> named = _named ?? new(concurrencyLevel: 1, capacity: 1, BytesComparer.Instance);
        named[level.ToArray()] = made;
        _named = named;
        return made;
    }

    /// <summary>Takes the node below a level of a filter away.</summary>
    public void Drop(ReadOnlySpan<byte> level)
    {
        if (TopicFilter.IsAny(level))
        {
            _any = null;
        }
        else
        {
            _named?.TryRemove(level.ToArray(), out _);
        }
    }
}
