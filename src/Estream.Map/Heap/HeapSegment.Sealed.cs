namespace Estream.Map.Internal;

// Sealed entries: key and value are encrypted. They are composed and opened in private memory, so no plaintext reaches a file.
internal sealed partial class HeapSegment
{
    private static long s_lastSerial;

    private readonly BlockCipher? _cipher;

    /// <summary>A number that no other segment object of this process has; 0 if the entries are not encrypted.</summary>
    public long Serial { get; }

    /// <summary>The data key that seals the entries of the segment; 0 if they are not encrypted.</summary>
    public uint KeyGeneration => _cipher?.Generation ?? 0;

    private BlockKind EntryKind => _cipher is null ? BlockKind.Entry : BlockKind.Sealed;

    /// <summary>Opens a sealed entry with the key of this segment.</summary>
    /// <param name="at">The block.</param>
    /// <param name="head">Its header.</param>
    /// <param name="plain">The value with its stamp, and then the key; valid until this thread opens another entry.</param>
    /// <returns>Whether the entry is genuine; if not, nothing is returned.</returns>
    public bool TryOpen(BlockRef at, scoped in BlockHead head, out ReadOnlySpan<byte> plain)
    {
        OpenedBlock opened = OpenedBlock.OfThread;
        if (!opened.Is(this, at, in head) && !TryDecrypt(opened, at, in head))
        {
            plain = default;
            return false;
        }

        plain = opened.Plain;
        return true;
    }

    /// <summary>Whether the key of an entry has the hash that the index has for it. A sealed entry with another hash is genuine, but does
    /// not belong there: blocks were swapped.</summary>
    /// <param name="key">The key of the entry.</param>
    /// <param name="hash">The hash; null if it was checked before.</param>
    public bool IsPlaced(ReadOnlySpan<byte> key, nuint? hash) =>
        _cipher is null || hash is not { } expected || _cipher.Hash.Of(key) == expected;

    /// <summary>Writes an entry of another segment, sealed with the key of this segment.</summary>
    /// <param name="offset">The offset of the new block.</param>
    /// <param name="head">The header of the entry.</param>
    /// <param name="plain">The entry as opened.</param>
    public void WriteSealedAgain(long offset, in BlockHead head, ReadOnlySpan<byte> plain)
    {
        int stampBytes = _cipher!.StampBytes;
        WriteSealed(offset, plain[head.ValueBytes..], plain[..stampBytes], plain[stampBytes..head.ValueBytes]);
    }

    private void WriteSealed(long offset, ReadOnlySpan<byte> key, ReadOnlySpan<byte> stamp, ReadOnlySpan<byte> value)
    {
        // The tag takes the place of the checksum.
        _span.WriteInt32(offset, 0);
        WriteFields(offset, BlockKind.Sealed, key.Length, stamp.Length + value.Length);
        long content = offset + BlockLayout.SealedContent;
        _span.Write(content, stamp);
        _cipher!.Seal(
            key, stamp, value, _span.Span(offset + BlockLayout.Seal, BlockLayout.SealBytes),
            _span.Span(content + stamp.Length, value.Length + key.Length));
    }

    private BlockOutcome MatchSealed(BlockRef at, ReadOnlySpan<byte> key, in BlockHead head, bool isPossible)
    {
        if (!isPossible || !TryOpen(at, in head, out ReadOnlySpan<byte> plain))
        {
            return IsCurrent() ? BlockOutcome.Damaged : BlockOutcome.Retired;
        }

        ReadOnlySpan<byte> found = plain[head.ValueBytes..];
        bool isSame = found.SequenceEqual(key);

        bool isPlaced = isSame || IsPlaced(found, _cipher!.Hash.Of(key));
        return !IsCurrent() ? BlockOutcome.Retired
            : isSame ? BlockOutcome.Found
            : isPlaced ? BlockOutcome.OtherKey
            : BlockOutcome.Damaged;
    }

    private BlockOutcome CopySealedValue(BlockRef at, in BlockHead head, Span<byte> destination, int from)
    {
        BlockOutcome outcome = CopySealed(at, in head, destination, from);
        OpenedBlock.OfThread.ForgetLarge();
        return outcome;
    }

    // Copies a part of the value with its stamp, or of the key that follows.
    private BlockOutcome CopySealed(BlockRef at, in BlockHead head, Span<byte> destination, int from)
    {
        bool isOpen = TryOpen(at, in head, out ReadOnlySpan<byte> plain);
        if (isOpen)
        {
            plain.Slice(from, destination.Length).CopyTo(destination);
        }

        return !IsCurrent() ? BlockOutcome.Retired : isOpen ? BlockOutcome.Found : BlockOutcome.Damaged;
    }

    // The stamp is authenticated but not encrypted, so a search for expired entries decrypts only expired entries.
    private ReadOnlySpan<byte> StampOf(BlockRef at, scoped in BlockHead head) => head.Kind == BlockKind.Sealed
        ? _span.ReadOnlySpan(at.Offset + BlockLayout.SealedContent, Stamp.Bytes)
        : ValueOf(at, in head);

    private bool TryDecrypt(OpenedBlock opened, BlockRef at, scoped in BlockHead head)
    {
        int stampBytes = _cipher!.StampBytes;
        int bytes = head.ValueBytes + head.KeyBytes - stampBytes;
        if (head.ValueBytes < stampBytes)
        {
            return false;
        }

        // Copy nonce, tag and stamp first: a writer may reuse the memory during the decryption.
        Span<byte> front = stackalloc byte[BlockLayout.SealBytes + Stamp.Bytes];
        front = front[..(BlockLayout.SealBytes + stampBytes)];
        _span.ReadOnlySpan(at.Offset + BlockLayout.Seal, front.Length).CopyTo(front);
        Span<byte> plain = opened.Begin(stampBytes + bytes);
        ReadOnlySpan<byte> stamp = front[BlockLayout.SealBytes..];
        stamp.CopyTo(plain);
        ReadOnlySpan<byte> cipher = _span.ReadOnlySpan(at.Offset + BlockLayout.SealedContent + stampBytes, bytes);
        if (!_cipher.TryOpen(in head, stamp, front[..BlockLayout.SealBytes], cipher, plain[stampBytes..]))
        {
            return false;
        }

        opened.End(this, at, in head);
        return true;
    }
}
