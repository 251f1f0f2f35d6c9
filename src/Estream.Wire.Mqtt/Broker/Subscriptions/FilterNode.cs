using System.Collections.Concurrent;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>One level of the filters in a <see cref="FilterTrie{T}"/>. Modified under the lock of the trie, read without a lock.</summary>
internal sealed class FilterNode<T>
    where T : class
{
    private volatile ConcurrentDictionary<byte[], FilterNode<T>>? _named;
    private volatile FilterNode<T>? _any;
    private volatile T[] _here = [];
    private volatile T[] _rest = [];

    /// <summary>The values of filters that end at this level. The array is replaced on a change.</summary>
    public T[] Here
    {
        get => _here;
        set => _here = value;
    }

    /// <summary>The values of filters that end with # below this level. The array is replaced on a change.</summary>
    public T[] Rest
    {
        get => _rest;
        set => _rest = value;
    }

    /// <summary>The child node of level +; null if there is none.</summary>
    public FilterNode<T>? Any => _any;

    public bool IsEmpty => _here.Length == 0 && _rest.Length == 0 && _any is null && (_named is null || _named.IsEmpty);

    /// <summary>Returns the child node of a named level, which is not +; null if there is none.</summary>
    public FilterNode<T>? Find(ReadOnlySpan<byte> level)
    {
        return _named is { } named && named.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(level, out FilterNode<T>? below)
            ? below
            : null;
    }

    /// <summary>Returns the child node of a level, + or named; creates it if necessary.</summary>
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

        // One writer at a time and usually one child: the default sizes of the dictionary would cost a kilobyte per level.
        FilterNode<T> made = new();
        ConcurrentDictionary<byte[], FilterNode<T>> named = _named ?? new(concurrencyLevel: 1, capacity: 1, BytesComparer.Instance);
        named[level.ToArray()] = made;
        _named = named;
        return made;
    }

    /// <summary>Removes the child node of a level.</summary>
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
