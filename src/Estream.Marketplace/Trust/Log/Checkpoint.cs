using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Estream.Marketplace.Trust.Log;

/// <summary>What a log says of itself: its name, its size and its root (C2SP tlog-checkpoint). Whether it is signed is another
/// question.</summary>
/// <remarks>Immutable and thread-safe. Lines of extensions are refused: they would not be covered by signatures with ML-DSA.</remarks>
public sealed class Checkpoint
{
    /// <summary>The most characters of an origin, each of one byte: what the signed message has room for.</summary>
    public const int MaxOriginLength = 255;

    private readonly byte[] _root;

    /// <summary>Makes a checkpoint.</summary>
    /// <param name="origin">The log's name: printable ASCII without spaces and plus, such as <c>example.org/log</c>.</param>
    /// <param name="size">Its entries.</param>
    /// <param name="root">Its root, 32 bytes.</param>
    /// <exception cref="ArgumentException">One of them has another form.</exception>
    public Checkpoint(string origin, long size, ReadOnlySpan<byte> root)
    {
        ArgumentNullException.ThrowIfNull(origin);
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        if (!IsOrigin(origin))
        {
            throw new ArgumentException(
                $"'{origin}' is no origin of a log: that is 1 to {MaxOriginLength} printable ASCII characters without spaces and plus.",
                nameof(origin));
        }

        if (root.Length != LogProof.HashBytes)
        {
            throw new ArgumentException($"A root has {LogProof.HashBytes} bytes; these are {root.Length}.", nameof(root));
        }

        (Origin, Size, _root) = (origin, size, root.ToArray());
    }

    /// <summary>The log's name.</summary>
    public string Origin { get; }

    /// <summary>Its entries.</summary>
    public long Size { get; }

    /// <summary>The root over them, 32 bytes.</summary>
    public ReadOnlySpan<byte> Root => _root;

    /// <summary>Whether a name can be that of a log.</summary>
    /// <param name="origin">The name.</param>
    public static bool IsOrigin(string origin)
    {
        ArgumentNullException.ThrowIfNull(origin);
        return origin.Length is > 0 and <= MaxOriginLength && origin.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0
            && !origin.Contains('+', StringComparison.Ordinal);
    }

    /// <summary>Reads the text of a checkpoint. Whatever it is given, it answers and does not throw.</summary>
    /// <param name="text">The text of a note, from anywhere.</param>
    /// <param name="checkpoint">The checkpoint, if it is one.</param>
    /// <param name="fault">Why it is none.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, [NotNullWhen(true)] out Checkpoint? checkpoint, out NoteFault fault)
    {
        checkpoint = null;
        string[] lines = text.Length <= SignedNote.MaxBytes && Ascii.IsValid(text) ? Encoding.ASCII.GetString(text).Split('\n') : [];
        if (lines is not [string origin, string number, string base64, ""] || !IsOrigin(origin))
        {
            fault = NoteFault.Lines;
            return false;
        }

        if (!TryParseSize(number, out long size))
        {
            fault = NoteFault.Size;
            return false;
        }

        Span<byte> root = stackalloc byte[LogProof.HashBytes];
        if (!TryParseHash(base64, root))
        {
            fault = NoteFault.Root;
            return false;
        }

        fault = NoteFault.None;
        checkpoint = new Checkpoint(origin, size, root);
        return true;
    }

    /// <summary>The text that is signed.</summary>
    public byte[] Encode() =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Convert.ToBase64String(_root)}\n"));

    /// <summary>Whether another checkpoint says the same.</summary>
    /// <param name="other">The other one.</param>
    public bool Says(Checkpoint other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Origin == other.Origin && Size == other.Size && Root.SequenceEqual(other.Root);
    }

    // A number has one form: digits, and no zero in front of others.
    internal static bool TryParseSize(string number, out long size) =>
        long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out size) && (number.Length == 1 || number[0] != '0');

    internal static bool TryParseHash(string base64, Span<byte> hash) =>
        base64.Length == 44 && Convert.TryFromBase64String(base64, hash, out int length) && length == hash.Length
            && Convert.ToBase64String(hash) == base64;
}
