namespace Estream.Host.Runtime;

/// <summary>
/// Positions of some recent messages, so that "the last fifty" is found by a short walk instead of one through a
/// whole segment. Keeps every <see cref="Stride"/>-th message, the newest <see cref="Count"/> of them. Not
/// thread-safe.
/// </summary>
internal sealed class QueueCheckpoints
{
    public const int Stride = 64;
    public const int Count = 128;

    private readonly (long Sequence, long Position)[] _ring = new (long, long)[Count];
    private long _added;

    /// <summary>Offers a message; messages come in order.</summary>
    public void Offer(long sequence, long position)
    {
        if (_added == 0 || sequence % Stride == 0)
        {
            _ring[_added % Count] = (sequence, position);
            _added++;
        }
    }

    /// <summary>Forgets all marks: what they point to is not to be read.</summary>
    public void Clear() => _added = 0;

    /// <summary>The newest mark at or before a message, or the oldest there is; false when there is none at all.</summary>
    public bool TryFind(long sequence, out long position)
    {
        position = 0;
        long oldest = Math.Max(0, _added - Count);
        for (long i = _added - 1; i >= oldest; i--)
        {
            position = _ring[i % Count].Position;
            if (_ring[i % Count].Sequence <= sequence)
            {
                break;
            }
        }

        return _added > 0;
    }
}
