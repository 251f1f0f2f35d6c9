namespace Estream.Streams.Mpc;

/// <summary>The post of a party in a round, before the post is appended or after it is read.</summary>
internal readonly ref struct MpcPost
{
    public MpcPost(ReadOnlySpan<byte> session, int party, MpcRound round, ReadOnlySpan<byte> transcript, ReadOnlySpan<byte> body,
        ReadOnlySpan<byte> tags)
    {
        Session = session;
        Party = party;
        Round = round;
        Transcript = transcript;
        Body = body;
        Tags = tags;
    }

    public ReadOnlySpan<byte> Session { get; }

    public int Party { get; }

    public MpcRound Round { get; }

    public ReadOnlySpan<byte> Transcript { get; }

    public ReadOnlySpan<byte> Body { get; }

    public ReadOnlySpan<byte> Tags { get; }

    /// <summary>Reads a message if it is a valid post. An invalid post is ignored, and its party counts as silent.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out MpcPost post)
    {
        if (MpcPostRecord.View.TryOf(message, out MpcPostRecord.View record) && MpcPostRecord.Validate(message).IsOk)
        {
            post = new MpcPost(record.Session, record.Party, record.Round, record.Transcript, record.Body, record.Tags);
            return true;
        }

        post = default;
        return false;
    }
}
