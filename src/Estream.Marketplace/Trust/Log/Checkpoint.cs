using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Estream.Marketplace.Trust.Log;

/// <summary>A log's statement about itself: its name, its size and its root (C2SP tlog-checkpoint). The signatures are not part of this
/// type.</summary>
/// <remarks>Immutable and thread-safe. Extension lines are rejected, because ML-DSA signatures would not cover them.</remarks>
public sealed class Checkpoint
{
    /// <summary>The maximum length of an origin, in characters of one byte each: the signed message stores the length in one
    /// byte.</summary>
    public const int MaxOriginLength = 255;

    private readonly byte[] _root;

    /// <summary>Creates a checkpoint.</summary>
    /// <param name="origin">The name of the log: printable ASCII without spaces and plus, such as <c>example.org/log</c>.</param>
    /// <param name="size">The number of entries.</param>
    /// <param name="root">The root of the tree, 32 bytes.</param>
    /// <exception cref="ArgumentException">An argument has an invalid form.</exception>
    public Checkpoint(string origin, long size, ReadOnlySpan<byte> root)
    {
        ArgumentNullException.ThrowIfNull(origin);
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        if (!IsOrigin(origin))
        {
            throw new ArgumentException(
                $"'{origin}' is not a valid log origin. Use 1 to {MaxOriginLength} printable ASCII characters without spaces or '+'.",
                nameof(origin));
        }

        if (root.Length != LogProof.HashBytes)
        {
            throw new ArgumentException($"A root must have {LogProof.HashBytes} bytes; this one has {root.Length}.", nameof(root));
        }

        (Origin, Size, _root) = (origin, size, root.ToArray());
    }

    /// <summary>The name of the log.</summary>
    public string Origin { get; }

    /// <summary>The number of entries.</summary>
    public long Size { get; }

    /// <summary>The root over the entries, 32 bytes.</summary>
    public ReadOnlySpan<byte> Root => _root;

    /// <summary>Returns whether a name is a valid log name.</summary>
    /// <param name="origin">The name.</param>
    public static bool IsOrigin(string origin)
    {
        ArgumentNullException.ThrowIfNull(origin);
        return origin.Length is > 0 and <= MaxOriginLength && origin.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0
            && !origin.Contains('+', StringComparison.Ordinal);
    }

    /// <summary>Parses the text of a checkpoint. Accepts any bytes and never throws because of them.</summary>
    /// <param name="text">The text of an untrusted note.</param>
    /// <param name="checkpoint">The checkpoint, if the text is valid.</param>
    /// <param name="fault">Why the text is not a checkpoint.</param>
    /// <returns>True if the text is a checkpoint.</returns>
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

    /// <summary>Returns the text that is signed.</summary>
    public byte[] Encode() =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Convert.ToBase64String(_root)}\n"));

    /// <summary>Returns whether another checkpoint has the same origin, size and root.</summary>
    /// <param name="other">The other checkpoint.</param>
    public bool Says(Checkpoint other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Origin == other.Origin && Size == other.Size && Root.SequenceEqual(other.Root);
    }

    // A number has one canonical form: digits without leading zeros.
    internal static bool TryParseSize(string number, out long size) =>
        long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out size) && (number.Length == 1 || number[0] != '0');

    internal static bool TryParseHash(string base64, Span<byte> hash) =>
        base64.Length == 44 && Convert.TryFromBase64String(base64, hash, out int length) && length == hash.Length
            && Convert.ToBase64String(hash) == base64;
}
