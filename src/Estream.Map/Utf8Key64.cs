using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using Estream.Core;

namespace Estream.Map;

/// <summary>A key made of up to 64 bytes of UTF-8 text: a device id, an instrument, a topic. 72 bytes without padding.</summary>
/// <remarks>
/// The length comes first, then the text, then zeros, so equal texts have equal bytes. The bytes are not checked to be UTF-8: what cannot
/// be decoded is a different key all the same, and <see cref="ToString"/> shows replacement characters.
/// </remarks>
public struct Utf8Key64 : IEquatable<Utf8Key64>, IComparable<Utf8Key64>
{
    /// <summary>The longest text in bytes.</summary>
    public const int MaxLength = 64;

    private long _length;
    private Text _text;

    /// <summary>The length of the text in bytes.</summary>
    public readonly int Length => (int)Math.Clamp(_length, 0, MaxLength);

    /// <summary>The text, valid as long as this key is.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Span => ((ReadOnlySpan<byte>)_text)[..Length];

    /// <summary>Makes a key. Allocates nothing.</summary>
    /// <param name="text">Up to 64 bytes.</param>
    /// <param name="key">The key.</param>
    /// <returns>Whether the text is short enough.</returns>
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

    /// <summary>Makes a key from text of .NET.</summary>
    /// <param name="text">Up to 64 bytes when encoded as UTF-8.</param>
    /// <param name="key">The key.</param>
    /// <returns>Whether the text is short enough and can be encoded.</returns>
    public static bool TryCreate(ReadOnlySpan<char> text, out Utf8Key64 key)
    {
        key = default;

        // Half a surrogate pair is no text: with a replacement character for it, different strings would be one key.
        if (Utf8.FromUtf16(text, key._text, out _, out int written, replaceInvalidSequences: false) != OperationStatus.Done)
        {
            key = default;
            return false;
        }

        key._length = written;
        return true;
    }

    /// <summary>Whether two keys are the same text.</summary>
    public readonly bool Equals(Utf8Key64 other) => RawValue.AreEqual(in this, in other);

    /// <summary>Orders texts byte by byte, which for UTF-8 is the order of the code points; a text comes before those it begins.</summary>
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

    /// <summary>The text; bytes that are no UTF-8 become replacement characters.</summary>
    public override readonly string ToString() => Encoding.UTF8.GetString(Span);

    /// <summary>Whether two keys are the same text.</summary>
    public static bool operator ==(Utf8Key64 left, Utf8Key64 right) => left.Equals(right);

    /// <summary>Whether two keys are different texts.</summary>
    public static bool operator !=(Utf8Key64 left, Utf8Key64 right) => !left.Equals(right);

    /// <summary>Whether a text comes before another; see <see cref="CompareTo"/>.</summary>
    public static bool operator <(Utf8Key64 left, Utf8Key64 right) => left.CompareTo(right) < 0;

    /// <summary>Whether a text comes before another or is the same.</summary>
    public static bool operator <=(Utf8Key64 left, Utf8Key64 right) => left.CompareTo(right) <= 0;

    /// <summary>Whether a text comes behind another.</summary>
    public static bool operator >(Utf8Key64 left, Utf8Key64 right) => left.CompareTo(right) > 0;

    /// <summary>Whether a text comes behind another or is the same.</summary>
    public static bool operator >=(Utf8Key64 left, Utf8Key64 right) => left.CompareTo(right) >= 0;

    [InlineArray(MaxLength)]
    private struct Text
    {
        private byte _first;
    }
}
