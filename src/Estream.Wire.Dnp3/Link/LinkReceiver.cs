using Estream.Wire.Dnp3.Codec;

namespace Estream.Wire.Dnp3.Link;

/// <summary>Finds link frames in received octets and skips what is not a frame. Not thread-safe; allocates nothing per frame.</summary>
internal sealed class LinkReceiver
{
    private readonly byte[] _bytes = new byte[8 * LinkFrame.MaxBytes];
    private readonly byte[] _user = new byte[LinkFrame.MaxUserBytes];
    private int _start;
    private int _end;
    private int _userLength;

    /// <summary>Where to receive further octets; never empty.</summary>
    public Memory<byte> Free
    {
        get
        {
            _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
            (_start, _end) = (0, _end - _start);
            return _bytes.AsMemory(_end);
        }
    }

    /// <summary>The user data of the last frame; valid until the next.</summary>
    public ReadOnlySpan<byte> UserData => _user.AsSpan(0, _userLength);

    /// <summary>How often octets were skipped.</summary>
    public long Skipped { get; private set; }

    /// <summary>Notes octets that were received into <see cref="Free"/>.</summary>
    public void Add(int count) => _end += count;

    /// <summary>Forgets all octets.</summary>
    public void Reset() => (_start, _end) = (0, 0);

    /// <summary>Reads the next whole frame.</summary>
    /// <returns>False if more octets are needed.</returns>
    public bool TryRead(out LinkHeader header)
    {
        while (true)
        {
            LinkFrameStatus status = LinkFrame.TryRead(_bytes.AsSpan(_start, _end - _start), _user, out header, out _userLength,
                out int consumed);
            _start += consumed;
            switch (status)
            {
                case LinkFrameStatus.Ok:
                    return true;
                case LinkFrameStatus.Incomplete:
                    return false;
                default:
                    Skipped++;
                    break;
            }
        }
    }
}
