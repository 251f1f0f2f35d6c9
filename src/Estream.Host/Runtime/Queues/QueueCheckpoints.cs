namespace Estream.Host.Runtime;

/// <summary>
/// Positions of recent messages, so the last messages are found without scanning a whole segment. Stores every <see cref="Stride"/>-th
/// message, the newest <see cref="Count"/> of them. Not thread-safe.
/// </summary>
internal sealed class QueueCheckpoints
{
    public const int Stride = 64;
    public const int Count = 128;

    private readonly (long Sequence, long Position)[] _ring = new (long, long)[Count];
    private long _added;

    /// <summary>Offers a message. Messages must be offered in order.</summary>
    public void Offer(long sequence, long position)
    {
        if (_added == 0 || sequence % Stride == 0)
        {
            _ring[_added % Count] = (sequence, position);
            _added++;
        }
    }

    /// <summary>Removes all checkpoints. Call it after damage in the queue, when the stored positions may no longer be readable.</summary>
    public void Clear() => _added = 0;

    /// <summary>Finds the newest checkpoint at or before a message, or else the oldest checkpoint. Returns false if there are
    /// none.</summary>
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
