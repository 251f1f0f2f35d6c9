namespace Estream.Replication.Internal;

/// <summary>The layout of an entry of a replication stream; see docs/formats/replication.md.</summary>
internal static class EntryLayout
{
    public const long Magic = 0x31_50_45_52_52_54_53_45; // "ESTRREP1"
    public const int Version = 1;

    public const int MagicOffset = 0;
    public const int VersionOffset = 8;
    public const int KindOffset = 10;
    public const int FlagsOffset = 11;
    public const int ChecksumOffset = 12;
    public const int ClusterOffset = 16;
    public const int QueueOffset = 24;
    public const int OwnerOffset = 32;
    public const int EpochOffset = 40;
    public const int PositionOffset = 48;
    public const int FirstSequenceOffset = 56;
    public const int CountOffset = 64;
    public const int BytesOffset = 68;
    public const int NewestTimeOffset = 72;
    public const int SegmentBytesOffset = 80;
    public const int SegmentFirstSequenceOffset = 88;
    public const int SegmentBaseTimeOffset = 96;
    public const int SegmentChecksumOffset = 104;
    public const int SegmentKindOffset = 108;
    public const int SegmentKeyOffset = 112;
    public const int SegmentSaltOffset = 120;
    public const int NonceOffset = 136;
    public const int NonceBytes = 12;
    public const int KeyOffset = 148;
    public const int HeaderBytes = 152;
    public const int TagBytes = 16;

    /// <summary>The header without its magic and its checksum, which is authenticated.</summary>
    public const int AuthenticatedBytes = ChecksumOffset - VersionOffset + HeaderBytes - ClusterOffset;

    /// <summary>The frames are encrypted with AES-256-GCM; a tag follows them.</summary>
    public const byte EncryptedFlag = 1;

    /// <summary>The last frame ends its segment.</summary>
    public const byte SealedFlag = 2;

    /// <summary>The epoch entry is written by an owner that has read its epoch back: a reader that knows no epoch starts here.</summary>
    public const byte CheckpointFlag = 4;

    /// <summary>The epoch begins at the oldest position of its owner, which the accepted frames do not reach.</summary>
    public const byte RestartFlag = 8;

    /// <summary>The queue begins with small segments. A copy made by an earlier release has only large ones.</summary>
    public const byte SmallStartFlag = 16;

    /// <summary>The default limit of the frames of one entry. A longer frame or batch is an entry by itself.</summary>
    public const int MaxBatchBytes = 256 << 10;
}

/// <summary>The kinds of entries.</summary>
internal enum EntryKind : byte
{
    /// <summary>Frames of the log.</summary>
    Frames = 1,

    /// <summary>An owner announces its epoch and the position at which the epoch begins.</summary>
    Epoch = 2,
}
