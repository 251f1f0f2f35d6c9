using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix;

/// <summary>Enumerates the entries of a repeating group. A view, valid as long as the message.</summary>
public ref struct FixGroup
{
    private readonly ReadOnlySpan<byte> _message;
    private readonly FixFieldIndex _index;
    private readonly int _end;
    private int _next;

    internal FixGroup(ReadOnlySpan<byte> message, FixFieldIndex index, int first, int end)
    {
        _message = message;
        _index = index;
        _next = first;
        _end = end;
    }

    /// <summary>Reads the next entry.</summary>
    /// <returns>False after the last entry.</returns>
    public bool TryNext(out FixFields entry)
    {
        entry = default;
        if (_next >= _end)
        {
            return false;
        }

        // Every entry starts with the same tag as the first entry; nested groups are skipped as a whole.
        int first = _next;
        int delimiter = _index.TagOf(first);
        int field = Behind(first);
        while (field < _end && _index.TagOf(field) != delimiter)
        {
            field = Behind(field);
        }

        entry = new FixFields(_message, _index, first, field);
        _next = field;
        return true;
    }

    private readonly int Behind(int field)
    {
        return Math.Max(field + 1, _index.GroupEnd(field));
    }
}
