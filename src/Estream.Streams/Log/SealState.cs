namespace Estream.Streams.Log;

/// <summary>How far a log is sealed.</summary>
/// <param name="Position">Where the seal stands; -1 before the first.</param>
/// <param name="Last">The last message it covers; -1 before the first.</param>
/// <param name="Messages">Messages covered by it and all before it.</param>
/// <param name="Digest">Its digest.</param>
internal sealed record SealState(long Position, long Last, long Messages, byte[] Digest)
{
    public static SealState None { get; } = new(-1, -1, 0, new byte[SealDigest.Bytes]);

    public static SealState Of(in LogSealRecord.View record, long position) => new(position, record.Last, record.Messages, record.Digest.ToArray());

    public LogSeal? ToSeal() => Position < 0 ? null : new LogSeal(Position, Messages, Convert.ToHexStringLower(Digest));
}
