using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Estream.Core.Keys;

/// <summary>A key of a queue or map, wrapped under a master key: 128 bytes of queue.keys or map.keys.</summary>
internal sealed class KeyEntry
{
    private const int BoundBytes = 16;

    private readonly byte[] _bytes;

    private KeyEntry(byte[] bytes)
    {
        _bytes = bytes;
        Generation = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(KeyTableLayout.GenerationOffset));
        CreatedAt = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(KeyTableLayout.CreatedAtOffset));
        MasterKeyId =
            Encoding.ASCII.GetString(bytes.AsSpan(KeyTableLayout.MasterKeyIdOffset, Keys.MasterKeyId.MaxLength).TrimEnd((byte)0));
    }

    public uint Generation { get; }

    public long CreatedAt { get; }

    public string MasterKeyId { get; }

    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Reads an entry of the file. Unwrapping it shows whether it is genuine.</summary>
    public static KeyEntry Read(ReadOnlySpan<byte> bytes) => new(bytes.ToArray());

    /// <summary>Wraps a key under the current master key of a ring.</summary>
    /// <param name="generation">The generation of the key.</param>
    /// <param name="createdAt">The creation time of the key.</param>
    /// <param name="key">The key.</param>
    /// <param name="ring">The master keys.</param>
    /// <param name="table">The identity that the entry is bound to.</param>
    /// <param name="storage">The source of the random nonce. A master key wraps a few thousand keys.</param>
    public static KeyEntry Wrap(uint generation, long createdAt, ReadOnlySpan<byte> key, QueueKeyRing ring, in KeyTableIdentity table,
        IStorage storage)
    {
        byte[] bytes = new byte[KeyTableLayout.EntryBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(KeyTableLayout.GenerationOffset), generation);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(KeyTableLayout.CreatedAtOffset), createdAt);
        Encoding.ASCII.GetBytes(ring.CurrentId, bytes.AsSpan(KeyTableLayout.MasterKeyIdOffset));
        storage.FillRandom(bytes.AsSpan(KeyTableLayout.NonceOffset, KeyTableLayout.NonceBytes));
        Span<byte> bound = stackalloc byte[BoundBytes + KeyTableLayout.WrappedOffset];
        Bind(bound, bytes, table);
        using AesGcm master = ring.TryUse(ring.CurrentId)!;
        master.Encrypt(
            bytes.AsSpan(KeyTableLayout.NonceOffset, KeyTableLayout.NonceBytes), key,
            bytes.AsSpan(KeyTableLayout.WrappedOffset, KeyTableLayout.WrappedBytes),
            bytes.AsSpan(KeyTableLayout.TagOffset, KeyTableLayout.TagBytes), bound);
        return new KeyEntry(bytes);
    }

    /// <summary>Unwraps the key.</summary>
    /// <param name="ring">The master keys.</param>
    /// <param name="table">The identity that the entry is bound to.</param>
    /// <param name="path">The path of the file, for errors.</param>
    /// <param name="key">Receives the key; zero after an error.</param>
    /// <exception cref="EstreamKeyException">The ring lacks the master key or has another key under its id, or the entry was
    /// modified.</exception>
    public void Unwrap(QueueKeyRing ring, in KeyTableIdentity table, string path, Span<byte> key)
    {
        using AesGcm? master = ring.TryUse(MasterKeyId);
        if (master is null)
        {
            throw new EstreamKeyException(
                $"Key generation {Generation} in '{path}' is wrapped under master key '{MasterKeyId}', which is not in the {ring}. Add it "
                + "to the key file.", path, MasterKeyId);
        }

        Span<byte> bound = stackalloc byte[BoundBytes + KeyTableLayout.WrappedOffset];
        Bind(bound, _bytes, table);
        try
        {
            master.Decrypt(
                _bytes.AsSpan(KeyTableLayout.NonceOffset, KeyTableLayout.NonceBytes),
                _bytes.AsSpan(KeyTableLayout.WrappedOffset, KeyTableLayout.WrappedBytes),
                _bytes.AsSpan(KeyTableLayout.TagOffset, KeyTableLayout.TagBytes), key, bound);
        }
        catch (AuthenticationTagMismatchException mismatch)
        {
            throw new EstreamKeyException(
                $"Master key '{MasterKeyId}' does not unwrap key generation {Generation} in '{path}': it is another key under the same id, "
                + "or the file was changed. "
                + "Give the right key, or restore the file from a copy.", path, MasterKeyId, mismatch);
        }
    }

    private static void Bind(Span<byte> bound, ReadOnlySpan<byte> entry, in KeyTableIdentity table)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bound, table.OwnerId);
        BinaryPrimitives.WriteInt64LittleEndian(bound[8..], table.FirstSegment);
        entry[..KeyTableLayout.WrappedOffset].CopyTo(bound[BoundBytes..]);
    }
}

/// <summary>The identity that every entry of a key table is bound to.</summary>
/// <param name="OwnerId">The id of the queue or map.</param>
/// <param name="FirstSegment">The first encrypted segment: a later plaintext segment does not belong to this queue. 0 for a map, which is
/// encrypted from its creation.</param>
internal readonly record struct KeyTableIdentity(long OwnerId, long FirstSegment);
