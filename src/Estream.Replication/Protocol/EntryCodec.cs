using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Estream.Core;
using Estream.Queue;
using Estream.Queue.Internal;

namespace Estream.Replication.Internal;

/// <summary>Why an entry was refused.</summary>
internal enum EntryFault
{
    None,

    /// <summary>Not an entry of this protocol, or of a newer version.</summary>
    Format,

    /// <summary>The checksum or the authentication tag does not match.</summary>
    Damaged,

    /// <summary>The entry belongs to another cluster or queue.</summary>
    Foreign,

    /// <summary>The entry is encrypted and the reader has no key, or the entry is plaintext and the reader requires encryption.</summary>
    Key,
}

/// <summary>Writes and reads entries of one queue. Thread-safe for reading; one thread at a time for writing.</summary>
internal sealed class EntryCodec : IDisposable
{
    private readonly long _cluster;
    private readonly AesGcm? _cipher;

    // The newest first.
    private readonly List<(uint Id, AesGcm Cipher)> _ciphers = [];

    /// <param name="cluster">The name of the cluster.</param>
    /// <param name="queueId">The id of the queue; 0 if it is not known yet.</param>
    /// <param name="key">32 bytes to encrypt with, or empty.</param>
    /// <param name="earlierKeys">Further keys with which entries may be encrypted, the newest first.</param>
    public EntryCodec(string cluster, long queueId, ReadOnlySpan<byte> key, IReadOnlyList<ReadOnlyMemory<byte>>? earlierKeys = null)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _ = SHA256.HashData(Encoding.UTF8.GetBytes(cluster), hash);
        _cluster = BinaryPrimitives.ReadInt64LittleEndian(hash);
        QueueId = queueId;
        if (!key.IsEmpty)
        {
            AddKey(key);
            _cipher = _ciphers[0].Cipher;
            foreach (ReadOnlyMemory<byte> earlier in earlierKeys ?? [])
            {
                AddKey(earlier.Span);
            }
        }
    }

    /// <summary>The id of the queue; 0 to accept any queue.</summary>
    public long QueueId { get; set; }

    /// <summary>The number of bytes of an entry with these frames.</summary>
    public int LengthOf(int frameBytes) => EntryLayout.HeaderBytes + frameBytes + (_cipher is null ? 0 : EntryLayout.TagBytes);

    /// <summary>Writes an entry.</summary>
    public void Write(Span<byte> entry, in EntryHeader header, ReadOnlySpan<byte> frames)
    {
        Span<byte> head = entry[..EntryLayout.HeaderBytes];
        WriteHeader(head, header, frames.Length);
        Span<byte> body = entry.Slice(EntryLayout.HeaderBytes, frames.Length);
        if (_cipher is null)
        {
            frames.CopyTo(body);
        }
        else
        {
            Span<byte> nonce = head.Slice(EntryLayout.NonceOffset, EntryLayout.NonceBytes);
            RandomNumberGenerator.Fill(nonce);
            Span<byte> authenticated = stackalloc byte[EntryLayout.AuthenticatedBytes];
            CopyAuthenticated(head, authenticated);
            _cipher.Encrypt(nonce, frames, body, entry[(EntryLayout.HeaderBytes + frames.Length)..], authenticated);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(head[EntryLayout.ChecksumOffset..], ChecksumOf(entry));
    }

    /// <summary>Reads an entry. Decrypts its frames in place.</summary>
    public EntryFault TryRead(Span<byte> entry, out EntryHeader header, out ReadOnlySpan<byte> frames)
    {
        header = default;
        frames = default;
        if (entry.Length < EntryLayout.HeaderBytes || BinaryPrimitives.ReadInt64LittleEndian(entry) != EntryLayout.Magic
            || BinaryPrimitives.ReadUInt16LittleEndian(entry[EntryLayout.VersionOffset..]) != EntryLayout.Version)
        {
            return EntryFault.Format;
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(entry[EntryLayout.ChecksumOffset..]) != ChecksumOf(entry))
        {
            return EntryFault.Damaged;
        }

        header = ReadHeader(entry);
        if (BinaryPrimitives.ReadInt64LittleEndian(entry[EntryLayout.ClusterOffset..]) != _cluster
            || (QueueId != 0 && header.Segment.QueueId != QueueId))
        {
            return EntryFault.Foreign;
        }

        bool isEncrypted = (entry[EntryLayout.FlagsOffset] & EntryLayout.EncryptedFlag) != 0;
        uint keyId = BinaryPrimitives.ReadUInt32LittleEndian(entry[EntryLayout.KeyOffset..]);
        if (isEncrypted != _cipher is not null || (keyId != 0 && !_ciphers.Exists(known => known.Id == keyId)))
        {
            return EntryFault.Key;
        }

        if (!HasValidFields(header) || entry.Length != LengthOf(header.Bytes))
        {
            return EntryFault.Format;
        }

        Span<byte> body = entry.Slice(EntryLayout.HeaderBytes, header.Bytes);
        frames = body;
        if (_cipher is not null && !TryDecrypt(keyId, entry, body))
        {
            return keyId == 0 ? EntryFault.Key : EntryFault.Damaged;
        }

        return HasMatchingEnd(header, frames) ? EntryFault.None : EntryFault.Format;
    }

    public void Dispose() => _ciphers.ForEach(known => known.Cipher.Dispose());

    private void AddKey(ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        byte[] named = [.. "estream replication key"u8, .. key];
        _ = SHA256.HashData(named, hash);
        CryptographicOperations.ZeroMemory(named);
        _ciphers.Add((Math.Max(1, BinaryPrimitives.ReadUInt32LittleEndian(hash)), new AesGcm(key, EntryLayout.TagBytes)));
    }

    // An entry of an earlier release does not name its key. A failed attempt clears the output, so it goes to another buffer.
    private bool TryDecrypt(uint keyId, Span<byte> entry, Span<byte> body)
    {
        if (keyId != 0 || _ciphers.Count == 1)
        {
            return TryDecrypt(keyId == 0 ? _cipher! : _ciphers.Find(known => known.Id == keyId).Cipher, entry, body, body);
        }

        byte[] plain = new byte[body.Length];
        foreach ((_, AesGcm cipher) in _ciphers)
        {
            if (TryDecrypt(cipher, entry, body, plain))
            {
                plain.CopyTo(body);
                return true;
            }
        }

        return false;
    }

    private static bool TryDecrypt(AesGcm cipher, Span<byte> entry, Span<byte> body, Span<byte> plain)
    {
        try
        {
            Span<byte> head = entry[..EntryLayout.HeaderBytes];
            Span<byte> authenticated = stackalloc byte[EntryLayout.AuthenticatedBytes];
            CopyAuthenticated(head, authenticated);
            cipher.Decrypt(head.Slice(EntryLayout.NonceOffset, EntryLayout.NonceBytes), body,
                entry[(EntryLayout.HeaderBytes + body.Length)..], plain, authenticated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    // The checksum lies between the two parts. It also covers the encrypted frames, so it is written after them.
    private static void CopyAuthenticated(ReadOnlySpan<byte> head, Span<byte> authenticated)
    {
        ReadOnlySpan<byte> first = head[EntryLayout.VersionOffset..EntryLayout.ChecksumOffset];
        first.CopyTo(authenticated);
        head[EntryLayout.ClusterOffset..EntryLayout.HeaderBytes].CopyTo(authenticated[first.Length..]);
    }

    // Frames that violate the format are left to the reader, which compares them or checks their checksums.
    private static bool HasMatchingEnd(in EntryHeader header, ReadOnlySpan<byte> frames)
    {
        SegmentHeader segment = header.Segment with { Checksum = FrameChecksum.None };
        FrameRun? found = FrameWalk.Check(segment, 0, header.Position % segment.SegmentBytes, 0, frames);
        return found is not { } run || run.IsSealed == header.IsSealed;
    }

    private static bool HasValidFields(in EntryHeader header) =>
        header.Kind is EntryKind.Frames or EntryKind.Epoch && header.Epoch > 0 && header.Position >= 0 && header.Count >= 0
        && header.Bytes >= 0 && (header.Kind == EntryKind.Frames) == (header.Bytes > 0)
        && QueueOptions.IsSegmentBytes(header.Segment.SegmentBytes) && header.Bytes <= header.Segment.SegmentBytes
        && HasPlace(header) && header.FirstSequence >= 0 && header.Segment.FirstSequence >= 0
        && Enum.IsDefined(header.Segment.Checksum) && Enum.IsDefined(header.Segment.Kind);

    private static bool HasPlace(in EntryHeader header)
    {
        long offset = header.Position % header.Segment.SegmentBytes;
        return offset >= SegmentLayout.HeaderBytes && offset % FrameLayout.Alignment == 0 && header.Bytes % FrameLayout.Alignment == 0
            && offset + header.Bytes <= header.Segment.SegmentBytes && header.Position < long.MaxValue - header.Segment.SegmentBytes;
    }

    // The checksum covers everything after itself, and the fields before it are compared with constants or covered by the first word.
    private static uint ChecksumOf(ReadOnlySpan<byte> entry) =>
        Crc32C.Append(Crc32C.Compute(entry[..EntryLayout.ChecksumOffset]), entry[EntryLayout.ClusterOffset..]);

    private void WriteHeader(Span<byte> head, in EntryHeader header, int bytes)
    {
        head.Clear();
        BinaryPrimitives.WriteInt64LittleEndian(head, EntryLayout.Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(head[EntryLayout.VersionOffset..], EntryLayout.Version);
        head[EntryLayout.KindOffset] = (byte)header.Kind;
        head[EntryLayout.FlagsOffset] = (byte)((_cipher is null ? 0 : EntryLayout.EncryptedFlag)
            | (header.IsSealed ? EntryLayout.SealedFlag : 0) | (header.IsCheckpoint ? EntryLayout.CheckpointFlag : 0)
            | (header.IsRestart ? EntryLayout.RestartFlag : 0)
            | (header.HasSmallStart ? EntryLayout.SmallStartFlag : 0));
        BinaryPrimitives.WriteInt64LittleEndian(head[EntryLayout.ClusterOffset..], _cluster);
        BinaryPrimitives.WriteInt64LittleEndian(head[EntryLayout.QueueOffset..], QueueId);
        BinaryPrimitives.WriteInt64LittleEndian(head[EntryLayout.OwnerOffset..], header.Owner);
        BinaryPrimitives.WriteInt64LittleEndian(head[EntryLayout.EpochOffset..], header.Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(head[EntryLayout.PositionOffset..], header.Position);
        BinaryPrimitives.WriteInt64LittleEndian(head[EntryLayout.FirstSequenceOffset..], header.FirstSequence);
        BinaryPrimitives.WriteInt32LittleEndian(head[EntryLayout.CountOffset..], header.Count);
        BinaryPrimitives.WriteInt32LittleEndian(head[EntryLayout.BytesOffset..], bytes);
        BinaryPrimitives.WriteInt64LittleEndian(head[EntryLayout.NewestTimeOffset..], header.NewestTime);
        BinaryPrimitives.WriteInt64LittleEndian(head[EntryLayout.SegmentBytesOffset..], header.Segment.SegmentBytes);
        BinaryPrimitives.WriteInt64LittleEndian(head[EntryLayout.SegmentFirstSequenceOffset..], header.Segment.FirstSequence);
        BinaryPrimitives.WriteInt64LittleEndian(head[EntryLayout.SegmentBaseTimeOffset..], header.Segment.BaseTime);
        BinaryPrimitives.WriteInt32LittleEndian(head[EntryLayout.SegmentChecksumOffset..], (int)header.Segment.Checksum);
        BinaryPrimitives.WriteInt32LittleEndian(head[EntryLayout.SegmentKindOffset..], (int)header.Segment.Kind);
        BinaryPrimitives.WriteUInt32LittleEndian(head[EntryLayout.SegmentKeyOffset..], header.Segment.Key.Generation);
        BinaryPrimitives.WriteUInt128LittleEndian(head[EntryLayout.SegmentSaltOffset..], header.Segment.Key.Salt);
        BinaryPrimitives.WriteUInt32LittleEndian(head[EntryLayout.KeyOffset..], _cipher is null ? 0 : _ciphers[0].Id);
    }

    private static EntryHeader ReadHeader(ReadOnlySpan<byte> head)
    {
        long position = BinaryPrimitives.ReadInt64LittleEndian(head[EntryLayout.PositionOffset..]);
        long segmentBytes = BinaryPrimitives.ReadInt64LittleEndian(head[EntryLayout.SegmentBytesOffset..]);
        return new EntryHeader
        {
            Kind = (EntryKind)head[EntryLayout.KindOffset],
            IsSealed = (head[EntryLayout.FlagsOffset] & EntryLayout.SealedFlag) != 0,
            IsCheckpoint = (head[EntryLayout.FlagsOffset] & EntryLayout.CheckpointFlag) != 0,
            IsRestart = (head[EntryLayout.FlagsOffset] & EntryLayout.RestartFlag) != 0,
            HasSmallStart = (head[EntryLayout.FlagsOffset] & EntryLayout.SmallStartFlag) != 0,
            Owner = BinaryPrimitives.ReadInt64LittleEndian(head[EntryLayout.OwnerOffset..]),
            Epoch = BinaryPrimitives.ReadInt64LittleEndian(head[EntryLayout.EpochOffset..]),
            Position = position,
            FirstSequence = BinaryPrimitives.ReadInt64LittleEndian(head[EntryLayout.FirstSequenceOffset..]),
            Count = BinaryPrimitives.ReadInt32LittleEndian(head[EntryLayout.CountOffset..]),
            Bytes = BinaryPrimitives.ReadInt32LittleEndian(head[EntryLayout.BytesOffset..]),
            NewestTime = BinaryPrimitives.ReadInt64LittleEndian(head[EntryLayout.NewestTimeOffset..]),
            Segment = new SegmentHeader(
                BinaryPrimitives.ReadInt64LittleEndian(head[EntryLayout.QueueOffset..]), segmentBytes,
                QueueOptions.IsSegmentBytes(segmentBytes) ? position / segmentBytes : 0,
                BinaryPrimitives.ReadInt64LittleEndian(head[EntryLayout.SegmentFirstSequenceOffset..]),
                BinaryPrimitives.ReadInt64LittleEndian(head[EntryLayout.SegmentBaseTimeOffset..]),
                (FrameChecksum)BinaryPrimitives.ReadInt32LittleEndian(head[EntryLayout.SegmentChecksumOffset..]),
                (ClaimKind)BinaryPrimitives.ReadInt32LittleEndian(head[EntryLayout.SegmentKindOffset..]),
                new SegmentKey(
                    BinaryPrimitives.ReadUInt32LittleEndian(head[EntryLayout.SegmentKeyOffset..]),
                    BinaryPrimitives.ReadUInt128LittleEndian(head[EntryLayout.SegmentSaltOffset..]))),
        };
    }
}
