using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using Estream.Core;

namespace Estream.Map;

/// <summary>A key of up to 64 bytes of UTF-8 text, such as a device id, an instrument or a topic. 72 bytes without padding.</summary>
/// <remarks>
/// Stores the length, the text, then zeros, so equal texts have equal bytes. Does not validate UTF-8: invalid bytes form a distinct key,
/// and <see cref="ToString"/> shows replacement characters for them.
/// </remarks>
public struct Utf8Key64 : IEquatable<Utf8Key64>, IComparable<Utf8Key64>
{
    /// <summary>The maximum length of the text in bytes.</summary>
    public const int MaxLength = 64;

    private long _length;
    private Text _text;

    /// <summary>The length of the text in bytes.</summary>
    public readonly int Length => (int)Math.Clamp(_length, 0, MaxLength);

    /// <summary>The text; valid as long as this key.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Span => ((ReadOnlySpan<byte>)_text)[..Length];

    /// <summary>Creates a key from UTF-8 bytes. Allocates nothing.</summary>
    /// <param name="text">Up to 64 bytes.</param>
    /// <exception cref="ArgumentException">The text has more than 64 bytes.</exception>
    public static Utf8Key64 Create(ReadOnlySpan<byte> text) => TryCreate(text, out Utf8Key64 key)
        ? key
        : throw new ArgumentException(
            $"The text has {text.Length} bytes; a key has at most {MaxLength}. Use a shorter text, or a ByteMap.", nameof(text));

    /// <summary>Creates a key from UTF-16 text. Allocates nothing.</summary>
    /// <param name="text">Up to 64 bytes when encoded as UTF-8.</param>
    /// <exception cref="ArgumentException">The text has more than 64 bytes as UTF-8, or is not valid UTF-16.</exception>
    public static Utf8Key64 Create(ReadOnlySpan<char> text) => TryCreate(text, out Utf8Key64 key)
        ? key
        : throw new ArgumentException(
            $"The text is not valid UTF-16, or has more than {MaxLength} bytes as UTF-8, the most that a key has. Use a shorter text, or a "
            + "ByteMap.", nameof(text));

    /// <summary>Creates a key from UTF-8 bytes, if they fit. Allocates nothing.</summary>
    /// <param name="text">Up to 64 bytes.</param>
    /// <param name="key">The key.</param>
    /// <returns>Whether the text fits.</returns>
    public static bool TryCreate(ReadOnlySpan<byte> text, out Utf8Key64 key)
    {
        key = default;
        if (text.Length > MaxLength)
        {
            return false;
        }

        key._length = text.Length;
        text.CopyTo(key._text);
        return true;
    }

    /// <summary>Creates a key from UTF-16 text, if it fits.</summary>
    /// <param name="text">Up to 64 bytes when encoded as UTF-8.</param>
    /// <param name="key">The key.</param>
    /// <returns>Whether the text fits and is valid UTF-16.</returns>
    public static bool TryCreate(ReadOnlySpan<char> text, out Utf8Key64 key)
    {
        key = default;

        // An unpaired surrogate is refused: with a replacement character, different strings would become one key.
        if (Utf8.FromUtf16(text, key._text, out _, out int written, replaceInvalidSequences: false) != OperationStatus.Done)
        {
            key = default;
            return false;
        }

        key._length = written;
        return true;
    }

    /// <summary>Whether two keys have the same text.</summary>
    public readonly bool Equals(Utf8Key64 other) => RawValue.AreEqual(in this, in other);

    /// <summary>Compares texts byte by byte, which for UTF-8 is the order of code points. A prefix comes first.</summary>
    public readonly int CompareTo(Utf8Key64 other) => Span.SequenceCompareTo(other.Span);

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is Utf8Key64 other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    /// <summary>The text, with replacement characters for invalid UTF-8.</summary>
    public override readonly string ToString() => Encoding.UTF8.GetString(Span);

    /// <summary>Whether two keys have the same text.</summary>
    public static bool operator ==(Utf8Key64 left, Utf8Key64 right) => left.Equals(right);

    /// <summary>Whether two keys have different texts.</summary>
    public static bool operator !=(Utf8Key64 left, Utf8Key64 right) => !left.Equals(right);

    /// <summary>Whether a text is less than another; see <see cref="CompareTo"/>.</summary>
    public static bool operator <(Utf8Key64 left, Utf8Key64 right) => left.CompareTo(right) < 0;

    /// <summary>Whether a text is less than or equal to another.</summary>
    public static bool operator <=(Utf8Key64 left, Utf8Key64 right) => left.CompareTo(right) <= 0;

    /// <summary>Whether a text is greater than another.</summary>
    public static bool operator >(Utf8Key64 left, Utf8Key64 right) => left.CompareTo(right) > 0;

    /// <summary>Whether a text is greater than or equal to another.</summary>
    public static bool operator >=(Utf8Key64 left, Utf8Key64 right) => left.CompareTo(right) >= 0;

    [InlineArray(MaxLength)]
    private struct Text
    {
        private byte _first;
    }
}
