using System.Numerics;
using System.Security.Cryptography;
using Estream.Esf;

namespace Estream.Streams.Internal;

/// <summary>
/// Where messages with private fields are written before they are sealed into the log: their cleartext never lies in its files. Overwritten when a message is sealed or given up.
/// </summary>
internal sealed class SealingSpace
{
    private const int LeastBytes = 256;

    private readonly EsfSealer _sealer;
    private byte[] _buffer = [];
    private int _taken;

    private SealingSpace(EsfSealer sealer)
    {
        _sealer = sealer;
    }

    /// <summary>What is left of the bytes of a batch.</summary>
    public int Left { get; set; }

    /// <summary>The space that was taken last.</summary>
    public Span<byte> Taken => _buffer.AsSpan(0, _taken);

    /// <summary>The space for a writer's messages; none where its schema has no private fields.</summary>
    /// <param name="sealer">Seals them.</param>
    /// <param name="known">A space that is used again, where it is of this sealer.</param>
    /// <exception cref="ArgumentException">It has some and no sealer was given, or one of another schema.</exception>
    public static SealingSpace? For<TWriter>(EsfSealer? sealer, SealingSpace? known = null)
        where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
    {
        EsfSchema schema = TWriter.Schema;
        if (sealer is not null && sealer.Schema.Id != schema.Id)
        {
            throw new ArgumentException($"The sealer is for {sealer.Schema}, and messages of {schema} are written: give one made with the schema of the writer.", nameof(sealer));
        }

        return !schema.HasPrivateFields ? null
            : sealer is null ? throw new ArgumentException(
                $"{schema} has private fields ({string.Join(", ", schema.Fields.Where(field => field.IsPrivate).Select(field => field.Name).DefaultIfEmpty("in its objects"))}), which are never stored in clear: give an EsfSealer with the keys of their audiences.", nameof(sealer))
            : known?._sealer == sealer ? known
            : new SealingSpace(sealer);
    }

    /// <summary>The most bytes that messages take in the log.</summary>
    public int MaxSealedLength(int length, int messages = 1) => _sealer.MaxSealedLength(length, messages);

    /// <summary>Space for a message in clear.</summary>
    public Span<byte> Take(int length)
    {
        Clear();
        if (_buffer.Length < length)
        {
            _buffer = GC.AllocateArray<byte>((int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, LeastBytes)), pinned: true);
        }

        _taken = length;
        return Taken;
    }

    /// <summary>Seals the message at the beginning of the space that was taken.</summary>
    /// <param name="length">Its length.</param>
    /// <param name="destination">Takes it sealed.</param>
    /// <returns>How long it is there.</returns>
    /// <exception cref="ArgumentException">It is no whole message: a required field was not set.</exception>
    public int Seal(int length, Span<byte> destination)
    {
        EsfStatus status = _sealer.Seal(Taken[..length], destination, out int written);
        if (!status.IsOk)
        {
            throw new ArgumentException($"The message of {_sealer.Schema} cannot be sealed: {status}");
        }

        Clear();
        return written;
    }

    /// <summary>Overwrites what was written.</summary>
    public void Clear()
    {
        CryptographicOperations.ZeroMemory(Taken);
        _taken = 0;
    }
}
