namespace Estream.Streams.Media;

/// <summary>An object whose pieces a circuit joins.</summary>
/// <param name="Chunks">The bytes of its pieces.</param>
/// <param name="Slot">The number of its record in the store.</param>
/// <param name="Name">The name.</param>
/// <param name="NameBytes">The name in UTF-8.</param>
/// <param name="MediaType">The media type in UTF-8.</param>
/// <param name="Begun">The time of its first piece.</param>
internal sealed record MediaInProgress(
    MediaChunks Chunks, int Slot, string Name, byte[] NameBytes, byte[] MediaType, long Begun)
{
    private const long NotBegun = -1;

    public MediaProgressState State { get; private set; }

    /// <summary>Why the object was abandoned.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>The number of its pieces.</summary>
    public long Pieces { get; set; }

    /// <summary>The number of pieces at the last commit; negative if the object had not begun then.</summary>
    public long EarlierPieces { get; private set; } = NotBegun;

    /// <summary>The number of bytes at the last commit.</summary>
    public long EarlierBytes { get; private set; }

    /// <summary>The read position of the last commit that changed the object.</summary>
    public long Position { get; private set; } = long.MaxValue;

    /// <summary>The number of the last piece among the pieces of all objects: the object with the lowest number has waited
    /// longest.</summary>
    public long LastPiece { get; set; }

    /// <summary>True if the object changed since the last commit.</summary>
    public bool IsChanged { get; set; }

    public void Complete() => State = MediaProgressState.Complete;

    public void Abandon(string reason) => (State, Reason) = (MediaProgressState.Abandoned, reason);

    /// <summary>Records the current pieces as those of the last commit.</summary>
    public void MarkCommitted(long position) =>
        (EarlierPieces, EarlierBytes, Position, IsChanged) = (Pieces, Chunks.Length, position, false);

    /// <summary>The length of the message that <see cref="WriteResult"/> writes.</summary>
    public int ResultLength => State == MediaProgressState.Complete
        ? MediaManifestRecord.FixedLength + NameBytes.Length + MediaType.Length + (Chunks.Count * ChunkDigest.Bytes)
        : MediaAbandonedRecord.FixedLength + NameBytes.Length + System.Text.Encoding.UTF8.GetByteCount(Reason);

    /// <summary>Writes the manifest of a complete object, or the record of an abandoned object.</summary>
    public int WriteResult(Span<byte> destination)
    {
        if (State == MediaProgressState.Complete)
        {
            return Chunks.WriteManifest(destination, Begun, NameBytes, MediaType);
        }

        MediaAbandonedRecord.Writer writer = MediaAbandonedRecord.Write(destination);
        writer.SetObject(Chunks.Id);
        writer.Begun = Begun;
        writer.SetName(NameBytes);
        writer.Pieces = Pieces;
        writer.TotalBytes = Chunks.Length;
        writer.SetReason(Reason);
        return writer.Length;
    }

    /// <summary>Writes the record from which a restart continues the object.</summary>
    /// <param name="destination">Receives the record.</param>
    /// <param name="owner">The number of the pipeline.</param>
    /// <param name="position">The read position with which the record is committed.</param>
    /// <param name="run">The number of this run of the machine.</param>
    public int WriteProgress(Span<byte> destination, long owner, long position, long run)
    {
        MediaProgressRecord.Writer writer = MediaProgressRecord.Write(destination);
        writer.SetObject(Chunks.Id);
        writer.Owner = owner;
        writer.State = State;
        writer.Position = position;
        writer.Begun = Begun;
        writer.SetName(NameBytes);
        writer.SetMediaType(MediaType);
        writer.ChunkBytes = Chunks.ChunkBytes;
        writer.Pieces = Pieces;
        writer.TotalBytes = Chunks.Length;
        writer.EarlierPieces = EarlierPieces;
        writer.EarlierBytes = EarlierBytes;
        writer.EarlierPosition = Position;
        writer.Run = run;
        writer.SetTail(Chunks.Tail);
        return writer.Length;
    }
}
