using System.Text;
using Estream.Core;
using Estream.Crypto;
using Estream.Queue;
using Estream.Streams.Internal;

namespace Estream.Streams.Mpc;

/// <summary>The parameters of a session that its first message fixes.</summary>
internal sealed class MpcStart
{
    private MpcStart(in MpcStartRecord.View record, ReadOnlySpan<byte> message)
    {
        Session = record.Session.ToArray();
        Deadline = record.Deadline;
        Digest = MpcHash.OfStart(message);
        foreach (ReadOnlySpan<byte> name in record.Names)
        {
            Names.Add(Encoding.UTF8.GetString(name));
        }

        foreach (ReadOnlySpan<byte> key in record.Keys)
        {
            Keys.Add(key.ToArray());
        }
    }

    public byte[] Session { get; }

    public long Deadline { get; }

    public byte[] Digest { get; }

    public List<string> Names { get; } = [];

    public List<byte[]> Keys { get; } = [];

    public int Parties => Names.Count;

    /// <summary>Reads the start message of a session at a position, and leaves the tailer after that message.</summary>
    /// <exception cref="ArgumentException">No session starts at the position.</exception>
    /// <exception cref="EstreamFormatException">This version does not support the session that starts at the position.</exception>
    public static MpcStart Read(QueueTailer tailer, long position)
    {
        tailer.Seek(position);
        if (!tailer.TryRead(out QueueMessage message)
            || message.Position != position
            || !Message.TryView(message.Payload, message.Position, out MpcStartRecord.View record))
        {
            throw new ArgumentException($"No session starts at position {position}. Use what MpcSum.Start returned.", nameof(position));
        }

        if (!MpcStartRecord.Validate(message.Payload).IsOk)
        {
            throw Unsound(position);
        }

        int parties = record.Names.Count;
        if (parties is < MpcSum.MinParties or > MpcSum.MaxParties || record.Keys.Count != parties)
        {
            throw Unsound(position);
        }

        var start = new MpcStart(in record, message.Payload);
        return start.Keys.All(key => key.Length == MlKem1024.PublicKeyBytes) ? start : throw Unsound(position);
    }

    private static EstreamFormatException Unsound(long position) => new(
        $"The session at position {position} is not supported: it must be a valid message with {MpcSum.MinParties} to "
        + $"{MpcSum.MaxParties} parties, each with an ML-KEM-1024 key. Start another session.", null);
}
