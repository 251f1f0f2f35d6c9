using System.Buffers.Binary;
using System.Security.Cryptography;
using Estream.Core;
using Estream.Core.Keys;

namespace Estream.Map.Internal;

/// <summary>
/// Seals and opens the entries of an encrypted byte map with one data key. Any thread may open entries; only the writer of the map seals
/// them. Allocates nothing per entry, apart from memory for entries above <see cref="OpenedBlock.KeptBytes"/>.
/// </summary>
/// <remarks>
/// A nonce has eight random bytes, which each writer draws for each key, and a counter. So no two blocks have the same nonce, even if a
/// writer continues a copy of the map, or the machine lost blocks that a writer had stored.
/// </remarks>
internal sealed class BlockCipher : IDisposable
{
    /// <summary>The bytes that are authenticated and not encrypted: map id, header fields, stamp.</summary>
    private const int BoundBytes = sizeof(long) + BlockLayout.HeaderBytes - BlockLayout.KeyBytesAndKind + Stamp.Bytes;

    // An AES-GCM object serves one thread at a time. A thread takes an idle one, or creates one.
    private const int IdleSlots = 16;

    private readonly AesGcm?[] _idle = new AesGcm?[IdleSlots];
    private readonly byte[] _key;
    private readonly long _mapId;
    private readonly IStorage _storage;
    private readonly PlaintextBuffer _composed = new();
    private ulong _session;
    private uint _count;

    /// <param name="generation">The number of the data key.</param>
    /// <param name="dataKey">The data key.</param>
    /// <param name="mapId">The identity of the map.</param>
    /// <param name="hash">The hash of keys, which shows whether an entry belongs to its reference.</param>
    /// <param name="stampBytes">The bytes of stamps at the start of values, which are not encrypted.</param>
    /// <param name="storage">The source of random numbers.</param>
    public BlockCipher(uint generation, ReadOnlySpan<byte> dataKey, long mapId, in ByteHash hash, int stampBytes, IStorage storage)
    {
        (Generation, _mapId, Hash, StampBytes, _storage) = (generation, mapId, hash, stampBytes, storage);
        _key = GC.AllocateArray<byte>(KeyTableLayout.WrappedBytes, pinned: true);
        KeyDerivation.Derive(dataKey, "estream map block v1"u8, mapId, _key);
    }

    public uint Generation { get; }

    public ByteHash Hash { get; }

    public int StampBytes { get; }

    /// <summary>Encrypts an entry into its block.</summary>
    /// <param name="key">The key.</param>
    /// <param name="stamp">The stamp, if the values of the map have one. Authenticated only.</param>
    /// <param name="value">The value without its stamp.</param>
    /// <param name="seal">Receives nonce and tag.</param>
    /// <param name="cipher">Receives the value and then the key, encrypted.</param>
    public void Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> stamp, ReadOnlySpan<byte> value, Span<byte> seal, Span<byte> cipher)
    {
        _composed.Reserve(Math.Max(1, cipher.Length));
        Span<byte> plain = _composed.Memory.Span(0, cipher.Length);
        value.CopyTo(plain);
        key.CopyTo(plain[value.Length..]);
        Span<byte> nonce = stackalloc byte[BlockLayout.NonceBytes];
        NextNonce(nonce);
        Span<byte> bound = stackalloc byte[BoundBytes];
        int boundBytes = Bind(key.Length, stamp.Length + value.Length, stamp, bound);
        AesGcm aes = Take();
        aes.Encrypt(nonce, plain, cipher, seal[BlockLayout.NonceBytes..], bound[..boundBytes]);
        Return(aes);
        nonce.CopyTo(seal);
        if (_composed.Memory.Length > OpenedBlock.KeptBytes)
        {
            _composed.Shrink();
        }
    }

    /// <summary>Decrypts an entry, if it is genuine.</summary>
    /// <param name="head">The header of the block, with possible lengths.</param>
    /// <param name="stamp">The stamp.</param>
    /// <param name="seal">Nonce and tag.</param>
    /// <param name="cipher">The encrypted value and key.</param>
    /// <param name="plain">Receives value and key; zero if the entry is not genuine.</param>
    /// <returns>Whether the entry was sealed with this key for this map.</returns>
    public bool TryOpen(in BlockHead head, ReadOnlySpan<byte> stamp, ReadOnlySpan<byte> seal, ReadOnlySpan<byte> cipher, Span<byte> plain)
    {
        Span<byte> bound = stackalloc byte[BoundBytes];
        int boundBytes = Bind(head.KeyBytes, head.ValueBytes, stamp, bound);
        AesGcm aes = Take();
        try
        {
            aes.Decrypt(seal[..BlockLayout.NonceBytes], cipher, seal[BlockLayout.NonceBytes..], plain, bound[..boundBytes]);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            plain.Clear();
            return false;
        }
        finally
        {
            Return(aes);
        }
    }

    public void Dispose()
    {
        for (int slot = 0; slot < IdleSlots; slot++)
        {
            Interlocked.Exchange(ref _idle[slot], null)?.Dispose();
        }

        CryptographicOperations.ZeroMemory(_key);
        _composed.Dispose();
    }

    private int Bind(int keyBytes, int valueBytes, ReadOnlySpan<byte> stamp, Span<byte> bound)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bound, _mapId);
        BinaryPrimitives.WriteInt32LittleEndian(bound[8..], keyBytes | ((int)BlockKind.Sealed << BlockLayout.KindShift));
        BinaryPrimitives.WriteInt32LittleEndian(bound[12..], valueBytes);
        BinaryPrimitives.WriteInt32LittleEndian(bound[16..], 0);
        stamp.CopyTo(bound[20..]);
        return 20 + stamp.Length;
    }

    private void NextNonce(Span<byte> nonce)
    {
        // Draws new random bytes for the first block, and again when the counter has wrapped to 0.
        if (_count == 0)
        {
            _storage.FillRandom(nonce[..sizeof(ulong)]);
            _session = BinaryPrimitives.ReadUInt64LittleEndian(nonce);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(nonce, _session);
        BinaryPrimitives.WriteUInt32LittleEndian(nonce[sizeof(ulong)..], _count);
        unchecked
        {
            _count++;
        }
    }

    private AesGcm Take()
    {
        int first = Environment.CurrentManagedThreadId;
        for (int probe = 0; probe < IdleSlots; probe++)
        {
            ref AesGcm? slot = ref _idle[(first + probe) & (IdleSlots - 1)];
            if (Volatile.Read(ref slot) is not null && Interlocked.Exchange(ref slot, null) is { } idle)
            {
                return idle;
            }
        }

        return new AesGcm(_key, BlockLayout.TagBytes);
    }

    private void Return(AesGcm aes)
    {
        int first = Environment.CurrentManagedThreadId;
        for (int probe = 0; probe < IdleSlots; probe++)
        {
            ref AesGcm? slot = ref _idle[(first + probe) & (IdleSlots - 1)];
            if (Volatile.Read(ref slot) is null && Interlocked.CompareExchange(ref slot, aes, null) is null)
            {
                return;
            }
        }

        aes.Dispose();
    }
}
