using System.Buffers.Text;
using System.Runtime.InteropServices;

namespace Estream.Wire.Tools.Recording;

/// <summary>Splits one direction of a FIX connection into messages by BodyLength, across chunks.</summary>
internal sealed class FixSplitter
{
    private const byte Soh = 1;

    /// <summary>The maximum length of BeginString and BodyLength with separators.</summary>
    private const int MaxHeadBytes = 32;

    private const int MaxBodyBytes = 16 * 1024 * 1024;
    private const int TrailerBytes = 7;

    private readonly List<byte> _rest = [];

    /// <summary>Whether the next bytes are not a FIX message, so that nothing more can be split.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Adds the next chunk.</summary>
    public void Add(ReadOnlySpan<byte> chunk)
    {
        if (!IsLost)
        {
            _rest.AddRange(chunk);
        }
    }

    /// <summary>Takes the next complete message.</summary>
    public bool TryTake(out byte[] message)
    {
        message = [];
        int length = LengthOf(CollectionsMarshal.AsSpan(_rest));
        IsLost |= length < 0;
        if (length <= 0 || length > _rest.Count)
        {
            return false;
        }

        message = [.. CollectionsMarshal.AsSpan(_rest)[..length]];
        _rest.RemoveRange(0, length);
        IsLost = !message.AsSpan(length - TrailerBytes).StartsWith("10="u8) || message[^1] != Soh;
        return !IsLost;
    }

    /// <returns>The length of the message; 0 if its header is incomplete; negative if the bytes are not a message.</returns>
    private static int LengthOf(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> begin = "8="u8;
        if (!bytes.StartsWith(begin[..Math.Min(begin.Length, bytes.Length)]))
        {
            return -1;
        }

        ReadOnlySpan<byte> head = bytes[..Math.Min(bytes.Length, MaxHeadBytes)];
        int version = head.IndexOf(Soh);
        int size = version < 0 ? -1 : head[(version + 1)..].IndexOf(Soh);
        if (size < 0)
        {
            return head.Length < MaxHeadBytes ? 0 : -1;
        }

        ReadOnlySpan<byte> field = head.Slice(version + 1, size);
        if (!field.StartsWith("9="u8) || !Utf8Parser.TryParse(field[2..], out int body, out int read) || read != field.Length - 2
            || body is < 0 or > MaxBodyBytes)
        {
            return -1;
        }

        return version + 1 + size + 1 + body + TrailerBytes;
    }
}
