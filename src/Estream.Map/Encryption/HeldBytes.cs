using System.Buffers;

namespace Estream.Map.Internal;

/// <summary>Holds the key or value of an entry: in place, or as a decrypted copy in a rented array, which <see cref="Dispose"/> clears
/// and returns. Dispose an instance once.</summary>
internal readonly ref struct HeldBytes
{
    private readonly byte[]? _rented;

    private HeldBytes(ReadOnlySpan<byte> span, byte[]? rented)
    {
        Span = span;
        _rented = rented;
    }

    public ReadOnlySpan<byte> Span { get; }

    public static HeldBytes InPlace(ReadOnlySpan<byte> bytes) => new(bytes, null);

    public static HeldBytes CopyOf(ReadOnlySpan<byte> bytes)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(rented);
        return new HeldBytes(rented.AsSpan(0, bytes.Length), rented);
    }

    public void Dispose()
    {
        if (_rented is not null)
        {
            _rented.AsSpan(0, Span.Length).Clear();
            ArrayPool<byte>.Shared.Return(_rented);
        }
    }
}
